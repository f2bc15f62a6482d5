"""A text that ends the server ends it once: the next one knows which it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codanna_lsp.store.holding.parse_notes import PARSE_NOTES_NAME
from codanna_lsp.workspace.fingerprint import digest
from tests.lsp import workspaces
from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    change,
    check_answers,
    open_file,
    outline,
    save,
    symbols,
    wait_until_quiet,
)

GOOD = "def good(): pass\n"
BAD = f"{GOOD}# crash\n"
SAID = "codanna-lsp: bad.py is left out until it changes: the parser crashed"


def started(root: Path, cache: dict[str, str]) -> RawClient:
    client = RawClient(environment=cache, module="tests.lsp.mortal_server")
    client.initialize(rootUri=root.as_uri(), initializationOptions={"jobs": 1})
    return client


def saved(client: RawClient, path: Path) -> None:
    """The file is written while it is open with its old text, and a save is told."""
    open_file(client, path, GOOD)
    path.write_text(BAD)
    save(client, path)


def shown(client: RawClient, path: Path) -> None:
    """The unsaved text is asked about."""
    open_file(client, path, BAD)
    client.ask("textDocument/documentSymbol", where(path))


def typed(client: RawClient, path: Path) -> None:
    """The unsaved text is read behind the typing."""
    open_file(client, path, GOOD)
    change(client, path, BAD)


def asked(client: RawClient, path: Path) -> None:
    """A definition is asked for, which takes the live tree."""
    open_file(client, path, BAD)
    client.ask("textDocument/definition", where(path))


def where(path: Path) -> dict[str, Any]:
    position = {"line": 0, "character": 5}
    return {"textDocument": {"uri": path.as_uri()}, "position": position}


@pytest.mark.parametrize("death", [saved, shown, typed, asked])
def test_a_text_ends_the_server_once(
    root: Path, cache: dict[str, str], death: Callable[[RawClient, Path], None]
) -> None:
    path = root / "bad.py"
    path.write_text(GOOD)
    with started(root, cache) as client:
        wait_until_quiet(client)
        assert symbols(client, "good") == ["bad.py:0:4-8 good"]
        death(client, path)
        assert client.wait_for_exit() < 0
    for _ in range(2):
        with started(root, cache) as client:  # which editors ask at once
            open_file(client, path, BAD)
            assert "good" not in outline(client, path)
            wait_until_quiet(client)
            check_answers(client)
            assert workspaces.shown(client) == [SAID]
            change(client, path, f"{GOOD}# mended\n")
            assert outline(client, path) == ["good"]
            assert client.leave() == 0


def test_a_text_that_was_only_being_parsed_is_shown(
    root: Path, cache: dict[str, str]
) -> None:
    """A kill in the middle of a parse says nothing against the text."""
    path = root / "bad.py"
    path.write_text(GOOD)
    with started(root, cache) as client:
        assert client.leave() == 0
    (lock,) = Path(cache["XDG_CACHE_HOME"]).rglob("writer.lock")
    notes = lock.with_name(PARSE_NOTES_NAME)
    text = f"{GOOD}# never saved\n"
    notes.write_bytes(digest(text.encode()))
    with started(root, cache) as client:
        open_file(client, path, text)
        assert outline(client, path) == ["good"]
        assert workspaces.shown(client) == []
        assert client.leave() == 0
    assert not any(notes.read_bytes())
