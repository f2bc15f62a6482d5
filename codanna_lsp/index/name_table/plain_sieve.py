"""Sifting names by their masks.

A section of masks has a row of bits for each bit of a mask, one bit a name: so the
names that have all bits of a query are the intersection of a few rows. The rows are
taken as numbers of many digits here; `sieve` takes them as arrays, once numpy has been
loaded by something else.

Invariant: no name that matches is sifted out; those left must still be looked at.
"""

from collections.abc import Iterator

from codanna_lsp.index.column_sections import mask_words
from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.masks import Masks, Sieve

_FEW_WORDS = 2_048  # are gone through sooner than twice some of them
_FIRST_WORDS = 512  # of a row of bits; then ever more
_GROWTH = 8
_MOST_WORDS = 1 << 15


def sifted_plainly(columns: Columns, sieve: Sieve) -> Iterator[int]:
    """The names that the sieve leaves, in the order of their rows.

    Raises:
        CorruptionError: the columns are damaged.
    """
    needed = bit_rows(columns, sieve.needed)
    either = [
        (bit_rows(columns, one), bit_rows(columns, other))
        for one, other in sieve.either
    ]
    for low, high in stretches(columns):
        left = _all_of(needed, low, high)
        for one, other in either:
            left &= _all_of(one, low, high) | _all_of(other, low, high)
        for row in _places(left, low, high):
            if row >= columns.name_count:
                if needed or either:
                    raise columns.damaged("a mask belongs to no name")
                return
            yield row


def stretches(columns: Columns) -> Iterator[tuple[int, int]]:
    """The words of a row of bits from the first on, some at a time."""
    words = mask_words(columns.name_count)
    low, size = 0, words if words <= _FEW_WORDS else _FIRST_WORDS
    while low < words:
        yield low, min(low + size, words)
        low, size = low + size, min(_GROWTH * size, _MOST_WORDS)


def bit_rows(columns: Columns, masks: Masks) -> "list[memoryview[int]]":
    """The rows of bits that the masks ask for, those that leave fewest names first."""
    words = mask_words(columns.name_count)
    sections = columns.letters, columns.heads, columns.bigrams, columns.more_bigrams
    return [
        section[bit * words : (bit + 1) * words]
        for section, mask in reversed(tuple(zip(sections, masks, strict=True)))
        for bit in range(mask.bit_length())
        if mask >> bit & 1
    ]


def _all_of(rows: "list[memoryview[int]]", low: int, high: int) -> int:
    left = -1
    for row in rows:
        left &= int.from_bytes(row[low:high], "little")
        if not left:
            break
    return left


def _places(left: int, low: int, high: int) -> Iterator[int]:
    if left < 0:  # nothing was asked for
        yield from range(low * 64, high * 64)
        return
    digits = bin(left)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        yield low * 64 + at
        at = digits.find("1", at + 1)
