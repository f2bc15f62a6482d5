"""The symbols of one tier and one part of the index, best first: `symbol_hits` with
numpy, where no symbol is a Python object before it is known to be shown.

Invariant: gives what `FarHits` gives, in order, sooner.
"""

from bisect import bisect_right
from collections.abc import Callable
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.index.column_sections import RANK_COUNT, SCOPED
from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.names import fold
from codanna_lsp.index.name_table.sieve import Rows
from codanna_lsp.index.rank import MAX_DEPTH, RANKS
from codanna_lsp.queries.bulk_filter import BulkFilter
from codanna_lsp.queries.bulk_scan import BulkScan
from codanna_lsp.queries.ranking import Tier
from codanna_lsp.queries.symbol_hits import Cancelled, Hit, SearchedPart, make_hit

_FIRST_SYMBOLS = 4  # of a name: most have no more
_RANKS = np.frombuffer(RANKS, np.uint8)
_KINDS = len(RANKS) // (256 * (MAX_DEPTH + 1))


class _Found(NamedTuple):
    """Symbols that may answer. places: among the symbols by name, so that they stand by
    name, then rank, then place. best: the best rank of their names' symbols.
    """

    places: NDArray[np.int64]
    symbols: NDArray[np.uint32]
    files: NDArray[np.int64]
    names: Rows
    ranks: NDArray[np.uint8]
    best: NDArray[np.uint8]

    def at(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> "_Found":
        """Those at the given places."""
        return _Found._make(column[places] for column in self)


class BulkHits:
    """The hits in the files of one part that are not near; the part has masks."""

    __slots__ = ("_filter", "_part", "_scan")

    def __init__(self, part: SearchedPart) -> None:
        self._part = part
        self._scan = BulkScan(part.columns, part.pattern)
        self._filter = BulkFilter(part.columns, part.judge, part.near)

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
        columns = self._part.columns
        found: list[_Found] = []
        longer: list[Rows] = []
        count, rank = 0, RANK_COUNT  # of the names that were broken off in
        try:
            for rows in self._scan.chunks(tier):
                if cancelled():
                    raise Cancelled
                found.append(self._symbols_of(rows, 0, _FIRST_SYMBOLS))
                longer.append(_longer(columns, rows))
                count += len(found[-1].symbols)
                if count < need:
                    continue
                rank = bisect_right(columns.rank_first, int(rows[-1])) - 1
                if sum(_settled(item, rank) for item in found) >= need:
                    break
                rank = RANK_COUNT
            if not found:
                return []
            rows = np.concatenate(longer)
            if rank < RANK_COUNT:
                rows = rows[_next_ranks(columns, rows) <= rank]
            if len(rows):
                most = max(need, _FIRST_SYMBOLS)
                if not self._filter.allows_all:
                    most = columns.symbol_count
                found.append(self._symbols_of(rows, _FIRST_SYMBOLS, most))
        except (IndexError, ValueError):
            raise columns.damaged("a row lies outside") from None
        every = _Found(*map(np.concatenate, zip(*found, strict=True)))
        if rank < RANK_COUNT:
            every = every.at(every.ranks <= rank)
        return _hits(self._part, tier, _in_order(columns, every, need))

    def _symbols_of(self, rows: Rows, first: int, most: int) -> _Found:
        """Of each of some names the symbols that may answer, from one on.

        May raise IndexError or ValueError: the columns are damaged.
        """
        columns, judge = self._part.columns, self._filter
        name_first = np.frombuffer(columns.name_first, "<u4")
        firsts = name_first[rows].astype(np.int64) + first
        counts = np.minimum(name_first[rows + 1] - firsts, most - first)
        total = int(counts.sum())
        if total > columns.symbol_count:
            raise ValueError
        starts = np.cumsum(counts) - counts
        places = np.repeat(firsts - starts, counts) + np.arange(total)
        symbols = np.frombuffer(columns.name_symbols, "<u4")[places]
        names = np.repeat(rows, counts)
        first_symbols = np.frombuffer(columns.file_first, "<u4")
        files = np.searchsorted(first_symbols, symbols, "right") - 1
        first_names = np.frombuffer(columns.rank_first, "<u4")
        best = (np.searchsorted(first_names, names, "right") - 1).astype(np.uint8)
        ranks = best.copy()
        later = np.ones(total, bool)
        if not first:
            later[starts[counts > 0]] = False
        later = np.flatnonzero(later)
        if len(later):
            ranks[later] = _static_ranks(columns, symbols[later], files[later])
        found = _Found(places, symbols, files, names, ranks, best)
        return found if judge.allows_all else found.at(judge.allowed(symbols, files))


def _longer(columns: Columns, rows: Rows) -> Rows:
    """The names with more symbols than are looked at first."""
    name_first = np.frombuffer(columns.name_first, "<u4")
    longer: Rows = rows[name_first[rows + 1] - name_first[rows] > _FIRST_SYMBOLS]
    return longer


def _next_ranks(columns: Columns, rows: Rows) -> NDArray[np.uint8]:
    """The ranks of the symbols behind those that are looked at first."""
    places = np.frombuffer(columns.name_first, "<u4")[rows] + np.uint32(_FIRST_SYMBOLS)
    symbols = np.frombuffer(columns.name_symbols, "<u4")[places]
    first_symbols = np.frombuffer(columns.file_first, "<u4")
    files = np.searchsorted(first_symbols, symbols, "right") - 1
    return _static_ranks(columns, symbols, files)


def _settled(found: _Found, rank: int) -> int:
    """How many symbols stand before those of all names that have not come yet."""
    before = (found.ranks < rank) | ((found.ranks == rank) & (found.best == rank))
    return int(np.count_nonzero(before))


def _static_ranks(
    columns: Columns, symbols: NDArray[np.uint32], files: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """What `Columns.rank` says of each."""
    kinds = np.frombuffer(columns.kinds, np.uint8)[symbols].astype(np.int64)
    flags = np.frombuffer(columns.flags, np.uint8)[symbols]
    kinds[kinds >= _KINDS] = 0
    cells = (kinds << 8 | flags) * (MAX_DEPTH + 1) + _depths(columns, symbols, files)
    ranks: NDArray[np.uint8] = _RANKS[cells]
    return ranks


def _depths(
    columns: Columns, symbols: NDArray[np.uint32], files: NDArray[np.int64]
) -> NDArray[np.int64]:
    """What `Columns.depth` says of each."""
    depths = np.zeros(len(symbols), np.int64)
    scopes = len(columns.scope_containers) > 0
    containers = np.frombuffer(columns.containers, "<u4")
    scope_containers = np.frombuffer(columns.scope_containers, "<u4")
    inner = np.flatnonzero(containers[symbols])
    numbers = containers[symbols[inner]]
    firsts = np.frombuffer(columns.file_first, "<u4")[files[inner]].astype(np.int64)
    for _level in range(MAX_DEPTH):
        if scopes and (scoped := numbers >= SCOPED).any():
            depths[inner[scoped]] += 1
            numbers = numbers.copy()
            numbers[scoped] = scope_containers[numbers[scoped] & ~np.uint32(SCOPED)]
        inside = numbers > 0
        inner, firsts = inner[inside], firsts[inside]
        if not len(inner):
            break
        depths[inner] += 1
        numbers = containers[firsts + numbers[inside] - 1]
    return np.minimum(depths, MAX_DEPTH)


def _in_order(columns: Columns, found: _Found, need: int) -> _Found:
    """The `need` best, in order: by rank, length, folded name, name, and place."""
    # Ranks and places tell those of one name apart, and sort names of one best rank.
    found = found.at(np.lexsort((found.places, found.ranks)))
    native = found.ranks == found.best
    if native.all():
        return found.at(np.arange(min(need, len(native))))
    # Those of their names' best rank are in order already, and follow the others of
    # that rank, which fall between them.
    found = found.at(np.cumsum(native) <= need)
    rows = np.unique(found.names)
    names = list(map(columns.name, rows.tolist()))
    keys = [(len(name), fold(name), name) for name in names]
    order = np.zeros(len(names), np.int64)
    order[sorted(range(len(names)), key=keys.__getitem__)] = np.arange(len(names))
    name_places = order[np.searchsorted(rows, found.names)]
    # A name's symbols of one rank have kept their order, and sorting keeps it.
    return found.at(np.lexsort((name_places, found.ranks))[:need])


def _hits(part: SearchedPart, tier: Tier, found: _Found) -> list[Hit]:
    columns = part.columns
    rows, places = np.unique(found.names, return_inverse=True)
    names = columns.names_at(rows.tolist())
    if len(names) != len(rows):
        raise columns.damaged("a text's offsets lie outside")
    return list(
        map(
            make_hit,
            zip(
                repeat(tier),
                found.ranks.tolist(),
                repeat(part),
                found.symbols.tolist(),
                found.files.tolist(),
                map(names.__getitem__, places.tolist()),
                strict=False,
            ),
        )
    )
