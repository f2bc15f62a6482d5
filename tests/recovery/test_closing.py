"""A store that is closed gives its lock back, whatever it was doing.

A checkpoint's child holds the lock too: one that went on would keep the next session of
the same server, and every other process, from writing.
"""

import os
import signal
import threading
from pathlib import Path

import pytest

from codanna_lsp.errors import DiskError, LockedError
from codanna_lsp.store.checkpoints import checkpoint_process
from codanna_lsp.store.checkpoints.jobs import check_job
from codanna_lsp.store.checkpoints.saving import check_search
from codanna_lsp.store.holding.held_folder import HeldFolder
from tests.recovery.saved_index import (
    Opened,
    State,
    check_silent,
    commit,
    opened,
    state_of,
    write_history,
)

DEADLINE_S = 30.0


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, State]:
    return tmp_path / "index", write_history(tmp_path / "index")


def held_by(one: Opened) -> HeldFolder:
    held = one.store._live.held
    assert held is not None
    return held


def prepared(one: Opened) -> int:
    """Have a child wait for the next checkpoint; its process id."""
    one.store.prepare_checkpoint()
    child = held_by(one).work._waiting
    assert child is not None
    return child.pid


def is_running(child: int) -> bool:
    try:
        os.kill(child, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_that_waits_ends(saved: tuple[Path, State]) -> None:
    folder, state = saved
    one = Opened(folder, inline=False)
    child = prepared(one)
    assert is_running(child)
    one.store.close()
    assert not is_running(child)
    check_silent(folder, state)


def test_a_checkpoint_that_is_written_is_given_up(saved: tuple[Path, State]) -> None:
    folder, _ = saved
    one = Opened(folder, inline=False)
    commit(one.store, [9], version=5)
    state = state_of(one.store)
    child = prepared(one)
    os.kill(child, signal.SIGSTOP)  # so it is not done before it is ended
    done: list[bool] = []
    begun = threading.Event()

    def checkpoint() -> None:
        begun.set()
        done.append(one.store.checkpoint())

    thread = threading.Thread(target=checkpoint)
    thread.start()
    assert begun.wait(DEADLINE_S)
    one.store.close()
    assert not is_running(child)
    thread.join(DEADLINE_S)
    assert done == [False]
    assert one.codes == []  # the journal has all of it: there is nothing to tell
    with opened(folder) as two:
        assert two.store.mode == "writer"
    check_silent(folder, state)


def test_no_child_is_started_any_more(saved: tuple[Path, State]) -> None:
    """By a run that did not stop in time."""
    one = Opened(saved[0], inline=False)
    held = held_by(one)
    one.store.close()
    held.work.prepare()
    assert held.work._waiting is None
    with pytest.raises(DiskError, match="closed"):
        held.work(check_job("tantivy-1"))
    assert not check_search(one.store._live, held)
    assert one.codes == []  # that says nothing about the bytes


def test_a_search_index_that_another_holds_is_not_damaged(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, state = saved

    def refuse(_job: object) -> None:
        raise LockedError("another process holds the search index", holder=None)

    with opened(folder) as one:
        with monkeypatch.context() as patched:
            patched.setattr(held_by(one), "work", refuse)
            assert not one.store.check_search_index()
        assert one.codes == []
        assert one.store.check_search_index()
    check_silent(folder, state)


def test_the_lock_is_given_back_whatever_fails(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, state = saved
    one = Opened(folder, inline=False)
    prepared(one)

    def fail() -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(held_by(one).writer, "close", fail)
    with pytest.raises(RuntimeError):
        one.store.close()
    check_silent(folder, state)


def test_a_child_that_is_stopped_is_given_up(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkpoint that would never end is a failed one, and the next one works."""
    folder, state = saved
    with opened(folder, inline=False) as one:
        assert one.store.check_search_index()
        os.kill(prepared(one), signal.SIGSTOP)
        with monkeypatch.context() as patched:
            patched.setattr(checkpoint_process, "ANSWER_LIMIT_S", 0.5)
            assert not one.store.checkpoint()
        assert one.codes == ["CHECKPOINT_FAILED"]
        assert one.store.checkpoint()
        assert state_of(one.store) == state
    check_silent(folder, state)
