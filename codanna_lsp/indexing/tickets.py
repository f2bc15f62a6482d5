"""Tickets: which of two readings of a file is the newer one.

Invariant: facts whose ticket is older than their file's newest are never committed.
"""

import threading


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
