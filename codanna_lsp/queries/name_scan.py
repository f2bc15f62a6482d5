"""The names of one part of the index by tier, each tier in the order of its rows.

Equal names, prefixes and acronyms are found by bisection; the others are sifted in
bulk (`index.sieve`) and then looked at one by one. A small part is classified whole.

Invariant: `NamePattern.tier_of` decides what a tier holds; this file only avoids
asking it.
Invariant: tiers are asked for from the best on, each to its end before the next.
Invariant: numpy is never imported for a question, only used where it has been.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from heapq import merge, nsmallest

from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.lookup import acronym_range, folded_range, names_equal
from codanna_lsp.index.name_table.masks import (
    Matcher,
    Sieve,
    bigram_masks,
    head_mask,
    letter_mask,
)
from codanna_lsp.index.name_table.names import encode, fold
from codanna_lsp.index.name_table.plain_sieve import sifted_rows
from codanna_lsp.queries.name_bytes import (
    at_head_matcher,
    humps_matcher,
    inside_matcher,
    subsequence_matcher,
)
from codanna_lsp.queries.ranking import MIN_ACRONYM, NamePattern, Tier

MAX_INSPECTED = 8_192  # names looked at for the subsequence tier, best ones first
_FEW = 2_048


class NameScan:
    """One question's scan over one part's names.

    cut: whether a tier was left before all of its names were inspected.
    """

    __slots__ = (
        "_classified",
        "_columns",
        "_equal_rows",
        "_pattern",
        "_seen",
        "_starting_places",
        "cut",
        "tier_of",
    )

    def __init__(self, columns: Columns, pattern: NamePattern) -> None:
        self._columns = columns
        self._pattern = pattern
        self._classified: dict[Tier, list[int]] | None = None
        self._equal_rows: list[int] | None = None
        self._starting_places = range(0)
        self._seen: set[int] = set()  # rows of the scanned tiers so far
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
        return self._remembered(self._scanned(tier))

    def _equal(self, tier: Tier) -> list[int]:
        columns = self._columns
        return [
            row for row in self._equals() if self.tier_of(columns.name(row)) == tier
        ]

    def _equals(self) -> list[int]:
        if self._equal_rows is None:
            columns, folded = self._columns, self._pattern.folded
            self._starting_places = folded_range(columns, folded)
            self._equal_rows = names_equal(columns, folded, self._starting_places)
        return self._equal_rows

    def _starting(self) -> Iterator[int]:
        equal = frozenset(self._equals())
        places = self._starting_places
        rows = _ascending(self._columns.folded_order[places.start : places.stop])
        if self._pattern.ends:
            return self._confirmed(rows, lambda name: self.tier_of(name) == Tier.PREFIX)
        return (row for row in rows if row not in equal)

    def _classify(self) -> dict[Tier, list[int]]:
        if self._classified is None:
            self._classified = {}
            for row in range(self._columns.name_count):
                tier = self.tier_of(self._columns.name(row))
                if tier is not None:
                    self._classified.setdefault(tier, []).append(row)
        return self._classified

    def _remembered(self, rows: Iterator[int]) -> Iterator[int]:
        seen = self._seen
        for row in rows:
            if row not in seen:
                seen.add(row)
                yield row

    def _scanned(self, tier: Tier) -> Iterator[int]:
        if tier == Tier.HEADS:
            return self._heads()
        pattern = self._pattern
        folded = encode(pattern.folded)
        letters, head = letter_mask(folded), head_mask(pattern.folded[:1])
        if tier == Tier.SUBSEQUENCE:
            masks = letters, head, 0, 0
            rows = self._sifted(masks, subsequence_matcher, limit=MAX_INSPECTED)
            return self._confirmed(rows, pattern.is_subsequence)
        if tier == Tier.AT_HEAD:
            masks = letters, head, *bigram_masks(folded)
            rows = self._sifted(masks, at_head_matcher)
            return self._confirmed(rows, pattern.is_at_head)
        masks = letters, 0, *bigram_masks(folded)
        rows = self._sifted(masks, inside_matcher)
        return self._confirmed(rows, pattern.is_inside)

    def _heads(self) -> Iterator[int]:
        columns, pattern = self._columns, self._pattern
        wanted = pattern.folded
        ways: list[Iterator[int]] = []
        if len(wanted) >= MIN_ACRONYM:
            places = acronym_range(columns, wanted)
            rows = _ascending(columns.acronym_order[places.start : places.stop])
            ways.append(
                self._confirmed(rows, lambda name: not fold(name).startswith(wanted))
            )
        for humps in pattern.humps:
            folded = [encode(hump) for hump in humps]
            bigrams = [bigram_masks(hump) for hump in folded]
            masks = (
                letter_mask(b"".join(folded)),
                head_mask("".join(hump[:1] for hump in humps)),
                _union(first for first, _second in bigrams),
                _union(second for _first, second in bigrams),
            )
            rows = self._sifted(masks, humps_matcher, humps=folded)
            ways.append(
                self._confirmed(
                    rows,
                    lambda name: (
                        pattern.is_humps(name) and not fold(name).startswith(wanted)
                    ),
                )
            )
        return merge(*ways)

    def _confirmed(
        self, rows: Iterator[int], holds: Callable[[str], bool]
    ) -> Iterator[int]:
        name, seen = self._columns.name, self._seen
        return (row for row in rows if row not in seen and holds(name(row)))

    def _sifted(
        self,
        masks: tuple[int, int, int, int],
        make_matcher: Callable[[Sequence[bytes]], Matcher],
        *,
        humps: Sequence[bytes] = (),
        limit: int | None = None,
    ) -> Iterator[int]:
        """The names whose masks have the bits, and whose bytes match."""
        folded = self._pattern.folded
        parts = humps or (encode(folded),)
        matcher = cache(partial(make_matcher, parts)) if folded.isascii() else None
        sieve = Sieve(*masks, matcher)
        inspected = 0
        for count, rows in sifted_rows(self._columns, sieve):
            yield from rows
            inspected += count
            if limit is not None and inspected >= limit:
                self.cut = True
                return


def _bulk_is_loaded() -> bool:
    return "numpy" in sys.modules


def _union(masks: Iterator[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


def _ascending(rows: "memoryview[int]") -> Iterator[int]:
    """The rows sorted; of many, the first ones first, as few are asked for."""
    if len(rows) <= _FEW:
        return iter(sorted(rows))
    if not _bulk_is_loaded():
        return _ascending_plainly(rows)
    from codanna_lsp.index.name_table.sieve import ascending

    return ascending(rows)


def _ascending_plainly(rows: "memoryview[int]") -> Iterator[int]:
    first = nsmallest(_FEW, rows)
    yield from first
    yield from sorted(row for row in rows if row > first[-1])
