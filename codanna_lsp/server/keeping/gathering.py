"""Gathering: many reports of changed files become one look at them.

Invariant: however reports follow each other, a look is never put off for longer than
    MOST_PERIODS debounce periods, or MOST_S where that is shorter.
Invariant: no more than MAX_CHANGED_PATHS are kept; past that, everything is looked at.
"""

import asyncio
from collections.abc import Callable, Iterable

MAX_CHANGED_PATHS = 20_000
MOST_PERIODS = 5
MOST_S = 1.0
EVERYTHING = ""  # the root's own path: look at all files


class Gathering:
    """Used on the loop only; `look` is called there with the paths of one batch."""

    def __init__(self, look: Callable[[set[str]], None]) -> None:
        self._look = look
        self._paths: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._latest_s = 0.0

    def add(self, paths: Iterable[str], *, debounce_ms: int) -> None:
        """Take reports; the look comes after a quiet of the debounce time."""
        self._paths.update(paths)
        if len(self._paths) > MAX_CHANGED_PATHS:
            self._paths = {EVERYTHING}
        loop = asyncio.get_running_loop()
        now, period_s = loop.time(), debounce_ms / 1000
        if self._timer is None:
            most_s = max(period_s, min(MOST_PERIODS * period_s, MOST_S))
            self._latest_s = now + most_s
        when = min(now + period_s, self._latest_s)
        if self._timer is not None:
            if when <= self._timer.when():
                return  # put off no more, or it would never come
            self._timer.cancel()
        self._timer = loop.call_at(when, self._fire)

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _fire(self) -> None:
        paths, self._paths = self._paths, set()
        self._timer = None
        self._look(paths)
