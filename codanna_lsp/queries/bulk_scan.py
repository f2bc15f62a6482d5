"""The names of one part of the index by tier, many at a time: `name_scan` with numpy.

Names of ASCII only, nearly all, are looked at as one text; the others one by one.

Invariant: gives what `name_scan` gives, in the same order, sooner.
"""

from collections.abc import Callable, Iterator

import numpy as np

from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.joined import JoinedNames, Numbers
from codanna_lsp.index.name_table.letter_grid import MAX_BYTES, LetterGrid
from codanna_lsp.index.name_table.lookup import acronym_range, folded_range, names_equal
from codanna_lsp.index.name_table.masks import Sieve
from codanna_lsp.index.name_table.names import encode
from codanna_lsp.index.name_table.sieve import (
    Rows,
    ascending,
    cut,
    longer_than,
    not_ascii,
    sifted,
    without,
)
from codanna_lsp.queries.name_scan import MAX_INSPECTED
from codanna_lsp.queries.name_sieves import (
    at_head_sieve,
    humps_sieve,
    inside_sieve,
    runs_sieve,
    subsequence_sieve,
)
from codanna_lsp.queries.ranking import MIN_ACRONYM, NamePattern, Tier

_FEW = 48  # names that are sooner looked at one by one
_NO_ROW = (1 << 32) - 1
_ANY_LENGTH = 1 << 32

Holds = Callable[[str], bool]
Look = Callable[[Columns, Rows], Numbers]
"""Which of some names of ASCII match, counted from 0."""


class BulkScan:
    """One question's scan over one part's names; the part has masks.

    cut: whether a tier was left before all of its names were inspected.
    """

    __slots__ = ("_columns", "_equal_rows", "_pattern", "_places", "_seen", "cut")

    def __init__(self, columns: Columns, pattern: NamePattern) -> None:
        self._columns = columns
        self._pattern = pattern
        self._equal_rows: list[int] | None = None
        self._places = range(0)  # of the names that start with the pattern
        self._seen: list[Rows] = []
        self.cut = False

    def chunks(self, tier: Tier) -> Iterator[Rows]:
        """The names of that tier, in the order of their rows, some at a time.

        Raises:
            CorruptionError: the columns are damaged.
        """
        seen: list[Rows] = []
        if tier in self._pattern.tiers:
            for rows in self._chunks(tier):
                new = without(rows, self._seen)
                if len(new):
                    seen.append(new)
                    yield new
        if seen:
            self._seen.append(np.concatenate(seen))

    def _chunks(self, tier: Tier) -> Iterator[Rows]:
        columns, pattern = self._columns, self._pattern
        if not pattern.text:
            every = np.arange(columns.name_count, dtype=np.uint32)
            return cut(every[: len(every) * (tier == Tier.PREFIX)])
        if tier <= Tier.EXACT:
            equal = [
                row
                for row in self._equals()
                if pattern.tier_of(columns.name(row)) == tier
            ]
            return cut(np.array(equal, np.uint32))
        if tier == Tier.PREFIX:
            return self._starting()
        if tier == Tier.HEADS:
            return self._heads()
        return self._sifted(tier)

    def _equals(self) -> list[int]:
        if self._equal_rows is None:
            columns, folded = self._columns, self._pattern.folded
            self._places = folded_range(columns, folded)
            self._equal_rows = names_equal(columns, folded, self._places)
        return self._equal_rows

    def _starting(self) -> Iterator[Rows]:
        self._equals()
        order = self._columns.folded_order[self._places.start : self._places.stop]
        for rows in ascending(order):
            yield (
                self._one_by_one(rows, self._is_prefix) if self._pattern.ends else rows
            )

    def _is_prefix(self, name: str) -> bool:
        return self._pattern.tier_of(name) == Tier.PREFIX

    def _heads(self) -> Iterator[Rows]:
        columns, pattern = self._columns, self._pattern
        ways = [
            self._looked_at(humps_sieve(humps), pattern.is_humps, _humps(humps))
            for humps in pattern.humps
        ]
        if len(pattern.folded) >= MIN_ACRONYM:
            places = acronym_range(columns, pattern.folded)
            order = columns.acronym_order[places.start : places.stop]
            ways.append((int(rows[-1]), rows) for rows in ascending(order))
        return _united(ways)

    def _sifted(self, tier: Tier) -> Iterator[Rows]:
        pattern = self._pattern
        folded, part, ends = pattern.folded, encode(pattern.folded), pattern.ends
        if tier == Tier.AT_HEAD:
            look, holds = _at_head(part, ends=ends), pattern.is_at_head
            found = self._looked_at(at_head_sieve(folded), holds, look)
        elif tier == Tier.SUBSTRING:
            look, holds = _inside(part, ends=ends), pattern.is_inside
            found = self._looked_at(inside_sieve(folded), holds, look)
        elif tier == Tier.SUBSEQUENCE:
            look, holds = _subsequence(part), pattern.is_subsequence
            found = self._looked_at(subsequence_sieve(folded), holds, look, loose=tier)
        elif pattern.runs:
            look, holds = _runs(part), pattern.is_runs
            found = self._looked_at(runs_sieve(folded), holds, look, loose=tier)
        else:
            return iter(())
        return (rows for _upto, rows in found)

    def _looked_at(
        self, sieve: Sieve, holds: Holds, look: Look, *, loose: Tier | None = None
    ) -> Iterator[tuple[int, Rows]]:
        """The names that the sieve leaves and that match, some at a time, with the row
        up to which they have come.

        loose: a tier whose letters need not stand together, so that the sieve leaves
        many: only the first ones are looked at, as a grid.
        """
        left = MAX_INSPECTED[loose] if loose else self._columns.name_count
        for some in sifted(self._columns, sieve):
            rows = some[:left]
            self.cut = self.cut or len(rows) < len(some)
            if not len(rows):
                return
            longest = MAX_BYTES if loose else _ANY_LENGTH
            yield int(rows[-1]), self._matching(rows, holds, look, longest)
            left -= len(rows)

    def _matching(self, rows: Rows, holds: Holds, look: Look, longest: int) -> Rows:
        columns = self._columns
        if len(rows) < _FEW or not self._pattern.folded.isascii():
            return self._one_by_one(rows, holds)
        odd = not_ascii(columns, rows)
        if longest < _ANY_LENGTH:
            odd |= longer_than(columns, rows, longest)
        if not odd.any():
            return rows[look(columns, rows)]
        others = self._one_by_one(rows[odd], holds)
        rows = rows[~odd]
        return np.sort(np.concatenate((rows[look(columns, rows)], others)))

    def _one_by_one(self, rows: Rows, holds: Holds) -> Rows:
        name = self._columns.name
        return np.array([row for row in rows.tolist() if holds(name(row))], np.uint32)


