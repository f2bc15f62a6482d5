"""Some names as one text, searched for parts and word heads at once.

Invariant: names of ASCII only; of those, finds what `names` says, name by name.
Invariant: a part that is searched for has no line feed, so it never spans two names.
"""

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.index.columns import Columns

Places = NDArray[np.int64]
"""Offsets into the joined text, ascending."""
Numbers = NDArray[np.int64]
"""Which of the names, counted from 0, ascending."""

_OTHER, _LOWER, _UPPER, _DIGIT = range(4)
_CLASS = bytes(
    _UPPER
    if ord("A") <= byte <= ord("Z")
    else _LOWER
    if ord("a") <= byte <= ord("z")
    else _DIGIT
    if ord("0") <= byte <= ord("9")
    else _OTHER
    for byte in range(256)
)
_END = ord("\n")


class JoinedNames:
    """The names at some rows, one after the other, each ended by a line feed.

    starts: where each begins, and where the text ends.
    """

    def __init__(self, columns: Columns, rows: NDArray[np.uint32]) -> None:
        """May raise CorruptionError: the columns are damaged."""
        names = np.frombuffer(columns.names, np.uint8)
        offsets = np.frombuffer(columns.name_offsets, "<u4")
        begins = offsets[rows].astype(np.int64)
        sizes = offsets[rows + 1].astype(np.int64) - begins
        if len(sizes) and (sizes.min() < 0 or sizes.sum() > len(names)):
            raise columns.damaged("a text's offsets lie outside")
        self.starts: Places = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(sizes + 1, out=self.starts[1:])
        source: Places = np.arange(int(self.starts[-1]))
        source += np.repeat(begins - self.starts[:-1], sizes + 1)
        # Past a name stands the next one's first byte, or nothing: it is written over.
        self._text: NDArray[np.uint8] = names.take(source, mode="clip")
        self._text[self.starts[1:] - 1] = _END

    @cached_property
    def folded(self) -> bytes:
        """The text in lower case."""
        return self._text.tobytes().lower()

    @cached_property
    def _letters(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.folded, np.uint8)

    def places(self, part: bytes) -> Places:
        """Where a folded part begins, overlapping ones too."""
        letters = self._letters
        found = np.flatnonzero(letters == part[0])
        for distance, letter in enumerate(part[1:], 1):
            # The text's end is no letter of a part, so nothing is found across it.
            found = found[letters.take(found + distance, mode="clip") == letter]
        return found

    @cached_property
    def _heads(self) -> NDArray[np.bool_]:
        """Where word heads are (see `names`)."""
        # Before the first letter and behind the last stands the end of a line.
        framed = b"".join((b"\n", self._text.tobytes(), b"\n")).translate(_CLASS)
        kinds = np.frombuffer(framed, np.uint8)
        before, kind, after = kinds[:-2], kinds[1:-1], kinds[2:]
        heads: NDArray[np.bool_] = (
            ((kind != _OTHER) & (before == _OTHER))
            | ((kind == _DIGIT) & (before != _DIGIT))
            | ((kind == _UPPER) & ((before != _UPPER) | (after == _LOWER)))
        )
        return heads

    def at_heads(self, places: Places) -> Places:
        """Those of the places that are word heads."""
        return places[self._heads[places]]

    def at_ends(self, places: Places, size: int) -> Places:
        """Those of the places from which `size` bytes are the rest of a name."""
        at_ends: Places = places[self._text[places + size] == _END]
        return at_ends

    def words_starting(self, part: bytes) -> Places:
        """Where words begin that start with a folded part."""
        found = self.at_heads(self.places(part))
        for distance in range(1, len(part)):
            found = found[~self._heads[found + distance]]
        return found

    def numbers(self, places: Places) -> Numbers:
        """Which of the names have the places, counted from 0, each once."""
        numbers = np.searchsorted(self.starts, places, "right") - 1
        is_first = np.ones(len(numbers), bool)
        is_first[1:] = numbers[1:] != numbers[:-1]
        return numbers[is_first]

    def in_order(self, each: Iterable[Places]) -> Numbers:
        """Which of the names have one place out of each, ascending."""
        numbers = np.arange(len(self.starts) - 1)
        at = self.starts[:-1] - 1
        for places in each:
            if not len(places):
                return numbers[:0]
            following = np.searchsorted(places, at, "right")
            at = places.take(following, mode="clip")
            there = (following < len(places)) & (at < self.starts[numbers + 1])
            numbers, at = numbers[there], at[there]
        return numbers
