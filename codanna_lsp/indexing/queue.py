"""The queue of paths to look at again, and the tickets that tell old facts from new.

Invariant: a path waits once, however often it is put.
Invariant: facts whose ticket is older than their file's newest are never committed.
"""

import threading
import time
from collections.abc import Iterable

MAX_PENDING_PATHS = 20_000
MAX_WAIT_FACTOR = 10


class ChangeQueue:
    """Paths that changed, gathered until it is quiet; for any number of threads.

    A batch is due when nothing came for `debounce_ms`, or when its first path has
    waited MAX_WAIT_FACTOR times as long. More than MAX_PENDING_PATHS become "", the
    root: look at everything.
    """

    def __init__(self, *, debounce_ms: int) -> None:
        self._debounce_seconds = debounce_ms / 1000
        self._paths: dict[str, None] = {}
        self._first = self._last = 0.0
        self._changed = threading.Condition()
        self._closed = False

    def put(self, paths: Iterable[str]) -> None:
        """Add paths, files or folders, relative to the root."""
        now = time.monotonic()
        with self._changed:
            if not self._paths:
                self._first = now
            self._last = now
            self._paths.update(dict.fromkeys(paths))
            if len(self._paths) > MAX_PENDING_PATHS:
                self._paths = {"": None}
            self._changed.notify_all()

    def wait_for_batch(self, *, timeout_seconds: float | None = None) -> list[str]:
        """The paths of the next batch that is due; [] after the time, or when closed."""
        end = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                due = self._due()
                if self._paths and now >= due:
                    return self._take()
                waits = [at - now for at in (due if self._paths else None, end) if at]
                if end is not None and now >= end:
                    return []
                self._changed.wait(min(waits) if waits else None)
        return []

    def take(self) -> list[str]:
        """All paths that wait, due or not."""
        with self._changed:
            return self._take()

    def close(self) -> None:
        """Wake up whoever waits; nothing comes any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        return len(self._paths)

    def _due(self) -> float:
        longest = self._first + MAX_WAIT_FACTOR * self._debounce_seconds
        return min(self._last + self._debounce_seconds, longest)

    def _take(self) -> list[str]:
        paths, self._paths = list(self._paths), {}
        return paths


class Tickets:
    """Numbers that say in which order files were taken up; for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._newest: dict[str, int] = {}

    def draw(self) -> int:
        """A ticket for work on files that nobody has singled out."""
        with self._lock:
            self._last += 1
            return self._last

    def draw_for(self, path: str) -> int:
        """A ticket for one file; older ones do not count for it any more."""
        with self._lock:
            self._last += 1
            self._newest[path] = self._last
            return self._last

    def is_newest(self, path: str, ticket: int) -> bool:
        """Whether facts read under this ticket may be committed."""
        return self._newest.get(path, 0) <= ticket
