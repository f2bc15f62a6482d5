"""Sifting names in bulk: by their masks, then, where many are left, by a pattern.

Invariant: no name that matches is sifted out; those left must still be looked at.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import compress, repeat

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.index.columns import Columns
from codanna_lsp.index.masks import NOT_ASCII, WORTH_A_MATCHER, Matcher, Sieve

_FIRST_CHUNK = 2_048
_LARGEST_CHUNK = 131_072
_LOOKED_AT = 512  # names tried with the matcher at once
_MANY = 20_000
_FIRST_FEW = 1_024


def sifted_rows(columns: Columns, sieve: Sieve) -> Iterator[tuple[int, Sequence[int]]]:
    """The rows that the sieve leaves, in order, some at a time: each time how many
    names were inspected one by one, and which of them are left.

    Raises:
        CorruptionError: the columns are damaged.
    """
    tests = [
        (np.frombuffer(column, np.uint64), np.uint64(bits))
        for column, bits in (
            (columns.bigrams, sieve.bigrams),
            (columns.more_bigrams, sieve.more_bigrams),
            (columns.heads, sieve.heads),
            (columns.letters, sieve.letters),
        )
        if bits
    ]
    offsets = np.frombuffer(columns.name_offsets, np.uint32)
    low, size = 0, _FIRST_CHUNK
    while low < columns.name_count:
        high = min(low + size, columns.name_count)
        rows = _masked(tests, low, high)
        for start in range(0, len(rows), _LOOKED_AT):
            some = rows[start : start + _LOOKED_AT]
            yield len(some), _matched(columns, offsets, some, sieve.matcher)
        low, size = high, min(2 * size, _LARGEST_CHUNK)


def ascending(rows: "memoryview[int]") -> Iterator[int]:
    """Rows in order; of many, the first ones are found first, as few are asked for."""
    column = np.frombuffer(rows, np.uint32)
    if len(column) > _MANY:
        column = np.partition(column, _FIRST_FEW)
        yield from np.sort(column[:_FIRST_FEW]).tolist()
        column = column[_FIRST_FEW:]
    yield from np.sort(column).tolist()


def _masked(
    tests: list[tuple[NDArray[np.uint64], np.uint64]], low: int, high: int
) -> NDArray[np.intp]:
    if not tests:
        return np.arange(low, high)
    column, bits = tests[0]
    rows = np.flatnonzero((column[low:high] & bits) == bits) + low
    for column, bits in tests[1:]:
        rows = rows[(column[rows] & bits) == bits]
    return rows


def _matched(
    columns: Columns,
    offsets: NDArray[np.uint32],
    rows: NDArray[np.intp],
    matcher: Callable[[], Matcher] | None,
) -> Sequence[int]:
    found: list[int] = rows.tolist()
    if matcher is None or len(found) < WORTH_A_MATCHER:
        return found
    starts, stops = offsets[rows].tolist(), offsets[rows + 1].tolist()
    matches = map(matcher(), repeat(columns.names), starts, stops)
    kept = list(compress(found, matches))
    odd = np.frombuffer(columns.letters, np.uint64)[rows] >= NOT_ASCII
    if odd.any():
        kept = sorted({*kept, *rows[odd].tolist()})
    return kept
