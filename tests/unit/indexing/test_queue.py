"""Paths wait until it is quiet; facts that were overtaken do not count."""

import threading

from codanna_lsp.indexing import queue as queue_module
from codanna_lsp.indexing.queue import ChangeQueue, Tickets

LONG_SECONDS = 60.0


def test_a_batch_holds_each_path_once() -> None:
    changes = ChangeQueue(debounce_ms=1)
    changes.put(["a", "b"])
    changes.put(["a", "c"])
    assert len(changes) == 3
    assert changes.wait_for_batch(timeout_seconds=LONG_SECONDS) == ["a", "b", "c"]
    assert len(changes) == 0


def test_nothing_is_due_before_it_is_quiet() -> None:
    changes = ChangeQueue(debounce_ms=60_000)
    changes.put(["a"])
    assert changes.wait_for_batch(timeout_seconds=0.01) == []
    assert changes.take() == ["a"]


def test_a_steady_stream_does_not_hold_a_batch_back_for_ever() -> None:
    changes = ChangeQueue(debounce_ms=5)
    stop = threading.Event()

    def stream() -> None:
        while not stop.wait(0.0005):
            changes.put(["a"])

    thread = threading.Thread(target=stream)
    thread.start()
    try:
        assert changes.wait_for_batch(timeout_seconds=LONG_SECONDS) == ["a"]
    finally:
        stop.set()
        thread.join()


def test_too_many_paths_become_the_whole_root() -> None:
    changes = ChangeQueue(debounce_ms=0)
    changes.put(f"{number}" for number in range(queue_module.MAX_PENDING_PATHS + 1))
    assert changes.take() == [""]


def test_closing_wakes_whoever_waits() -> None:
    changes = ChangeQueue(debounce_ms=1)
    woken: list[list[str]] = []
    thread = threading.Thread(target=lambda: woken.append(changes.wait_for_batch()))
    thread.start()
    changes.close()
    thread.join(LONG_SECONDS)
    assert woken == [[]]


def test_a_newer_ticket_of_one_file_beats_all_older_ones() -> None:
    tickets = Tickets()
    run = tickets.draw()
    assert tickets.is_newest("a", run)
    save = tickets.draw_for("a")
    assert not tickets.is_newest("a", run)
    assert tickets.is_newest("a", save)
    assert tickets.is_newest("b", run)
    assert tickets.is_newest("a", tickets.draw())
