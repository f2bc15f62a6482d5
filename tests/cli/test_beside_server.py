"""Beside a running server the server does the work; the commands pass on what it says."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from codanna_lsp.cli import beside
from codanna_lsp.cli.demo.damage import flip_bytes
from codanna_lsp.cli.demo.session import ServerSession
from codanna_lsp.store.holding.lock import take_lock
from tests.cli.conftest import Command

Folder = Callable[[], Path]


@pytest.fixture
def server(workspace: Path, command: Command) -> Generator[ServerSession]:
    """A real server that holds the workspace's index."""
    command("index")
    with ServerSession(workspace, {}) as session:
        # Its index has been loaded, and its lock is held.
        session.wait_until_ready()
        yield session


def test_index_is_done_by_the_server(
    server: ServerSession, command: Command, workspace: Path
) -> None:
    (workspace / "new.py").write_text("class Voucher: ...\n")
    told = command("index")
    assert told.code == 0, told.err
    assert "5 files, 8 symbols, indexed by the running server" in told.out
    assert "the server" in told.err
    assert server.ask("workspace/symbol", {"query": "Voucher"}).result
    assert command("index", "--force", "--json").json["files"] == 5


def test_questions_are_answered_beside_it(
    server: ServerSession, command: Command
) -> None:
    assert server.messages == []
    assert command("search", "BasketView").code == 0
    assert command("status", "--json").json["mode"] == "reader"
    assert command("verify").code == 0


def test_repair_is_done_by_the_server(
    server: ServerSession, command: Command, index_folder: Folder
) -> None:
    (store,) = index_folder().glob("tantivy-*/*.store")
    flip_bytes(store)
    assert command("verify").code == 4
    told = command("repair")
    assert told.code == 0, told.err
    assert command("verify").code == 0
    assert server.ask("workspace/symbol", {"query": "ShoppingBasket"}).result


def test_clean_is_done_by_the_server(
    server: ServerSession, command: Command, index_folder: Folder
) -> None:
    told = command("clean")
    assert told.code == 0
    assert "removed" in told.err
    # The server has an index as long as it runs, and waits for the new one.
    assert server.ask("workspace/symbol", {"query": "ShoppingBasket"}).result
    assert index_folder().is_dir()


def test_clean_beside_it_is_json_too(
    server: ServerSession, command: Command, workspace: Path
) -> None:
    assert server.messages == []
    assert command("status", "--json").json["holder"] > 1
    said = command("clean", "--json").json
    assert said["root"] == str(workspace)
    assert said["bytes"] > 0


def test_a_holder_that_does_not_answer(
    command: Command, index_folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("index")
    monkeypatch.setattr(beside, "TAKEN_WITHIN_S", 0.2)
    folder = index_folder()
    lock = take_lock(folder)
    try:
        for name in ("index", "repair", "clean"):
            told = command(name)
            assert told.code == 5, name
            assert "does not answer" in told.err
        assert not list(folder.glob("request-*")), "what nobody took is taken back"
    finally:
        lock.release()
