"""Sifting names by their masks, in bulk.

Invariant: no name that matches is sifted out; those left must still be looked at.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.index.columns import Columns
from codanna_lsp.index.names import decode

_FIRST_CHUNK = 2_048
_LARGEST_CHUNK = 131_072
_LOOKED_AT = 1_024  # names decoded at once


class Bits(Protocol):
    """Bits that a name's masks must have."""

    @property
    def letters(self) -> int: ...
    @property
    def heads(self) -> int: ...
    @property
    def bigrams(self) -> int: ...
    @property
    def more_bigrams(self) -> int: ...


def sifted_rows(
    columns: Columns, needed: Bits, part: str
) -> Iterator[tuple[list[int], list[str]]]:
    """Rows with all needed bits, in order, and their names, some at a time.

    part: what the folded names must have in them, "" when their masks are enough.

    Raises:
        CorruptionError: the columns are damaged.
    """
    tests = [
        (np.frombuffer(column, np.uint64), np.uint64(bits))
        for column, bits in (
            (columns.bigrams, needed.bigrams),
            (columns.more_bigrams, needed.more_bigrams),
            (columns.heads, needed.heads),
            (columns.letters, needed.letters),
        )
        if bits
    ]
    offsets = np.frombuffer(columns.name_offsets, np.uint32)
    low, size = 0, _FIRST_CHUNK
    while low < columns.name_count:
        high = min(low + size, columns.name_count)
        rows = _sifted(tests, low, high)
        for start in range(0, len(rows), _LOOKED_AT):
            some = rows[start : start + _LOOKED_AT]
            yield _with_names(columns, offsets, some, part)
        low, size = high, min(2 * size, _LARGEST_CHUNK)


def _sifted(
    tests: list[tuple[NDArray[np.uint64], np.uint64]], low: int, high: int
) -> NDArray[np.intp]:
    if not tests:
        return np.arange(low, high)
    column, bits = tests[0]
    rows = np.flatnonzero((column[low:high] & bits) == bits) + low
    for column, bits in tests[1:]:
        rows = rows[(column[rows] & bits) == bits]
    return rows


def _with_names(
    columns: Columns,
    offsets: NDArray[np.uint32],
    rows: NDArray[np.intp],
    part: str,
) -> tuple[list[int], list[str]]:
    starts, stops = offsets[rows].tolist(), offsets[rows + 1].tolist()
    data = columns.names
    try:
        names = [
            decode(data[start:stop])
            for start, stop in zip(starts, stops, strict=True)
        ]
    except UnicodeDecodeError:
        raise columns.damaged("a name is not UTF-8") from None
    if not part:
        return rows.tolist(), names
    found = [
        (row, name)
        for row, name in zip(rows.tolist(), names, strict=True)
        if part in name.casefold()
    ]
    return [row for row, _name in found], [name for _row, name in found]
