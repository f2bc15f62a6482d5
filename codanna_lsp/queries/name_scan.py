"""The names of one part of the index by tier, each tier in the order of their rows.

Equal names, prefixes and acronyms are found by bisection; the others are sifted by
their masks and then looked at one by one. A small part is classified whole. `bulk_scan`
does the same for many names at once, when numpy has been loaded.

Invariant: `NamePattern.tier_of` decides what a tier holds; this file only avoids
asking it.
Invariant: tiers are asked for from the best on, each to its end before the next.
Invariant: numpy is never imported for a question, only used where it has been.
"""

from collections.abc import Callable, Iterator
from heapq import merge, nsmallest
from itertools import islice

from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.lookup import acronym_range, folded_range, names_equal
from codanna_lsp.index.name_table.masks import Sieve
from codanna_lsp.index.name_table.names import fold
from codanna_lsp.index.name_table.plain_sieve import sifted_plainly
from codanna_lsp.queries.name_sieves import (
    at_head_sieve,
    humps_sieve,
    inside_sieve,
    runs_sieve,
    subsequence_sieve,
)
from codanna_lsp.queries.ranking import MIN_ACRONYM, NamePattern, Tier

# Names looked at for a tier whose letters need not stand together, best ones first.
MAX_INSPECTED = {Tier.RUNS: 2_048, Tier.SUBSEQUENCE: 4_096}
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
        pattern = self._pattern
        folded = pattern.folded
        if tier == Tier.HEADS:
            return self._heads()
        if tier == Tier.AT_HEAD:
            rows = sifted_plainly(self._columns, at_head_sieve(folded))
            return self._confirmed(rows, pattern.is_at_head)
        if tier == Tier.SUBSTRING:
            rows = sifted_plainly(self._columns, inside_sieve(folded))
            return self._confirmed(rows, pattern.is_inside)
        if tier == Tier.SUBSEQUENCE:
            rows = self._first(subsequence_sieve(folded), tier)
            return self._confirmed(rows, pattern.is_subsequence)
        if not pattern.runs:
            return iter(())
        return self._confirmed(self._first(runs_sieve(folded), tier), self._is_runs)

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
            rows = sifted_plainly(columns, humps_sieve(humps))
            ways.append(self._confirmed(rows, self._is_humps))
        return merge(*ways)

    def _is_humps(self, name: str) -> bool:
        wanted = self._pattern.folded
        return self._pattern.is_humps(name) and not fold(name).startswith(wanted)

    def _is_runs(self, name: str) -> bool:
        wanted = self._pattern.folded
        return self._pattern.is_runs(name) and not fold(name).startswith(wanted)

    def _confirmed(
        self, rows: Iterator[int], holds: Callable[[str], bool]
    ) -> Iterator[int]:
        name, seen = self._columns.name, self._seen
        return (row for row in rows if row not in seen and holds(name(row)))

    def _first(self, sieve: Sieve, tier: Tier) -> Iterator[int]:
        """The first names that the sieve leaves."""
        rows = sifted_plainly(self._columns, sieve)
        yield from islice(rows, MAX_INSPECTED[tier])
        self.cut = self.cut or next(rows, None) is not None


def _ascending(rows: "memoryview[int]") -> Iterator[int]:
    """The rows sorted; of many, the first ones first, as few are asked for."""
    if len(rows) <= _FEW:
        yield from sorted(rows)
        return
    first = nsmallest(_FEW, rows)
    yield from first
    yield from sorted(row for row in rows if row > first[-1])
