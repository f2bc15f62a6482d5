"""Sifting names by their masks, and sorting rows, in bulk (see `plain_sieve`).

Invariant: gives what is found without numpy, sooner.
"""

from collections.abc import Iterator

import numpy as np

_MANY = 20_000
_FIRST_FEW = 1_024


def masked(
    bit_rows: "list[tuple[memoryview[int], int]]", low: int, high: int, words: int
) -> list[int]:
    """The names that have all the bits, of those in some words of the rows of bits.

    bit_rows: sections of masks, and which of their rows, of `words` words each.
    """
    (section, bit), *others = bit_rows
    left = np.frombuffer(section, "<u8")[bit * words + low : bit * words + high].copy()
    for section, bit in others:
        start = bit * words
        left &= np.frombuffer(section, "<u8")[start + low : start + high]
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
