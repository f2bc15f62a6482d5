"""Symbol search: the best symbols of a workspace for what a user types.

Tier by tier (`ranking`), each part of the index gives its names in the order of their
rows, which is the order of the answer but for nearness and for names whose symbols
differ in rank: so a part is left as soon as it has given what can be shown.

Invariant: the same view and question give the same answer in the same order.
Invariant: symbols whose name equals the query are never cut by the limit, but by
`MAX_EXACT`.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, repeat
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from codanna_lsp.index.column_sections import RANK_COUNT
from codanna_lsp.index.name_table.names import fold
from codanna_lsp.index.view import View
from codanna_lsp.queries.nearness import near_files
from codanna_lsp.queries.ranking import (
    CONTIGUOUS,
    ENOUGH,
    EQUAL,
    LOOSE,
    ONE_NAME,
    STARTING,
    NamePattern,
    Tier,
)
from codanna_lsp.queries.symbol_filter import PartFilter, Wanted
from codanna_lsp.queries.symbol_hits import (
    Cancelled,
    FarHits,
    Hit,
    SearchedPart,
    full_key,
    merged,
    near_hits,
)
from codanna_lsp.queries.symbol_places import places_of
from codanna_lsp.queries.symbol_query import (
    ParsedQuery,
    parse_query,
    read_otherwise,
)

if TYPE_CHECKING:
    from codanna_lsp.queries.bulk_hits import BulkHits

MAX_LIMIT = 10_000
MAX_WEAK = 64  # subsequence hits shown: nobody reads further, and they cost most
MAX_EXACT = 10_000  # symbols of the exact tiers in one answer
_TIERS = len(Tier)
_WORTH = 1 / (_TIERS * RANK_COUNT)  # of a score's smallest whole step


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
    index: int  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]
    tier: Tier
    score: float


# A named tuple's own constructor costs more than all else of a match.
_match: Callable[[type[SymbolMatch], tuple[object, ...]], SymbolMatch] = cast(
    "Any", tuple
).__new__


class SymbolAnswer(NamedTuple):
    """The matches, best first.

    complete: false when it was cancelled, or matches were left out for a limit.
    """

    symbols: tuple[SymbolMatch, ...]
    complete: bool


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
        if query.qualifiers and not any(hit.tier <= Tier.EXACT for hit in hits):
            # `models.F` of a package that spreads its parts over modules of its own.
            equal = NamePattern(query.name, tiers=EQUAL)
            parts = _searched(view, question, query, equal, within=True)
            more, _complete = _best_hits(parts, limit, cancelled)
            hits = _united(hits, more, limit)
        if query.also and not query.qualifiers and not query.anchored:
            # `resolve config` may be one name as well: `resolveConfig`.
            one = NamePattern("".join((query.name, *query.also)), tiers=ONE_NAME)
            parts = _searched(view, question, query._replace(also=()), one)
            more, _complete = _best_hits(parts, limit, cancelled)
            hits = _united(hits, more, limit)
        for other, pattern in _otherwise(query):
            parts = _searched(view, question, other, pattern)
            more, _complete = _best_hits(parts, limit, cancelled)
            hits = _united(hits, more, limit)
        if query.literal != query.name:
            literal = NamePattern(query.literal, tiers=EQUAL)
            anywhere = query._replace(qualifiers=())
            parts = _searched(view, question, anywhere, literal)
            more, _complete = _best_hits(parts, limit, cancelled)
            hits = _united(hits, more, limit)
    except Cancelled:
        return SymbolAnswer((), complete=False)
    return SymbolAnswer(tuple(_matches(hits)), complete)


def _otherwise(query: ParsedQuery) -> Iterator[tuple[ParsedQuery, NamePattern]]:
    """What else several words may mean, and how the name is matched then."""
    keyword, inner = read_otherwise(query)
    if keyword is not None:
        yield keyword, _pattern(keyword)
    if inner is not None:
        # What one letter starts is half of all names, and their containers are read.
        tiers = STARTING if len(inner.name) >= _LONG_ENOUGH else EQUAL
        yield inner, NamePattern(inner.name, tiers=tiers)


_LONG_ENOUGH = 3  # letters of a name whose beginning is looked for in a container


def _pattern(query: ParsedQuery) -> NamePattern:
    if query.starts and query.ends:
        return NamePattern(query.name, tiers=EQUAL)
    if query.starts:
        return NamePattern(query.name, tiers=STARTING)
    if query.ends or query.part:
        return NamePattern(query.name, tiers=CONTIGUOUS, ends=query.ends)
    return NamePattern(query.name)


def _searched(
    view: View,
    question: SymbolQuestion,
    query: ParsedQuery,
    pattern: NamePattern,
    *,
    within: bool = False,
) -> list[SearchedPart]:
    wanted = Wanted(
        kinds=(query.kinds, frozenset(question.kinds)),
        languages=(query.languages, frozenset(question.languages)),
        paths=(*query.paths, *map(fold, question.paths)),
        also=query.also,
        qualifiers=query.qualifiers,
        within=within,
        no_tests=query.no_tests,
    )
    parts = view.data.parts
    nears = near_files(view.data, question.near)
    return [
        SearchedPart(part.columns, pattern, PartFilter(part, wanted), near)
        for part, near in zip(parts, nears, strict=True)
        if len(part.hidden) < part.columns.file_count
    ]


def _far_hits(part: SearchedPart) -> "FarHits | BulkHits":
    if not len(part.columns.letters) or not _bulk_is_loaded():
        return FarHits(part)
    from codanna_lsp.queries.bulk_hits import BulkHits

    return BulkHits(part)


def _bulk_is_loaded() -> bool:
    return "numpy" in sys.modules


def _best_hits(
    parts: list[SearchedPart], limit: int, cancelled: Callable[[], bool]
) -> tuple[list[Hit], bool]:
    """The best hits of all parts, and whether they are all there are."""
    hits: list[Hit] = []
    complete = True
    nears = [near_hits(part) for part in parts]
    fars = [_far_hits(part) for part in parts]
    for tier in Tier:
        need = (MAX_EXACT if tier <= Tier.EXACT else limit) - len(hits)
        if tier in LOOSE and len(hits) >= ENOUGH:
            continue
        if tier == Tier.SUBSEQUENCE:
            need = min(need, MAX_WEAK)
        if need <= 0:
            complete = False
            continue
        best = merged([far.best(tier, need + 1, cancelled) for far in fars])
        near = [hit for some in nears for hit in some.get(tier, ())]
        if near:
            # Of one rank the near ones come first: sorting keeps it so.
            best = sorted((*sorted(near, key=full_key), *best), key=_rank)
        complete = complete and len(best) <= need
        complete = complete and not any(far.cut for far in fars)
        hits += best[:need]
    return hits, complete


def _rank(hit: Hit) -> int:
    return hit.rank


def _united(hits: list[Hit], more: list[Hit], limit: int) -> list[Hit]:
    """Both, each symbol once in its better tier, the exact ones never cut."""
    best: dict[tuple[int, int], Hit] = {}
    for hit in sorted((*more, *hits), key=lambda hit: (hit.tier, full_key(hit))):
        best.setdefault((id(hit.part.columns), hit.symbol), hit)
    united = list(best.values())
    exact = sum(hit.tier <= Tier.EXACT for hit in united)
    return united[: max(limit, exact)]


def _matches(hits: list[Hit]) -> Iterator[SymbolMatch]:
    """The hits in full: column by column, for that is what reading them costs least."""
    step = 1 / (len(hits) + 1)
    place = 0
    for _columns, some in groupby(hits, key=_columns_of):
        group = list(some)
        tiers = [hit[0] for hit in group]
        # Tier, then rank, then place: falls from match to match, and tells a poor best
        # match from a good one.
        scores = [
            ((_TIERS - hit[0]) * RANK_COUNT - hit[1] - step * number) * _WORTH
            for number, hit in enumerate(group, place + 1)
        ]
        place += len(group)
        matches = zip(*places_of(group), tiers, scores, strict=True)
        yield from map(_match, repeat(SymbolMatch), matches)


def _columns_of(hit: Hit) -> int:
    return id(hit[2].columns)
