"""Sifting names: by their masks, then, where many are left, by a pattern.

A section of masks has a row of bits for each bit of a mask, one bit a name: so the
names that have all bits of a query are the intersection of a few rows. The rows are
taken as numbers of many digits here; `sieve` takes them as arrays, if numpy has been
loaded by something else.

Invariant: no name that matches is sifted out; those left must still be looked at.
"""

import sys
from collections.abc import Callable, Iterator, Sequence

from codanna_lsp.index.column_sections import mask_words
from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.masks import (
    NOT_ASCII,
    WORTH_A_MATCHER,
    Matcher,
    Sieve,
)

_FIRST_WORDS = 256  # of a row of bits; then ever more
_GROWTH = 4
_MOST_WORDS = 1 << 15
_LOOKED_AT = 512  # names tried with the matcher at once
_NOT_ASCII_BIT = NOT_ASCII.bit_length() - 1


def sifted_rows(columns: Columns, sieve: Sieve) -> Iterator[tuple[int, Sequence[int]]]:
    """The rows that the sieve leaves, in order, some at a time: each time how many
    names were inspected one by one, and which of them are left.

    Raises:
        CorruptionError: the columns are damaged.
    """
    words = mask_words(columns.name_count)
    masked = _masked_by(_bit_rows(columns, sieve, words))
    low, size = 0, _FIRST_WORDS
    while low < words:
        high = min(low + size, words)
        rows = masked(low, high)
        if rows and rows[-1] >= columns.name_count:
            if not isinstance(rows, range):
                raise columns.damaged("a mask belongs to no name")
            rows = rows[: columns.name_count - low * 64]
        for start in range(0, len(rows), _LOOKED_AT):
            some = rows[start : start + _LOOKED_AT]
            yield len(some), _matched(columns, some, sieve.matcher)
        low, size = high, min(_GROWTH * size, _MOST_WORDS)


def _bit_rows(columns: Columns, sieve: Sieve, words: int) -> "list[memoryview[int]]":
    return [
        section[bit * words : (bit + 1) * words]
        for section, mask in (
            (columns.bigrams, sieve.bigrams),
            (columns.more_bigrams, sieve.more_bigrams),
            (columns.heads, sieve.heads),
            (columns.letters, sieve.letters),
        )
        for bit in range(mask.bit_length())
        if mask >> bit & 1
    ]


def _masked_by(
    bit_rows: "list[memoryview[int]]",
) -> Callable[[int, int], Sequence[int]]:
    """What gives the names of a stretch of words that have all bits."""
    if not bit_rows:
        return lambda low, high: range(low * 64, high * 64)
    if "numpy" in sys.modules:
        from codanna_lsp.index.name_table.sieve import masked

        return masked(bit_rows)
    return lambda low, high: _masked(bit_rows, low, high)


def _masked(bit_rows: "list[memoryview[int]]", low: int, high: int) -> Sequence[int]:
    left = -1
    for row in bit_rows:
        left &= int.from_bytes(row[low:high], "little")
        if not left:
            return ()
    digits = bin(left)[:1:-1]
    rows: list[int] = []
    at = digits.find("1")
    while at >= 0:
        rows.append(low * 64 + at)
        at = digits.find("1", at + 1)
    return rows


def _matched(
    columns: Columns, rows: Sequence[int], matcher: Callable[[], Matcher] | None
) -> Sequence[int]:
    if matcher is None or len(rows) < WORTH_A_MATCHER:
        return rows
    names, offsets, letters = columns.names, columns.name_offsets, columns.letters
    texts = [names[offsets[row] : offsets[row + 1]] for row in rows]
    kept = [rows[place] for place in matcher()(texts)]
    odd = mask_words(columns.name_count) * _NOT_ASCII_BIT
    around = letters[odd + (rows[0] >> 6) : odd + (rows[-1] >> 6) + 1]
    if not bytes(around).strip(b"\0"):
        return kept
    others = [row for row in rows if letters[odd + (row >> 6)] >> (row & 63) & 1]
    return sorted({*kept, *others})
