"""Sifting names without numpy, for the first questions after a start.

Loading numpy takes longer than such scans over the names of a middling index.

Invariant: the same names are left as by `sieve`, or more.
"""

from collections.abc import Iterator
from itertools import compress, repeat

from codanna_lsp.index.columns import Columns
from codanna_lsp.index.masks import NOT_ASCII, WORTH_A_MATCHER, Sieve

PLAIN_NAMES = 200_000  # an index of more is scanned by numpy from the start
_CHUNK = 16_384


def rows_sifted_plainly(columns: Columns, sieve: Sieve) -> Iterator[int]:
    """The rows that the sieve leaves, in order."""
    tests = [
        (column, bits)
        for column, bits in (
            (columns.bigrams, sieve.bigrams),
            (columns.more_bigrams, sieve.more_bigrams),
            (columns.heads, sieve.heads),
            (columns.letters, sieve.letters),
        )
        if bits
    ]
    for low in range(0, columns.name_count, _CHUNK):
        rows = list(range(low, min(low + _CHUNK, columns.name_count)))
        for column, bits in tests:
            if len(rows) == _CHUNK:
                masks = enumerate(column[low : low + _CHUNK], low)
                rows = [row for row, mask in masks if mask & bits == bits]
            else:
                rows = [row for row in rows if column[row] & bits == bits]
        yield from _matched(columns, rows, sieve)


def _matched(columns: Columns, rows: list[int], sieve: Sieve) -> Iterator[int]:
    if sieve.matcher is None or len(rows) < WORTH_A_MATCHER:
        return iter(rows)
    offsets, letters = columns.name_offsets, columns.letters
    starts = (offsets[row] for row in rows)
    stops = (offsets[row + 1] for row in rows)
    matches = map(sieve.matcher(), repeat(columns.names), starts, stops)
    return compress(
        rows,
        (
            match or letters[row] & NOT_ASCII
            for row, match in zip(rows, matches, strict=True)
        ),
    )
