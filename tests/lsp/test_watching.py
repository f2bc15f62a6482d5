"""The server's own watcher: whatever is renamed after "ready" is found.

A client that watches nothing, as Neovim on Linux and Emacs with our package.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codanna_lsp.server.keeping import own_watcher
from codanna_lsp.workspace.watch import Watcher
from tests.lsp.in_process import InProcessClient
from tests.lsp.raw_client import DEADLINE_S, PipeClient, RawClient
from tests.lsp.workspaces import index_here, wait_for_symbols, wait_until_quiet

RENAMES = 12
OPTIONS: dict[str, Any] = {"jobs": 1, "watch": "server", "debounceMs": 20}


def begin(client: PipeClient, root: Path, **options: Any) -> None:
    """As Emacs does: it sends its settings at once."""
    client.initialize(
        rootUri=root.as_uri(), initializationOptions={**OPTIONS, **options}
    )
    settings = {"settings": {"codanna": {**OPTIONS, **options}}}
    client.notify("workspace/didChangeConfiguration", settings)


def rename_there_and_back(client: PipeClient, root: Path) -> None:
    """Each rename comes as soon as the one before can be seen."""
    names = ["src/lib.rs", "src/engine.rs"]
    for number in range(RENAMES):
        old, new = names[number % 2], names[1 - number % 2]
        (root / old).rename(root / new)
        wait_for_symbols(client, "ignite", [f"{Path(new).name}:2:11-17 Engine.ignite"])


def test_renames_right_after_ready_in_a_new_index(root: Path) -> None:
    with RawClient() as client:
        begin(client, root, indexPlace="memory")
        wait_until_quiet(client)
        rename_there_and_back(client, root)
        assert client.leave() == 0


def test_renames_right_after_ready_in_a_known_index(
    root: Path, cache: dict[str, str]
) -> None:
    index_here(root, cache)
    with RawClient(environment=cache) as client:
        begin(client, root)
        wait_until_quiet(client)
        rename_there_and_back(client, root)
        assert client.leave() == 0


@pytest.fixture
def let_watch(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Hold the watcher up, as a busy machine does; call to let it begin."""
    go = threading.Event()
    plain = Watcher._watch

    def late(self: Watcher, folders: list[str], *, poll: bool, since_ns: int) -> None:
        go.wait(DEADLINE_S)
        plain(self, folders, poll=poll, since_ns=since_ns)

    monkeypatch.setattr(Watcher, "_watch", late)
    monkeypatch.setattr(own_watcher, "UP_WITHIN_S", 0.05)
    return go.set


def test_what_changes_before_a_late_watcher_begins_is_found(
    root: Path, let_watch: Callable[[], None]
) -> None:
    with InProcessClient() as client:
        begin(client, root, indexPlace="memory")
        wait_until_quiet(client)
        (root / "src/lib.rs").rename(root / "src/engine.rs")
        (root / "new").mkdir()
        (root / "new/first.py").write_text("def first(): pass\n")
        let_watch()
        wait_for_symbols(client, "ignite", ["engine.rs:2:11-17 Engine.ignite"])
        wait_for_symbols(client, "first", ["first.py:0:4-9 first"])
        # The new folder is watched like those that were there.
        (root / "new/first.py").rename(root / "new/second.py")
        wait_for_symbols(client, "first", ["second.py:0:4-9 first"])
        client.request("shutdown")
        client.notify("exit")
        assert client.wait_for_exit() == 0
    assert client.troubles == []


def test_folders_that_come_in_folders_that_come(root: Path) -> None:
    with RawClient() as client:
        begin(client, root, indexPlace="memory")
        wait_until_quiet(client)
        folder = root
        for depth in range(4):
            folder = folder / f"deeper{depth}"
            folder.mkdir()
            (folder / "x.py").write_text(f"def found{depth}(): pass\n")
            wait_for_symbols(client, f"found{depth}", [f"x.py:0:4-10 found{depth}"])
        (root / "deeper0").rename(root / "moved")
        (folder_now,) = (root / "moved").rglob("deeper3")
        (folder_now / "x.py").write_text("def found4(): pass\n")
        wait_for_symbols(client, "found4", ["x.py:0:4-10 found4"])
        assert client.leave() == 0
