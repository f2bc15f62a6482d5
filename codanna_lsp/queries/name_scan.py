"""The names of one part of the index by tier, each tier in the order of its rows.

Equal names, prefixes and acronyms are found by bisection; the others by masks first
(`index.masks`) and then one by one. A small part without masks is classified whole.

Invariant: `NamePattern.tier_of` decides; this file only avoids asking it.
Invariant: numpy is imported when a large part is scanned, not before.
"""

from collections.abc import Iterator
from heapq import merge, nsmallest
from typing import NamedTuple

from codanna_lsp.index.columns import Columns
from codanna_lsp.index.lookup import acronym_range, folded_range, names_equal
from codanna_lsp.index.masks import bigram_masks, head_mask, letter_mask
from codanna_lsp.index.names import encode
from codanna_lsp.queries.ranking import MIN_ACRONYM, NamePattern, Tier

MAX_INSPECTED = 30_000  # names looked at for the subsequence tier, best ones first
_FIRST_CHUNK = 2_048
_LARGEST_CHUNK = 131_072
_FEW = 2_048


class Needed(NamedTuple):
    """Bits that a name's masks must have."""

    letters: int = 0
    heads: int = 0
    bigrams: int = 0
    more_bigrams: int = 0


class NameScan:
    """One question's scan over one part's names.

    cut: whether a tier was left before all of its names were inspected.
    """

    __slots__ = ("_classified", "_columns", "_pattern", "cut", "tier_of")

    def __init__(self, columns: Columns, pattern: NamePattern) -> None:
        self._columns = columns
        self._pattern = pattern
        self._classified: dict[Tier, list[int]] | None = None
        self.cut = False
        self.tier_of = pattern.tier_of

    def rows(self, tier: Tier) -> Iterator[int]:
        """The names of that tier, in the order of their rows.

        Raises:
            CorruptionError: the columns are damaged.
        """
        if tier not in self._pattern.tiers:
            return iter(())
        if not self._pattern.text:
            every = range(self._columns.name_count)
            return iter(every if tier == Tier.PREFIX else ())
        if tier <= Tier.EXACT:
            return iter(self._equal(tier))
        if tier == Tier.PREFIX:
            return self._starting()
        if not len(self._columns.letters):
            return iter(self._classify().get(tier, ()))
        return self._scanned(tier)

    def _equal(self, tier: Tier) -> list[int]:
        return [
            row
            for row in names_equal(self._columns, self._pattern.folded)
            if self._pattern.tier_of(self._columns.name(row)) == tier
        ]

    def _starting(self) -> Iterator[int]:
        places = folded_range(self._columns, self._pattern.folded)
        rows = self._columns.folded_order[places.start : places.stop]
        tier_of, name = self._pattern.tier_of, self._columns.name
        return (row for row in _ascending(rows) if tier_of(name(row)) == Tier.PREFIX)

    def _classify(self) -> dict[Tier, list[int]]:
        if self._classified is None:
            self._classified = {}
            for row in range(self._columns.name_count):
                tier = self._pattern.tier_of(self._columns.name(row))
                if tier is not None:
                    self._classified.setdefault(tier, []).append(row)
        return self._classified

    def _scanned(self, tier: Tier) -> Iterator[int]:
        pattern = self._pattern
        folded = encode(pattern.folded)
        letters, bigrams = letter_mask(folded), bigram_masks(folded)
        first_head = head_mask(pattern.folded[:1])
        if tier == Tier.SUBSTRING:
            return self._sifted(tier, Needed(letters, 0, *bigrams))
        if tier == Tier.AT_HEAD:
            return self._sifted(tier, Needed(letters, first_head, *bigrams))
        if tier == Tier.SUBSEQUENCE:
            return self._sifted(
                tier, Needed(letters, first_head), limit=MAX_INSPECTED
            )
        ways = [self._sifted(tier, _needed_by(humps)) for humps in pattern.humps]
        if len(pattern.folded) >= MIN_ACRONYM:
            places = acronym_range(self._columns, pattern.folded)
            rows = self._columns.acronym_order[places.start : places.stop]
            ways.append(self._confirmed(tier, _ascending(rows)))
        return _distinct(merge(*ways))

    def _confirmed(self, tier: Tier, rows: Iterator[int]) -> Iterator[int]:
        tier_of, name = self._pattern.tier_of, self._columns.name
        return (row for row in rows if tier_of(name(row)) == tier)

    def _sifted(
        self, tier: Tier, needed: Needed, *, limit: int | None = None
    ) -> Iterator[int]:
        """The names whose masks have the needed bits, and that are of the tier."""
        from codanna_lsp.index.sieve import sifted_rows

        columns, tier_of = self._columns, self._pattern.tier_of
        inspected = 0
        wanted = self._pattern.folded if tier != Tier.SUBSEQUENCE else ""
        contiguous = wanted if tier in {Tier.AT_HEAD, Tier.SUBSTRING} else ""
        for rows, names in sifted_rows(columns, needed, contiguous):
            for row, name in zip(rows, names, strict=True):
                if tier_of(name) == tier:
                    yield row
            inspected += len(rows)
            if limit is not None and inspected >= limit:
                self.cut = True
                return


def _needed_by(humps: tuple[str, ...]) -> Needed:
    letters, bigrams, more_bigrams = 0, 0, 0
    for hump in humps:
        folded = encode(hump)
        letters |= letter_mask(folded)
        first, second = bigram_masks(folded)
        bigrams |= first
        more_bigrams |= second
    heads = head_mask("".join(hump[:1] for hump in humps))
    return Needed(letters, heads, bigrams, more_bigrams)


def _ascending(rows: "memoryview[int]") -> Iterator[int]:
    """The rows sorted; of many, the first ones first, as few are asked for."""
    if len(rows) <= _FEW:
        yield from sorted(rows)
        return
    import sys

    if "numpy" not in sys.modules:
        first = nsmallest(_FEW, rows)
        yield from first
        yield from sorted(row for row in rows if row > first[-1])
        return
    import numpy as np

    yield from np.sort(np.frombuffer(rows, np.uint32)).tolist()


def _distinct(rows: Iterator[int]) -> Iterator[int]:
    last = -1
    for row in rows:
        if row != last:
            yield row
            last = row
