"""Some names as a grid of letters, in which letters in order are found by bits: of each
name a number tells where it has a letter, its first place in the lowest bit.

Invariant: names of ASCII only, of at most `MAX_BYTES`; of those, finds what
`ranking.NamePattern` says of letters in order, name by name.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.index.columns import Columns

MAX_BYTES = 64
_WIDTHS = {16: "<u2", 32: "<u4", MAX_BYTES: "<u8"}  # of a name, and its bits

Bits = NDArray[Any]
"""Unsigned numbers, one a name: a bit for each of its letters."""
Numbers = NDArray[np.int64]
"""Which of the names, counted from 0, ascending."""


class LetterGrid:
    """The names at some rows, of which none is longer than `MAX_BYTES`.

    Raises:
        CorruptionError: the columns are damaged.
    """

    def __init__(self, columns: Columns, rows: NDArray[np.uint32]) -> None:
        offsets = np.frombuffer(columns.name_offsets, "<u4")
        begins = offsets[rows].astype(np.int64)
        sizes = offsets[rows + 1].astype(np.int64) - begins
        longest = int(sizes.max(initial=0))
        if sizes.min(initial=0) < 0 or longest > MAX_BYTES:
            raise columns.damaged("a text's offsets lie outside")
        width = next(width for width in _WIDTHS if width >= longest)
        cells = _cells(columns.names, begins, width)
        self._type = _WIDTHS[width]
        # Behind a name stand others' letters.
        self._inside = self._packed(np.arange(width) < sizes[:, None])
        self._is_upper = _between(cells, "A", "Z")
        lowered = self._is_upper.view(np.uint8) << np.uint8(5)
        self._cells: NDArray[np.uint8] = cells | lowered
        self._known: dict[int, Bits] = {}

    def _packed(self, cells: NDArray[np.bool_]) -> Bits:
        bits: Bits = np.packbits(cells, bitorder="little").view(self._type)
        return bits

    def _where(self, cells: NDArray[np.bool_]) -> Bits:
        return self._packed(cells) & self._inside

    def _letter(self, letter: int) -> Bits:
        if letter not in self._known:
            self._known[letter] = self._where(self._cells == letter)
        return self._known[letter]

    @cached_property
    def _heads(self) -> Bits:
        """Where word heads are (see `names`)."""
        upper = self._where(self._is_upper)
        digit = self._where(_between(self._cells, "0", "9"))
        lower = self._where(_between(self._cells, "a", "z")) & ~upper
        word = upper | digit | lower
        heads: Bits = (
            (word & ~(word << 1))
            | (digit & ~(digit << 1))
            | (upper & (~(upper << 1) | lower >> 1))
        )
        return heads

    def in_order(self, part: bytes) -> Numbers:
        """Which of the names have the letters of a folded part in order, the first of
        them at a word head: the first of each is as good as a later one.
        """
        first, *rest = self._each(part)
        found = first & self._heads
        for places in rest:
            found = places & _behind_first(found)
        return np.flatnonzero(found)

    def in_runs(self, part: bytes) -> Numbers:
        """Which of the names can have a folded part cut into runs that each start one
        of their words, in order.
        """
        first, *rest = self._each(part)
        heads = self._heads
        found = first & heads  # where the letters so far may have led to
        for places in rest:
            # A word further on is reached sooner from the first place.
            found = places & (found << 1 | heads & _behind_first(found))
        return np.flatnonzero(found)

    def _each(self, part: bytes) -> Iterator[Bits]:
        return map(self._letter, part)


def _cells(
    names: "memoryview[int]", begins: NDArray[np.int64], width: int
) -> NDArray[np.uint8]:
    """So many bytes from each place on; what lies behind the last is as good as any."""
    cells = np.empty((len(begins), width), np.uint8)
    windows = max(len(names) - width + 1, 0)
    whole = np.searchsorted(begins, windows)
    if whole:
        # Copied as one value each, not byte by byte.
        values: NDArray[Any] = np.ndarray((windows,), f"V{width}", names, 0, (1,))
        cells[:whole] = values[begins[:whole]].view(np.uint8).reshape(-1, width)
    for row in range(whole, len(begins)):
        rest = names[begins[row] :]
        cells[row, : len(rest)] = rest
    return cells


def _between(cells: NDArray[np.uint8], first: str, last: str) -> NDArray[np.bool_]:
    """Which cells are from one letter to another: what lies before wraps around."""
    between: NDArray[np.bool_] = cells - np.uint8(ord(first)) <= ord(last) - ord(first)
    return between


def _behind_first(bits: Bits) -> Bits:
    """All bits behind the lowest of each; none where there is none."""
    lowest = bits & -bits
    return ~(lowest | (lowest - 1))
