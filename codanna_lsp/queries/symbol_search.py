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
_TIERS = len(Tier)


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
    """A symbol that matches, and the best rank of those that bear its name."""

    tier: Tier
    rank: int
    part: "_Searched"
    symbol: int
    file: int
    name: str


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
            part.columns,
            NameScan(part.columns, pattern),
            PartFilter(part, wanted),
            near,
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
        found = [
            some
            for part in parts
            for some in (
                list(_near_hits(part, tier)),
                *_far_hits(part, tier, need + 1, cancelled),
            )
            if some
        ]
        best = found[0] if len(found) == 1 else []
        if len(found) > 1 or (found and found[0][0].part.near):
            key = _key if len(parts) > 1 else _key_in_part
            best = sorted((hit for some in found for hit in some), key=key)
        complete = complete and len(best) <= need
        complete = complete and not any(part.scan.cut for part in parts)
        hits += best[:need]
    return hits, complete


def _key(hit: _Hit) -> tuple[object, ...]:
    """Orders the hits of one tier, through all parts."""
    return _key_in_part(hit, hit.part.columns.path(hit.file))


def _key_in_part(hit: _Hit, path: str | None = None) -> tuple[object, ...]:
    """Orders the hits of one tier in one part, where a file's row tells its place."""
    columns, symbol = hit.part.columns, hit.symbol
    return (
        hit.rank,
        hit.part.near.get(hit.file, FAR),
        len(hit.name),
        fold(hit.name),
        hit.name,
        hit.file if path is None else path,
        columns.lines[symbol],
        columns.columns[symbol],
        symbol,
    )


def _near_hits(part: _Searched, tier: Tier) -> Iterator[_Hit]:
    """The hits in near files: all of them, as they may outrun better-placed names."""
    columns = part.columns
    for file in part.near:
        first = columns.file_first[file]
        for symbol in columns.symbols_of_file(file):
            name = columns.symbol_name(symbol)
            if part.scan.tier_of(name) == tier and part.judge.allows(symbol, file):
                yield _Hit(tier, columns.rank(symbol, first), part, symbol, file, name)


def _far_hits(
    part: _Searched, tier: Tier, need: int, cancelled: Callable[[], bool]
) -> tuple[list[_Hit], list[_Hit]]:
    """The best hits elsewhere, at least the `need` best if there are so many: those of
    their name's best rank, in their final order, and the others, in none.

    Names come by rank, then as they are ordered. Symbols of a worse rank than their
    name's best wait until all names up to their own rank have come.
    """
    columns = part.columns
    hits: list[_Hit] = []
    others: list[_Hit] = []
    waiting: dict[int, list[_Waiting]] = {}
    rank = 0
    for count, row in enumerate(part.scan.rows(tier)):
        if count % _CHECK_EVERY == 0 and cancelled():
            raise _Cancelled
        while rank < _RANKS - 1 and row >= columns.rank_first[rank + 1]:
            _let_in(part, tier, rank, waiting, others, need)
            rank += 1
        if len(hits) + len(others) >= need:
            break
        comer = _Waiting(columns.name(row), columns.symbols_of_name(row), 0)
        _take(part, tier, rank, comer, waiting, hits, need)
    else:
        rank = _RANKS
    while waiting:
        worse = min(waiting)
        # Of the rank that was broken off, those that waited may be better.
        if worse > rank and len(hits) + len(others) >= need:
            break
        _let_in(part, tier, worse, waiting, others, need)
    return hits, others


class _Waiting(NamedTuple):
    """A name whose symbols from a place on are of a worse rank than those before."""

    name: str
    symbols: "memoryview[int]"
    place: int


def _let_in(
    part: _Searched,
    tier: Tier,
    rank: int,
    waiting: dict[int, list[_Waiting]],
    hits: list[_Hit],
    need: int,
) -> None:
    for comer in waiting.pop(rank, ()):
        _take(part, tier, rank, comer, waiting, hits, need)


def _take(
    part: _Searched,
    tier: Tier,
    rank: int,
    comer: _Waiting,
    waiting: dict[int, list[_Waiting]],
    hits: list[_Hit],
    need: int,
) -> None:
    """Take a name's symbols of this rank, at most `need`; let the others wait."""
    columns, judge = part.columns, part.judge
    name, symbols, start = comer
    taken = 0
    for place in range(start, len(symbols)):
        symbol = symbols[place]
        file = columns.file_of_symbol(symbol)
        if place > 0:
            own = columns.rank(symbol, columns.file_first[file])
            if own != rank:
                waiting.setdefault(own, []).append(comer._replace(place=place))
                return
        if judge.allows_all or judge.allows(symbol, file):
            if file in part.near:
                continue
            hits.append(_Hit(tier, rank, part, symbol, file, name))
            taken += 1
            if taken >= need:
                return


def _united(hits: list[_Hit], more: list[_Hit], limit: int) -> list[_Hit]:
    """Both, each symbol once in its better tier, the exact ones never cut."""
    best: dict[tuple[int, int], _Hit] = {}
    for hit in sorted((*more, *hits), key=lambda hit: (hit.tier, _key(hit))):
        best.setdefault((id(hit.part.columns), hit.symbol), hit)
    united = list(best.values())
    exact = sum(hit.tier <= Tier.EXACT for hit in united)
    return united[: max(limit, exact)]


def _matches(hits: list[_Hit]) -> Iterator[SymbolMatch]:
    step = 1 / (len(hits) + 1)
    left = 1.0
    languages: dict[tuple[int, int], str] = {}
    for tier, rank, part, symbol, file, name in hits:
        columns = part.columns
        first = columns.file_first[file]
        spot = columns.place(symbol, name)
        spoken = (id(columns), columns.file_language[file])
        language = languages.get(spoken)
        if language is None:
            language = languages[spoken] = columns.language(file)
        left -= step
        yield SymbolMatch(
            name,
            spot.kind,
            spot.flags,
            columns.container_names(symbol, first),
            language,
            columns.path(file),
            spot.line,
            spot.column,
            spot.end_column,
            symbol - first,
            tier,
            # Tier, then rank, then place: falls from match to match, and tells a poor
            # best match from a good one.
            ((_TIERS - tier) * _RANKS - 1 - rank + left) / (_TIERS * _RANKS),
        )
