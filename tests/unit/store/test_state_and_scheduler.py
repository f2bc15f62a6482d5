"""What is shown of the index, and when a checkpoint is due."""

import pytest

from codanna_lsp.errors import OurBug
from codanna_lsp.store.checkpoints.scheduler import (
    SMALL_SNAPSHOT_BYTES,
    SnapshotScheduler,
)
from codanna_lsp.store.state import PUBLISH_AFTER_MS, IndexState, StateTracker

LARGE = SMALL_SNAPSHOT_BYTES * 2


def test_the_first_state_that_holds_is_shown() -> None:
    files: list[str] = []
    tracker = StateTracker(lambda: bool(files))
    seen = [tracker.shown().state]
    for move in (
        tracker.start_loading,
        tracker.finish_loading,
        lambda: files.append("a"),
        tracker.start_checkpoint,
        tracker.start_run,
        tracker.begin_transaction,
        tracker.finish_run,
        lambda: tracker.damaged("both stores are bad"),
        tracker.end_transaction,
        tracker.repaired,
        tracker.finish_checkpoint,
    ):
        move()
        seen.append(tracker.shown().state)
    assert seen == [
        IndexState.EMPTY,
        IndexState.LOADING,
        IndexState.EMPTY,
        IndexState.READY,
        IndexState.SAVING,
        IndexState.INDEXING,
        IndexState.INDEXING,
        IndexState.INDEXING,
        IndexState.CORRUPTED,
        IndexState.CORRUPTED,
        IndexState.SAVING,
        IndexState.READY,
    ]


@pytest.mark.parametrize(
    "moves",
    [
        "finish_loading",
        "start_loading start_loading",
        "finish_checkpoint",
        "start_checkpoint start_checkpoint",
        "finish_run",
        "start_run start_run",
        "end_transaction",
    ],
)
def test_illegal_moves_are_our_bugs(moves: str) -> None:
    tracker = StateTracker(lambda: True)
    *before, last = moves.split()
    for move in before:
        getattr(tracker, move)()
    with pytest.raises(OurBug):
        getattr(tracker, last)()


def test_short_moves_are_not_published_but_damage_is() -> None:
    tracker = StateTracker(lambda: True)
    tracker.start_loading()
    tracker.finish_loading()
    assert tracker.next_to_publish(now_ms=0) is None
    shown = tracker.next_to_publish(now_ms=PUBLISH_AFTER_MS)
    assert shown is not None
    assert shown.state == IndexState.READY
    tracker.start_checkpoint()
    assert tracker.next_to_publish(now_ms=1000) is None
    tracker.finish_checkpoint()
    assert tracker.next_to_publish(now_ms=1200) is None
    tracker.damaged("bad bytes")
    shown = tracker.next_to_publish(now_ms=1201)
    assert shown == (IndexState.CORRUPTED, "bad bytes")
    assert tracker.next_to_publish(now_ms=1202) is None


def due(
    scheduler: SnapshotScheduler, now: float, *, journal: int = 0, snapshot: int = 0
) -> bool:
    return scheduler.is_due(now=now, journal_bytes=journal, snapshot_bytes=snapshot)


def test_small_snapshots_go_by_changes_and_age() -> None:
    scheduler = SnapshotScheduler(now=0)
    assert not due(scheduler, 10_000)
    scheduler.changed(files=999, now=100)
    assert not due(scheduler, 399)
    assert due(scheduler, 400)
    scheduler.changed(files=1, now=101)
    assert due(scheduler, 101)
    scheduler.succeeded(now=101, journal_bytes=0)
    assert not due(scheduler, 5_000)


def test_large_snapshots_go_by_the_journal_and_idleness() -> None:
    scheduler = SnapshotScheduler(now=0)
    scheduler.changed(files=5_000, now=1)
    assert not due(scheduler, 2, snapshot=LARGE, journal=LARGE // 4)
    assert due(scheduler, 2, snapshot=LARGE, journal=LARGE // 4 + 1)
    assert due(scheduler, 301, snapshot=LARGE)
    scheduler.succeeded(now=301, journal_bytes=0)
    scheduler.changed(files=1, now=302)
    assert not due(scheduler, 900, snapshot=LARGE, journal=LARGE)
    assert due(scheduler, 901, snapshot=LARGE, journal=LARGE)


def test_index_runs_suspend_it_but_for_a_doubled_journal() -> None:
    scheduler = SnapshotScheduler(now=0)
    scheduler.suspend(journal_bytes=100 << 20)
    scheduler.changed(files=100_000, now=1)
    assert not due(scheduler, 9_999, journal=199 << 20)
    assert due(scheduler, 2, journal=200 << 20)
    scheduler.resume()
    assert due(scheduler, 3)


def test_failures_back_off() -> None:
    scheduler = SnapshotScheduler(now=0)
    scheduler.want()
    waits: list[float] = []
    now = 0.0
    for _ in range(12):
        assert due(scheduler, now)
        scheduler.failed(now=now)
        start = now
        while not due(scheduler, now):
            now += 0.5
        waits.append(now - start)
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == 300
    scheduler.succeeded(now=now, journal_bytes=0)
    assert not due(scheduler, now)
