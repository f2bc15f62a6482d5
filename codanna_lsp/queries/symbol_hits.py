"""The symbols of one tier and one part of the index, best first, no more than needed.

Names come in the order of their rows: by the best static rank of their symbols, then
length, folded name, name. So symbols of their name's best rank come in their final
order; those of a worse rank wait, unmade, until all names up to that rank have come.

Invariant: stopping early leaves out no symbol that is better than one that is given.
"""

from bisect import insort
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple, cast

from codanna_lsp.index.column_sections import RANK_COUNT
from codanna_lsp.index.columns import Columns
from codanna_lsp.queries.name_scan import NameScan
from codanna_lsp.queries.nearness import FAR
from codanna_lsp.queries.ranking import NamePattern, Tier
from codanna_lsp.queries.symbol_filter import PartFilter

_MUCH_LONGER = 8
_CHECK_EVERY = 512  # names between two looks at `cancelled`


class Cancelled(Exception):  # noqa: N818 - no error, and it never leaves the question
    """The question is not wanted any more."""


class SearchedPart(NamedTuple):
    """One part of the index with what the question needs of it.

    near: rows of its near files, and how near they are (`nearness`).
    """

    columns: Columns
    pattern: NamePattern
    judge: PartFilter
    near: dict[int, int]


class Hit(NamedTuple):
    """A symbol that matches. rank: its own static rank."""

    tier: Tier
    rank: int
    part: SearchedPart
    symbol: int
    file: int
    name: str


# Spares a named tuple's own constructor, which costs more than all else of a hit.
make_hit: Callable[[tuple[object, ...]], Hit] = partial(cast("Any", tuple).__new__, Hit)


def full_key(hit: Hit) -> tuple[object, ...]:
    """Orders the hits of one tier, through all parts."""
    return _key(hit, hit.part.columns.path(hit.file))


def key_in_part(hit: Hit) -> tuple[object, ...]:
    """Orders the hits of one tier in one part, where a file's row tells its place."""
    return _key(hit, hit.file)


def _key(hit: Hit, place: str | int) -> tuple[object, ...]:
    _tier, rank, part, symbol, file, name = hit
    columns = part.columns
    return (
        rank,
        part.near.get(file, FAR) if part.near else FAR,
        len(name),
        name.casefold(),  # `fold`, without its call
        name,
        place,
        columns.lines[symbol],
        columns.columns[symbol],
        symbol,
    )


def merged(lists: list[list[Hit]]) -> list[Hit]:
    """The hits of one tier out of several parts, each list in order, as one in order."""
    some = sorted(filter(None, lists), key=len)
    if not some:
        return []
    best = some.pop()
    few = [hit for hits in some for hit in hits]
    if len(few) * _MUCH_LONGER > len(best):
        return sorted((*best, *few), key=full_key)
    for hit in few:
        insort(best, hit, key=full_key)
    return best


def near_hits(part: SearchedPart) -> dict[Tier, list[Hit]]:
    """The hits in near files: all of them, as they may outrun better-placed names."""
    found: dict[Tier, list[Hit]] = {}
    columns, tier_of = part.columns, part.pattern.tier_of
    for file in part.near:
        first = columns.file_first[file]
        for symbol in columns.symbols_of_file(file):
            name = columns.symbol_name(symbol)
            tier = tier_of(name)
            if tier is not None and part.judge.allows(symbol, file):
                rank = columns.rank(symbol, first)
                hit = Hit(tier, rank, part, symbol, file, name)
                found.setdefault(tier, []).append(hit)
    return found


class _Waiting(NamedTuple):
    """A name whose symbols from a place on are of a worse rank than those before."""

    name: str
    symbols: "memoryview[int]"
    place: int


class FarHits:
    """The hits in the files of one part that are not near."""

    __slots__ = ("_part", "_scan")

    def __init__(self, part: SearchedPart) -> None:
        self._part = part
        self._scan = NameScan(part.columns, part.pattern)

    @property
    def cut(self) -> bool:
        """Whether a tier was left before all of its names were inspected."""
        return self._scan.cut

    def best(self, tier: Tier, need: int, cancelled: Callable[[], bool]) -> list[Hit]:
        """The `need` best hits of one tier, if there are so many, in their order.

        Raises:
            Cancelled: `cancelled` said so.
            CorruptionError: the columns are damaged.
        """
        gathering = _Gathering(self._part, tier, need)
        hits, others = gathering.gathered(self._scan.rows(tier), cancelled)
        if others:
            hits = sorted((*hits, *others), key=key_in_part)
        return hits[:need]


class _Gathering:
    """Gathers the hits of one tier: at least the `need` best, if there are so many.

    hits: those of their name's best rank, in their final order. others: in no order.
    """

    __slots__ = ("_need", "_part", "_tier", "_waiting", "hits", "others")

    def __init__(self, part: SearchedPart, tier: Tier, need: int) -> None:
        self._part = part
        self._tier = tier
        self._need = need
        self._waiting: dict[int, list[_Waiting]] = {}
        self.hits: list[Hit] = []
        self.others: list[Hit] = []

    def gathered(
        self, rows: Iterator[int], cancelled: Callable[[], bool]
    ) -> tuple[list[Hit], list[Hit]]:
        """The hits and the others; may raise Cancelled."""
        part, tier, hits = self._part, self._tier, self.hits
        columns = part.columns
        plain = part.judge.allows_all and not part.near
        rank, next_rank = 0, columns.rank_first[1]
        for count, row in enumerate(rows):
            if count % _CHECK_EVERY == 0 and cancelled():
                raise Cancelled
            while row >= next_rank and rank < RANK_COUNT - 1:
                self._let_in(rank)
                rank += 1
                next_rank = columns.rank_first[rank + 1]
            if len(hits) + len(self.others) >= self._need:
                break
            name, symbols = columns.name(row), columns.symbols_of_name(row)
            if plain and len(symbols) == 1:  # as most names are
                symbol = symbols[0]
                file = columns.file_of_symbol(symbol)
                hits.append(make_hit((tier, rank, part, symbol, file, name)))
            else:
                self._take(_Waiting(name, symbols, 0), rank, hits)
        else:
            rank = RANK_COUNT
        while self._waiting:
            worse = min(self._waiting)
            # Of the rank that was broken off, those that waited may be better.
            if worse > rank and self._enough():
                break
            self._let_in(worse)
        return self.hits, self.others

    def _enough(self) -> bool:
        return len(self.hits) + len(self.others) >= self._need

    def _let_in(self, rank: int) -> None:
        for comer in self._waiting.pop(rank, ()):
            self._take(comer, rank, self.others)

    def _take(self, comer: _Waiting, rank: int, hits: list[Hit]) -> None:
        """Take a name's symbols of this rank, at most `need`; let the others wait."""
        part, tier = self._part, self._tier
        columns, judge = part.columns, part.judge
        name, symbols, start = comer
        taken = 0
        for place in range(start, len(symbols)):
            symbol = symbols[place]
            file = columns.file_of_symbol(symbol)
            if place > 0:
                own = columns.rank(symbol, columns.file_first[file])
                if own != rank:
                    waiting = self._waiting.setdefault(own, [])
                    waiting.append(comer._replace(place=place))
                    return
            if file in part.near:
                continue
            if judge.allows_all or judge.allows(symbol, file):
                hits.append(make_hit((tier, rank, part, symbol, file, name)))
                taken += 1
                if taken >= self._need:
                    return
