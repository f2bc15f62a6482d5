"""What is done behind the answers now and then, and that its failures are seen."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from codanna_lsp.errors import DiskError
from codanna_lsp.server.keeping import tending
from codanna_lsp.settings import Settings
from codanna_lsp.store.index_store import IndexStore
from tests.lsp.in_process import InProcessClient
from tests.lsp.raw_client import DEADLINE_S
from tests.lsp.workspaces import check_answers, shown, wait_until_quiet


def wait_for(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def session(root: Path, tmp_path: Path) -> InProcessClient:
    """A server in this process, whose index is on disk, with its answers complete."""
    client = InProcessClient(Settings(index_folder=str(tmp_path / "indexes")))
    client.initialize(rootUri=root.as_uri(), initializationOptions={"jobs": 1})
    wait_until_quiet(client)
    return client


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("ours"), DiskError("cannot look", path=Path())]
)
def test_upkeep_that_fails_is_seen(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    def fail(_store: IndexStore) -> bool:
        raise error

    monkeypatch.setattr(IndexStore, "check_search_index", fail)
    caplog.set_level(logging.WARNING, "codanna_lsp.server")
    with session(root, tmp_path) as client:
        wait_for(lambda: "work on" in caplog.text)
        check_answers(client)
        if isinstance(error, DiskError):
            wait_for(lambda: [text for text in shown(client) if "cannot look" in text])
        client.request("shutdown")
        client.notify("exit")
        assert client.wait_for_exit() == 0


def test_every_generation_is_verified(root: Path, tmp_path: Path) -> None:
    """Not only the one that was loaded."""

    def is_verified(generation: int) -> bool:
        (found,) = client.request("codanna/status")["roots"]
        return bool((found["generation"], found["verified"]) == (generation, "all"))

    with session(root, tmp_path) as client:
        wait_for(lambda: is_verified(1))
        client.request("workspace/executeCommand", {"command": "codanna.repair"})
        wait_for(lambda: is_verified(2))
        client.request("shutdown")
        client.notify("exit")
        assert client.wait_for_exit() == 0


@pytest.mark.parametrize("name", ["take_over_requests", "publish"])
def test_upkeep_goes_on_after_our_own_bug(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    calls: list[object] = []
    job = getattr(tending, name)

    def fail_once(*given: object, **named: object) -> None:
        calls.append(given)
        if len(calls) == 1:
            raise ZeroDivisionError
        job(*given, **named)

    monkeypatch.setattr(tending, name, fail_once)
    with session(root, tmp_path) as client:
        wait_for(lambda: len(calls) > 2)
        assert "ZeroDivisionError" in caplog.text
        check_answers(client)
        client.request("shutdown")
        client.notify("exit")
        assert client.wait_for_exit() == 0
