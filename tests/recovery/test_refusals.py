"""What the operating system refuses for a while costs nothing, and is said once.

A refusal says nothing about the bytes: nothing is set aside for it, a reader goes on
reading, and what cannot be started is tried again, later each time.
"""

import errno
import os
import subprocess
import time
from pathlib import Path

import pytest

from codanna_lsp.errors import DiskError
from codanna_lsp.store.checkpoints import saving
from codanna_lsp.store.holding.lock import take_lock
from tests.recovery.crashing_disk import CrashingDisk
from tests.recovery.saved_index import (
    Opened,
    State,
    check_silent,
    commit,
    manifest_of,
    opened,
    state_of,
)


def test_refused_loads_are_no_crashes(saved: tuple[Path, State]) -> None:
    """Three loads that the disk refused count for nothing: no process ended in them."""
    folder, state = saved
    snapshot = manifest_of(folder).snapshot
    for _ in range(3):
        with opened(folder, disk=CrashingDisk(unreadable=snapshot)) as one:
            assert one.codes == ["IN_MEMORY"]
    with opened(folder) as one:
        assert one.codes == []
    check_silent(folder, state)


def test_a_reader_may_not_read_for_a_while(saved: tuple[Path, State]) -> None:
    folder, state = saved
    writer = Opened(folder)
    disk = CrashingDisk(unreadable=manifest_of(folder).snapshot)
    reader = Opened(folder, disk=disk)
    assert (reader.store.mode, reader.codes) == ("reader", ["READER"])
    assert not reader.store.follow()
    commit(reader.store, [30], version=0)
    assert len(state_of(reader.store)) == 1, "what it knows by itself is answered"
    disk.allow_all()
    assert reader.store.follow()
    assert len(state_of(reader.store)) == len(state) + 1
    reader.store.close()
    writer.store.close()


def test_a_process_that_cannot_be_started(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkpoint that finds no process for it is a failed one: told, tried later."""
    folder, _ = saved

    def refuse(*_given: object, **_named: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    with opened(folder, inline=False) as one:
        commit(one.store, [50], version=0)
        with monkeypatch.context() as patched:
            patched.setattr(subprocess, "Popen", refuse)
            one.store.prepare_checkpoint()
            before = time.monotonic()
            assert not one.store.checkpoint()
            assert one.codes == ["CHECKPOINT_FAILED"]
            assert "no process" in one.said[0].damaged
            one.store.scheduler.want()
            assert not one.store.is_checkpoint_due(now=before)
        expected = state_of(one.store)
        assert one.store.checkpoint()
        assert one.store.troubles == ()
    check_silent(folder, expected)


def test_a_checkpoint_that_ends_in_our_bug_is_put_off(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes to whoever asked for it, and is not begun again at once, for ever."""
    folder, state = saved

    def fail(*_given: object) -> None:
        raise ZeroDivisionError

    with opened(folder) as one:
        one.store.scheduler.want()
        with monkeypatch.context() as patched:
            patched.setattr(saving, "_save", fail)
            before = time.monotonic()
            assert one.store.is_checkpoint_due(now=before)
            with pytest.raises(ZeroDivisionError):
                one.store.checkpoint()
        assert not one.store.is_checkpoint_due(now=before)
        assert one.store.checkpoint()
    check_silent(folder, state)


def test_a_lock_that_cannot_be_looked_at(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no folder which was removed: what waits is written when it can be."""
    folder, _ = saved
    lstat = os.lstat

    def refuse(path: str | Path, *, dir_fd: int | None = None) -> os.stat_result:
        if Path(path).name == "writer.lock":
            raise OSError(errno.EIO, "Input/output error")
        return lstat(path, dir_fd=dir_fd)

    with opened(folder) as one:
        with monkeypatch.context() as patched:
            patched.setattr(os, "lstat", refuse)
            assert not commit(one.store, [50], version=0)
            assert not one.store.checkpoint()
        assert (one.store.mode, one.codes) == (
            "writer",
            ["NOT_DURABLE", "CHECKPOINT_FAILED"],
        )
        assert one.store.make_durable()
        expected = state_of(one.store)
    check_silent(folder, expected)


def test_a_lock_that_cannot_be_looked_at_is_not_kept(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, state = saved

    def refuse(_descriptor: int) -> os.stat_result:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("codanna_lsp.store.holding.lock.os.fstat", refuse)
        with pytest.raises(DiskError):
            take_lock(folder)
    check_silent(folder, state)
