"""Sifting names by their masks, and sorting rows, in bulk (see `plain_sieve`).

Invariant: gives what is found without numpy, sooner.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

_MANY = 20_000
_FIRST_FEW = 1_024


def masked(bit_rows: "list[memoryview[int]]") -> Callable[[int, int], list[int]]:
    """What gives the names of a stretch of words that have all bits."""
    rows = [np.frombuffer(row, "<u8") for row in bit_rows]
    return lambda low, high: _masked(rows, low, high)


def _masked(bit_rows: list[NDArray[np.uint64]], low: int, high: int) -> list[int]:
    left = bit_rows[0][low:high].copy()
    for row in bit_rows[1:]:
        left &= row[low:high]
    some = np.flatnonzero(left)
    bits = np.unpackbits(left[some].view(np.uint8), bitorder="little")
    places = np.flatnonzero(bits)
    rows: list[int] = ((some[places >> 6] + low << 6) + (places & 63)).tolist()
    return rows


def ascending(rows: "memoryview[int]") -> Iterator[int]:
    """Rows in order; of many, the first ones are found first, as few are asked for."""
    column = np.frombuffer(rows, np.uint32)
    if len(column) > _MANY:
        column = np.partition(column, _FIRST_FEW)
        yield from np.sort(column[:_FIRST_FEW]).tolist()
        column = column[_FIRST_FEW:]
    yield from np.sort(column).tolist()
