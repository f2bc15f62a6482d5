"""Symbol search: the best symbols of a workspace for what a user types.

Invariant: the same view and question give the same answer in the same order.
Invariant: symbols whose name equals the query are never cut by the limit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from codanna_lsp.index.index_data import Part
from codanna_lsp.index.names import fold
from codanna_lsp.index.view import SymbolRow, View, symbol_row
from codanna_lsp.model.symbol import SymbolFlag
from codanna_lsp.queries.ranking import Tier, name_tier
from codanna_lsp.queries.symbol_query import ParsedQuery, parse_query

MAX_LIMIT = 10_000
MAX_EXACT = 10_000  # symbols of the exact tiers in one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolQuestion:
    """What a user asks for, and how much of it.

    text: the query (`symbol_query`). kinds, languages: SymbolKind numbers and language
    ids; none is all. near: paths of open files.
    """

    text: str
    limit: int = 256
    kinds: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


class SymbolMatch(NamedTuple):
    """One symbol of an answer; `score` (0 to 1) falls from match to match."""

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
    """complete: false when the question was cancelled, or more matches than were
    allowed were left out."""

    symbols: tuple[SymbolMatch, ...]
    complete: bool


def _never() -> bool:
    return False


def find_symbols(
    view: View, question: SymbolQuestion, cancelled: Callable[[], bool] = _never
) -> SymbolAnswer:
    """The best symbols for the question, best first."""
    query = parse_query(question.text)
    found: list[tuple[tuple[object, ...], Tier, int, SymbolRow]] = []
    for part in view.data.parts:
        for tier, name, symbol in _candidates(part, query):
            if cancelled():
                return SymbolAnswer((), complete=False)
            columns = part.columns
            file = columns.file_of_symbol(symbol)
            if file in part.hidden:
                continue
            row = symbol_row(part, symbol, name, file=file)
            if not _wanted(row, query, question):
                continue
            rank = columns.rank(symbol, columns.file_first[file])
            near = 0 if row.path in question.near else 1
            key = (tier, rank, near, len(name), fold(name), name, row.path, row.line)
            found.append(((*key, row.column, row.index), tier, rank, row))
    found.sort(key=lambda item: item[0])
    better = sum(item[1] < Tier.SUBSEQUENCE for item in found)
    if better >= 20:
        del found[better:]
    limit = max(question.limit, sum(item[1] <= Tier.EXACT for item in found))
    kept = found[:limit]
    return SymbolAnswer(
        tuple(
            SymbolMatch(
                name=row.name,
                kind=row.kind,
                flags=row.flags,
                container=row.container,
                language=row.language,
                path=row.path,
                line=row.line,
                column=row.column,
                end_column=row.end_column,
                index=row.index,
                tier=tier,
                score=1 - place / (len(kept) + 1),
            )
            for place, (_key, tier, _rank, row) in enumerate(kept)
        ),
        complete=len(kept) == len(found),
    )


def _candidates(part: Part, query: ParsedQuery) -> Iterator[tuple[Tier, str, int]]:
    columns = part.columns
    for row in range(columns.name_count):
        name = columns.name(row)
        tier = name_tier(name, query.name) if query.name else Tier.PREFIX
        if tier is not None:
            for symbol in columns.symbols_of_name(row):
                yield tier, name, symbol


def _wanted(row: SymbolRow, query: ParsedQuery, question: SymbolQuestion) -> bool:
    if query.kinds and row.kind not in query.kinds:
        return False
    if question.kinds and row.kind not in question.kinds:
        return False
    if query.languages and row.language not in query.languages:
        return False
    if question.languages and row.language not in question.languages:
        return False
    if query.no_tests and row.flags & SymbolFlag.TEST:
        return False
    where = fold("/".join((row.path, *row.container)))
    if not all(word in where for word in (*query.also, *query.paths)):
        return False
    if query.qualifiers:
        chain = [*fold(row.path).rsplit(".", 1)[0].split("/"), *map(fold, row.container)]
        wanted = list(map(fold, query.qualifiers))
        return chain[-len(wanted) :] == wanted
    return True
