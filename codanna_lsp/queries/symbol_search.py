"""Symbol search: the best symbols of a workspace for what a user types.

Tier by tier (`ranking`), each part of the index gives its names in the order of their
rows, which is the order of the answer but for nearness and for names whose symbols
differ in rank: so a part is left as soon as it has given what can be shown.

Invariant: the same view and question give the same answer in the same order.
Invariant: symbols whose name equals the query are never cut by the limit, but by
`MAX_EXACT`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from codanna_lsp.index.columns import Columns
from codanna_lsp.index.names import fold
from codanna_lsp.index.view import View
from codanna_lsp.queries.name_scan import NameScan
from codanna_lsp.queries.nearness import FAR, near_files
from codanna_lsp.queries.ranking import (
    CONTIGUOUS,
    ENOUGH,
    EQUAL,
    STARTING,
    NamePattern,
    Tier,
)
from codanna_lsp.queries.symbol_filter import PartFilter, Wanted
from codanna_lsp.queries.symbol_query import ParsedQuery, parse_query

MAX_LIMIT = 10_000
MAX_EXACT = 10_000  # symbols of the exact tiers in one answer
_CHECK_EVERY = 512  # names between two looks at `cancelled`
_RANKS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolQuestion:
    """What a user asks for, and how much of it.

    text: the query (`symbol_query`). limit: at most `MAX_LIMIT`. kinds, languages:
    SymbolKind numbers and language ids; none is all. paths: parts of paths, or globs.
    near: paths of open files, the current one first.
    """

    text: str
    limit: int = 256
    kinds: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


class SymbolMatch(NamedTuple):
    """One symbol of an answer.

    container: the enclosing names, outermost first. line, column, end_column: the
    name's, in bytes. index: its place in its file's facts. score: 0 to 1, falling from
    match to match.
    """

    name: str
    kind: int
    flags: int
    container: tuple[str, ...]
    language: str
    path: str
    line: int
    column: int
    end_column: int
    index: int
    tier: Tier
    score: float


class SymbolAnswer(NamedTuple):
    """The matches, best first.

    complete: false when it was cancelled, or matches were left out for a limit.
    """

    symbols: tuple[SymbolMatch, ...]
    complete: bool


class _Cancelled(Exception):  # noqa: N818 - no error, and it never leaves this file
    """The question is not wanted any more."""


class _Hit(NamedTuple):
    """A symbol that matches. key: static rank, nearness, length, folded name, name,
    path, line, column, index: what orders the hits of one tier."""

    tier: Tier
    key: tuple[int, int, int, str, str, str, int, int, int]
    columns: Columns
    symbol: int
    file: int


class _Searched(NamedTuple):
    """One part with what the question needs of it; near: how far its near files are."""

    columns: Columns
    scan: NameScan
    judge: PartFilter
    near: dict[int, int]


def _never() -> bool:
    return False


def find_symbols(
    view: View, question: SymbolQuestion, cancelled: Callable[[], bool] = _never
) -> SymbolAnswer:
    """The best symbols for the question, best first.

    Raises:
        CorruptionError: the columns are damaged.
    """
    query = parse_query(question.text)
    limit = max(1, min(question.limit, MAX_LIMIT))
    try:
        parts = _searched(view, question, query, _pattern(query))
        hits, complete = _best_hits(parts, limit, cancelled)
        if query.literal != query.name:
            literal = NamePattern(query.literal, tiers=EQUAL)
            anywhere = query._replace(qualifiers=())
            parts = _searched(view, question, anywhere, literal)
            more, _complete = _best_hits(parts, limit, cancelled)
            hits = _united(hits, more, limit)
    except _Cancelled:
        return SymbolAnswer((), complete=False)
    return SymbolAnswer(tuple(_matches(hits)), complete)


def _pattern(query: ParsedQuery) -> NamePattern:
    if query.starts and query.ends:
        return NamePattern(query.name, tiers=EQUAL)
    if query.starts:
        return NamePattern(query.name, tiers=STARTING)
    if query.ends or query.part:
        return NamePattern(query.name, tiers=CONTIGUOUS, ends=query.ends)
    return NamePattern(query.name)


def _searched(
    view: View, question: SymbolQuestion, query: ParsedQuery, pattern: NamePattern
) -> list[_Searched]:
    wanted = Wanted(
        kinds=(query.kinds, frozenset(question.kinds)),
        languages=(query.languages, frozenset(question.languages)),
        paths=(*query.paths, *map(fold, question.paths)),
        also=query.also,
        qualifiers=query.qualifiers,
        no_tests=query.no_tests,
    )
    parts = view.data.parts
    nears = near_files(view.data, question.near)
    return [
        _Searched(
            part.columns, NameScan(part.columns, pattern), PartFilter(part, wanted), near
        )
        for part, near in zip(parts, nears, strict=True)
    ]


def _best_hits(
    parts: list[_Searched], limit: int, cancelled: Callable[[], bool]
) -> tuple[list[_Hit], bool]:
    """The best hits of all parts, and whether they are all there are."""
    hits: list[_Hit] = []
    complete = True
    for tier in Tier:
        need = (MAX_EXACT if tier <= Tier.EXACT else limit) - len(hits)
        if tier == Tier.SUBSEQUENCE and len(hits) >= ENOUGH:
            break
        if need <= 0:
            complete = False
            continue
        found: list[_Hit] = []
        for part in parts:
            found += _near_hits(part, tier)
            found += _far_hits(part, tier, need + 1, cancelled)
            complete = complete and not part.scan.cut
        found.sort(key=_key)
        complete = complete and len(found) <= need
        hits += found[:need]
    return hits, complete


def _key(hit: _Hit) -> tuple[int, int, int, str, str, str, int, int, int]:
    return hit.key


def _near_hits(part: _Searched, tier: Tier) -> Iterator[_Hit]:
    """The hits in near files: all of them, as they may outrun better-placed names."""
    columns = part.columns
    for file in part.near:
        for symbol in columns.symbols_of_file(file):
            name = columns.symbol_name(symbol)
            if part.scan.tier_of(name) == tier and part.judge.allows(symbol, file):
                rank = columns.rank(symbol, columns.file_first[file])
                yield _hit(part, tier, symbol, file=file, name=name, rank=rank)


def _far_hits(
    part: _Searched, tier: Tier, need: int, cancelled: Callable[[], bool]
) -> list[_Hit]:
    """The best hits elsewhere: at least the `need` best, if there are so many.

    Names come by rank, then as they are ordered. A symbol of a worse rank than its
    name's best is sure to be among the best only when all names up to its rank came.
    """
    columns, judge = part.columns, part.judge
    hits: list[_Hit] = []
    sure, later = 0, [0] * _RANKS
    rank_of_names = 0
    for count, row in enumerate(part.scan.rows(tier)):
        if count % _CHECK_EVERY == 0 and cancelled():
            raise _Cancelled
        while rank_of_names < _RANKS - 1 and row >= columns.rank_first[rank_of_names + 1]:
            sure += later[rank_of_names]
            rank_of_names += 1
        if sure >= need:
            break
        taken = 0
        name, symbols = columns.name(row), columns.symbols_of_name(row)
        for symbol in symbols:
            file = columns.file_of_symbol(symbol)
            if file in part.near or not judge.allows(symbol, file):
                continue
            rank = rank_of_names
            if len(symbols) > 1:
                rank = columns.rank(symbol, columns.file_first[file])
            hits.append(_hit(part, tier, symbol, file=file, name=name, rank=rank))
            if rank == rank_of_names:
                sure += 1
            else:
                later[rank] += 1
            taken += 1
            if taken >= need:
                break
    return hits


def _hit(
    part: _Searched, tier: Tier, symbol: int, *, file: int, name: str, rank: int
) -> _Hit:
    columns = part.columns
    key = (
        rank,
        part.near.get(file, FAR),
        len(name),
        fold(name),
        name,
        columns.path(file),
        columns.lines[symbol],
        columns.columns[symbol],
        symbol - columns.file_first[file],
    )
    return _Hit(tier, key, columns, symbol, file)


def _united(hits: list[_Hit], more: list[_Hit], limit: int) -> list[_Hit]:
    """Both, each symbol once in its better tier, the exact ones never cut."""
    best: dict[tuple[str, int], _Hit] = {}
    for hit in sorted((*more, *hits), key=lambda hit: (hit.tier, hit.key)):
        best.setdefault((hit.key[5], hit.key[8]), hit)
    united = list(best.values())
    exact = sum(hit.tier <= Tier.EXACT for hit in united)
    return united[: max(limit, exact)]


def _matches(hits: list[_Hit]) -> Iterator[SymbolMatch]:
    for place, hit in enumerate(hits):
        columns, symbol, file = hit.columns, hit.symbol, hit.file
        first = columns.file_first[file]
        name, path = hit.key[4], hit.key[5]
        spot = columns.place(symbol, name)
        yield SymbolMatch(
            name=name,
            kind=spot.kind,
            flags=spot.flags,
            container=columns.container_names(symbol, first),
            language=columns.language(file),
            path=path,
            line=spot.line,
            column=spot.column,
            end_column=spot.end_column,
            index=symbol - first,
            tier=hit.tier,
            score=_score(hit, place, len(hits)),
        )


def _score(hit: _Hit, place: int, count: int) -> float:
    """Tier, then rank, then place: falls from match to match, and tells a poor best
    match from a good one."""
    steps = (len(Tier) - 1 - hit.tier) * _RANKS + (_RANKS - 1 - hit.key[0])
    return (steps + 1 - (place + 1) / (count + 1)) / (len(Tier) * _RANKS)
