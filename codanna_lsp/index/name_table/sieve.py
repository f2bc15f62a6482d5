"""Sifting names by their masks, and sorting rows, in bulk (see `plain_sieve`).

Invariant: gives what is found without numpy, sooner.
Invariant: rows come ascending, some at a time, few at first: few are asked for.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.index.column_sections import mask_words
from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.masks import NOT_ASCII, Masks, Sieve
from codanna_lsp.index.name_table.plain_sieve import bit_rows, stretches

Rows = NDArray[np.uint32]

_MANY = 20_000
_FIRST_FEW = 320
_MOST = 1 << 11  # names whose text fits a core's cache
_GROWTH = 4
_NOT_ASCII_BIT = NOT_ASCII.bit_length() - 1
_ALL = np.uint64((1 << 64) - 1)


def sifted(columns: Columns, sieve: Sieve) -> Iterator[Rows]:
    """The names that the sieve leaves.

    Raises:
        CorruptionError: the columns are damaged.
    """
    needed = _bits(columns, sieve.needed)
    either = [
        (_bits(columns, one), _bits(columns, other)) for one, other in sieve.either
    ]
    for low, high in stretches(columns):
        if needed or either:
            left = _all_of(needed, low, high)
            for one, other in either:
                left = left & (_all_of(one, low, high) | _all_of(other, low, high))
            rows = _places(left, low)
            if len(rows) and rows[-1] >= columns.name_count:
                raise columns.damaged("a mask belongs to no name")
        else:
            last = min(high * 64, columns.name_count)
            rows = np.arange(low * 64, last, dtype=np.uint32)
        yield from cut(rows)


def cut(rows: Rows) -> Iterator[Rows]:
    """Some at a time."""
    low, size = 0, _FIRST_FEW
    while low < len(rows):
        yield rows[low : low + size]
        low, size = low + size, min(_GROWTH * size, _MOST)


def ascending(rows: "memoryview[int]") -> Iterator[Rows]:
    """Rows in order; of many, the first ones are found first."""
    column = np.frombuffer(rows, "<u4")
    if len(column) > _MANY:
        column = np.partition(column, _FIRST_FEW)
        yield np.sort(column[:_FIRST_FEW])
        column = column[_FIRST_FEW:]
    yield from cut(np.sort(column))


def without(rows: Rows, others: Sequence[Rows]) -> Rows:
    """The rows that are in none of the others."""
    for some in others:
        if len(some) and len(rows):
            places = np.searchsorted(some, rows)
            rows = rows[some.take(places, mode="clip") != rows]
    return rows


def not_ascii(columns: Columns, rows: Rows) -> NDArray[np.bool_]:
    """Which of the names are not of ASCII only."""
    words = mask_words(columns.name_count)
    start = words * _NOT_ASCII_BIT
    bits = np.frombuffer(columns.letters[start : start + words], np.uint8)
    odd: NDArray[np.bool_] = bits[rows >> 3] >> (rows & 7) & 1 != 0
    return odd


def longer_than(columns: Columns, rows: Rows, size: int) -> NDArray[np.bool_]:
    """Which of the names have more bytes."""
    offsets = np.frombuffer(columns.name_offsets, "<u4")
    longer: NDArray[np.bool_] = offsets[rows + 1] - offsets[rows] > size
    return longer


def _bits(columns: Columns, masks: Masks) -> "list[NDArray[np.uint64]]":
    return [np.frombuffer(row, "<u8") for row in bit_rows(columns, masks)]


def _all_of(rows: list[NDArray[np.uint64]], low: int, high: int) -> NDArray[np.uint64]:
    if not rows:
        return np.full(high - low, _ALL)
    left = rows[0][low:high]
    for row in rows[1:]:
        left = left & row[low:high]
    return left


def _places(left: NDArray[np.uint64], low: int) -> Rows:
    some = np.flatnonzero(left)
    bits = np.unpackbits(left[some].view(np.uint8), bitorder="little")
    places = np.flatnonzero(bits)
    rows: Rows = ((some[places >> 6] + low << 6) + (places & 63)).astype(np.uint32)
    return rows
