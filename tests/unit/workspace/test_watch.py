"""The server's own watcher reports what changed, and ends when it is told to."""

import queue
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codanna_lsp.settings import Settings
from codanna_lsp.workspace import watch
from codanna_lsp.workspace.walk import list_folders
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
            heard = batches.get(timeout=0.2)
        except queue.Empty:
            continue
        if any("probe" in path for path in heard):
            return
    pytest.fail("the watcher never heard of a new file")


def check_heard(batches: "queue.Queue[list[str]]", *paths: str) -> None:
    """All paths are reported before the deadline, in however many batches."""
    missing = set(paths)
    end = time.monotonic() + DEADLINE_SECONDS
    while missing:
        missing -= set(batches.get(timeout=max(0.01, end - time.monotonic())))


def wait_for_a_look_everywhere(batches: "queue.Queue[list[str]]") -> None:
    while batches.get(timeout=DEADLINE_SECONDS):
        pass


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


def test_folders_that_come_later_are_watched_too(tmp_path: Path) -> None:
    with watching(tmp_path) as batches:
        (tmp_path / "new").mkdir()
        check_heard(batches, "new")
        wait_for_a_look_everywhere(batches)
        (tmp_path / "new/a.py").touch()
        check_heard(batches, "new/a.py")
        (tmp_path / "new/a.py").unlink()
        (tmp_path / "new").rmdir()
        check_heard(batches, "new")
        (tmp_path / "new").mkdir()
        check_heard(batches, "new")
        wait_for_a_look_everywhere(batches)
        (tmp_path / "new/b.py").touch()
        check_heard(batches, "new/b.py")


def test_what_is_ignored_or_outside_is_not_watched(tmp_path: Path) -> None:
    root, outside = tmp_path / "w", tmp_path / "outside"
    for folder in (root / "node_modules", root / "d", outside):
        folder.mkdir(parents=True)
    (root / "way").symlink_to(outside)
    with watching(root) as batches:
        (outside / "a.py").touch()
        (root / "node_modules/a.py").touch()
        (root / "d/last.py").touch()
        heard: set[str] = set()
        while "d/last.py" not in heard:
            heard.update(batches.get(timeout=DEADLINE_SECONDS))
    assert {path for path in heard if not path.startswith("probe")} == {"d/last.py"}


def test_the_rules_of_a_repository_are_watched(tmp_path: Path) -> None:
    info = tmp_path / ".git/info"
    info.mkdir(parents=True)
    with watching(tmp_path) as batches:
        (info / "exclude").write_text("a.py")
        check_heard(batches, ".git/info/exclude")


def test_it_polls_where_it_cannot_be_notified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "POLL_SECONDS", 0.02)
    plain = Watcher._watch
    tried: list[bool] = []

    def refusing(
        self: Watcher, folders: list[str], *, poll: bool, since_ns: int
    ) -> None:
        tried.append(poll)
        if not poll:
            raise OSError(28, "no space left on device")
        plain(self, folders, poll=poll, since_ns=since_ns)

    monkeypatch.setattr(Watcher, "_watch", refusing)
    with watching(tmp_path) as batches:
        (tmp_path / "a.py").write_text("x = 1")
        check_heard(batches, "a.py")
    assert tried[:2] == [False, True]


def test_it_stops_though_its_root_is_gone(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path / "gone", lambda _paths: None, debounce_ms=1)
    watcher.start()
    watcher.stop(timeout_seconds=DEADLINE_SECONDS)
    assert not watcher._thread.is_alive()


def test_a_root_that_was_removed_and_made_again_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "POLL_SECONDS", 0.02)
    root = tmp_path / "root"
    (root / "d").mkdir(parents=True)
    with watching(root) as batches:
        shutil.rmtree(root)
        check_heard(batches, "d")
        (root / "d").mkdir(parents=True)
        wait_for_a_look_everywhere(batches)
        _wait_until_it_hears(root / "d", batches)


def test_a_root_that_another_took_the_place_of_is_watched(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    for folder in (root, other):
        (folder / "d").mkdir(parents=True)
    with watching(root) as batches:
        root.rename(tmp_path / "old")
        other.rename(root)
        wait_for_a_look_everywhere(batches)
        _wait_until_it_hears(root / "d", batches)


def test_a_folder_that_comes_while_they_are_listed_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listing(root: Path, settings: Settings) -> list[str]:
        listed = list_folders(root, settings)
        (tmp_path / "late").mkdir(exist_ok=True)
        return listed

    monkeypatch.setattr(watch, "list_folders", listing)
    with watching(tmp_path) as batches:
        _wait_until_it_hears(tmp_path / "late", batches)


def test_a_folder_is_watched_that_a_rule_no_longer_hides(tmp_path: Path) -> None:
    (tmp_path / "hidden").mkdir()
    (tmp_path / ".gitignore").write_text("hidden/\n")
    with watching(tmp_path) as batches:
        (tmp_path / ".gitignore").write_text("")
        check_heard(batches, ".gitignore")
        wait_for_a_look_everywhere(batches)
        (tmp_path / "hidden/a.py").touch()
        check_heard(batches, "hidden/a.py")


def test_who_waited_too_short_is_told_to_look(tmp_path: Path) -> None:
    batches: queue.Queue[list[str]] = queue.Queue()
    watcher = Watcher(tmp_path, batches.put, debounce_ms=20)
    watcher.wait_until_up(0.0)
    assert batches.empty()
    watcher.start()
    assert batches.get(timeout=DEADLINE_SECONDS) == [], "what came before is not known"
    watcher.stop(timeout_seconds=DEADLINE_SECONDS)


def test_what_is_not_seen_while_watching_fails_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Watcher._watch

    def breaking(
        self: Watcher, folders: list[str], *, poll: bool, since_ns: int
    ) -> None:
        if poll:
            return plain(self, folders, poll=False, since_ns=since_ns)
        self._has_begun()
        raise OSError(5, "the watcher broke")

    monkeypatch.setattr(Watcher, "_watch", breaking)
    batches: queue.Queue[list[str]] = queue.Queue()
    watcher = Watcher(tmp_path, batches.put, debounce_ms=20)
    watcher.start()
    assert batches.get(timeout=DEADLINE_SECONDS) == []
    watcher.stop(timeout_seconds=DEADLINE_SECONDS)
