"""A text that ends the server ends it once: the next one knows which it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codanna_lsp.store.holding.parse_notes import PARSE_NOTES_NAME
from codanna_lsp.workspace.fingerprint import digest
from tests.lsp import workspaces
from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import check_answers, symbols, wait_until_quiet

GOOD = "def good(): pass\n"
BAD = f"{GOOD}# crash\n"
SAID = "codanna-lsp: bad.py is left out until it changes: the parser crashed"


def started(root: Path, cache: dict[str, str]) -> RawClient:
    client = RawClient(environment=cache, module="tests.lsp.mortal_server")
    client.initialize(rootUri=root.as_uri(), initializationOptions={"jobs": 1})
    return client


def opened(client: RawClient, path: Path, text: str) -> dict[str, Any]:
    document = {"uri": path.as_uri(), "languageId": "python", "version": 1}
    client.notify("textDocument/didOpen", {"textDocument": {**document, "text": text}})
    return {"textDocument": {"uri": path.as_uri()}}


def outline(client: RawClient, document: dict[str, Any]) -> list[str]:
    found = client.request("textDocument/documentSymbol", document)
    return [item["name"] for item in found]


def saved(client: RawClient, path: Path) -> None:
    """The file is written while it is open with its old text, and a save is told."""
    document = opened(client, path, GOOD)
    path.write_text(BAD)
    client.notify("textDocument/didSave", document)


def shown(client: RawClient, path: Path) -> None:
    """The unsaved text is asked about."""
    client.ask("textDocument/documentSymbol", opened(client, path, BAD))


def typed(client: RawClient, path: Path) -> None:
    """The unsaved text is read behind the typing."""
    opened(client, path, GOOD)
    where = {"uri": path.as_uri(), "version": 2}
    change = {"textDocument": where, "contentChanges": [{"text": BAD}]}
    client.notify("textDocument/didChange", change)


def asked(client: RawClient, path: Path) -> None:
    """A definition is asked for, which takes the live tree."""
    document = opened(client, path, BAD)
    where = {**document, "position": {"line": 0, "character": 5}}
    client.ask("textDocument/definition", where)


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
            document = opened(client, path, BAD)
            assert "good" not in outline(client, document)
            wait_until_quiet(client)
            check_answers(client)
            assert workspaces.shown(client) == [SAID]
            change = {"uri": path.as_uri(), "version": 2}
            text = {"contentChanges": [{"text": f"{GOOD}# mended\n"}]}
            client.notify("textDocument/didChange", {"textDocument": change, **text})
            assert outline(client, document) == ["good"]
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
        assert outline(client, opened(client, path, text)) == ["good"]
        assert workspaces.shown(client) == []
        assert client.leave() == 0
    assert not any(notes.read_bytes())
