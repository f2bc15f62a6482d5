"""What questions have worked out from the paths of an index alone.

Invariant: kept for as long as no path comes or goes, and never for another index.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

_Known = TypeVar("_Known")

MAX_KEPT = 50_000


class PathMemory:
    """Answers by what was asked; fit for several threads."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[Hashable, Any] = {}

    def recall(self, asked: Hashable, find: Callable[[], _Known]) -> _Known:
        """What `find` says, or said before.

        asked: tells apart everything that the answer depends on but the paths.
        """
        kept = self._kept
        try:
            known: _Known = kept[asked]
        except KeyError:
            known = find()
            if len(kept) >= MAX_KEPT:
                kept.clear()
            kept[asked] = known
        return known
