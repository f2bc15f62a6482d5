"""Worker: one daemon thread of our own that does jobs in the order they came.

Invariant: jobs of one worker never overlap.
Invariant: the process can end while a job runs; what must survive is in the journal.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from codanna_lsp.server import guard

_Result = TypeVar("_Result")


class Worker:
    """Runs jobs one after the other, apart from the loop that talks to the client."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = (
            queue.SimpleQueue()
        )
        self._thread: threading.Thread | None = None
        self._closed = False
        self._busy = 0
        self._lock = threading.Lock()

    @property
    def is_idle(self) -> bool:
        """True when no job runs or waits."""
        return self._busy == 0

    def submit(self, job: Callable[[], _Result]) -> Future[_Result]:
        """Queue a job; its future carries what it returns or raises."""
        future: Future[_Result] = Future()
        with self._lock:
            if self._closed:
                future.cancel()
                return future
            self._busy += 1
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name=self._name, daemon=True
                )
                self._thread.start()
            self._jobs.put((future, job))
        return future

    def close(self, *, timeout_s: float) -> bool:
        """Take no more jobs, drop those that wait; True when the running one ended."""
        with self._lock:
            self._closed = True
            thread = self._thread
        while True:
            try:
                item = self._jobs.get_nowait()
            except queue.Empty:
                break
            if item is not None:
                item[0].cancel()
        self._jobs.put(None)
        if thread is None or thread is threading.current_thread():
            return True
        thread.join(timeout_s)
        return not thread.is_alive()

    def _run(self) -> None:
        while (item := self._jobs.get()) is not None:
            future, job = item
            guard.fulfil(future, job)
            with self._lock:
                self._busy -= 1
