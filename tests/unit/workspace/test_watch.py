"""The server's own watcher reports what changed, and ends when it is told to."""

import queue
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codanna_lsp.workspace import watch
from codanna_lsp.workspace.watch import Watcher

DEADLINE_SECONDS = 30.0


@contextmanager
def watching(root: Path) -> Generator["queue.Queue[list[str]]"]:
    batches: queue.Queue[list[str]] = queue.Queue()
    watcher = Watcher(root, batches.put, debounce_ms=20)
    watcher.start()
    try:
        _wait_until_it_hears(root, batches)
        yield batches
    finally:
        watcher.stop()
        assert not watcher._thread.is_alive()


def _wait_until_it_hears(root: Path, batches: "queue.Queue[list[str]]") -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    number = 0
    while time.monotonic() < end:
        number += 1
        (root / f"probe{number}").touch()
        try:
            batches.get(timeout=0.2)
        except queue.Empty:
            continue
        return
    pytest.fail("the watcher never heard of a new file")


def check_heard(batches: "queue.Queue[list[str]]", *paths: str) -> None:
    """All paths are reported before the deadline, in however many batches."""
    missing = set(paths)
    end = time.monotonic() + DEADLINE_SECONDS
    while missing:
        missing -= set(batches.get(timeout=max(0.01, end - time.monotonic())))


def test_new_changed_renamed_and_removed_files(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    (tmp_path / "d").mkdir()
    with watching(tmp_path) as batches:
        (tmp_path / "a.py").write_text("x = 1")
        (tmp_path / "d/new.py").touch()
        check_heard(batches, "a.py", "d/new.py")
        (tmp_path / "a.py").rename(tmp_path / "b.py")
        (tmp_path / "d/new.py").unlink()
        check_heard(batches, "a.py", "b.py", "d/new.py")


def test_it_polls_where_it_cannot_be_notified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "POLL_SECONDS", 0.02)
    plain = Watcher._watch
    tried: list[bool] = []

    def refusing(self: Watcher, *, poll: bool) -> None:
        tried.append(poll)
        if not poll:
            raise OSError(28, "no space left on device")
        plain(self, poll=poll)

    monkeypatch.setattr(Watcher, "_watch", refusing)
    with watching(tmp_path) as batches:
        (tmp_path / "a.py").write_text("x = 1")
        check_heard(batches, "a.py")
    assert tried == [False, True]


def test_it_stops_though_its_root_is_gone(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path / "gone", lambda _paths: None, debounce_ms=1)
    watcher.start()
    watcher.stop(timeout_seconds=DEADLINE_SECONDS)
    assert not watcher._thread.is_alive()