def _united(ways: list[Iterator[tuple[int, Rows]]]) -> Iterator[Rows]:
    """The rows of all ways in order, each once, no sooner than all have come so far."""
    reached = dict.fromkeys(range(len(ways)), -1)
    waiting = np.zeros(0, np.uint32)
    while reached:
        way = min(reached, key=reached.__getitem__)
        step = next(ways[way], None)
        if step is None:
            del reached[way]
        else:
            reached[way], rows = step
            waiting = np.union1d(waiting, rows)
        upto = min(reached.values(), default=_NO_ROW)
        safe = np.searchsorted(waiting, np.uint32(max(upto, 0)), "right") * (upto >= 0)
        yield waiting[:safe]
        waiting = waiting[safe:]


def _inside(part: bytes, *, ends: bool) -> Look:
    def look(columns: Columns, rows: Rows) -> Numbers:
        names = JoinedNames(columns, rows)
        places = names.places(part)
        return names.numbers(names.at_ends(places, len(part)) if ends else places)

    return look


def _at_head(part: bytes, *, ends: bool) -> Look:
    def look(columns: Columns, rows: Rows) -> Numbers:
        names = JoinedNames(columns, rows)
        places = names.at_heads(names.places(part))
        return names.numbers(names.at_ends(places, len(part)) if ends else places)

    return look


def _humps(humps: tuple[str, ...]) -> Look:
    parts = [encode(hump) for hump in humps]

    def look(columns: Columns, rows: Rows) -> Numbers:
        names = JoinedNames(columns, rows)
        return names.in_order(map(names.words_starting, parts))

    return look


def _subsequence(part: bytes) -> Look:
    return lambda columns, rows: LetterGrid(columns, rows).in_order(part)


def _runs(part: bytes) -> Look:
    return lambda columns, rows: LetterGrid(columns, rows).in_runs(part)
