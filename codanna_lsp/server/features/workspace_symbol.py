"""workspace/symbol: the best symbols of all roots for what the user types."""

import asyncio
import time
from collections.abc import Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from codanna_lsp.server.answering import searched_languages
from codanna_lsp.server.from_lsp import read_object, read_text
from codanna_lsp.server.guard import REQUEST_CANCELLED, ResponseFailure
from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.server.protocol import CURRENT_REQUEST, Request
from codanna_lsp.server.session import HUNT_S, LOADING_WAIT_S
from codanna_lsp.server.to_lsp import JsonText, to_symbols

if TYPE_CHECKING:
    from codanna_lsp.queries.symbol_search import SymbolMatch
    from codanna_lsp.server.root import Root
    from codanna_lsp.server.texts.sources import Sources


MIN_HUNTED = 3  # characters of a name that is looked for in files not indexed yet


class _Found(NamedTuple):
    match: "SymbolMatch"
    sources: "Sources"


def find(ls: CodannaServer, params: Any) -> Any:
    """Symbols, best first; a question that comes while loading waits a little."""
    query = read_text(read_object(params).get("query"), "query")
    request = CURRENT_REQUEST.get()
    _drop_superseded(ls, request, query)
    if ls.session.is_loading or ls.session.is_cold:
        return _find_later(ls, query, request)
    return to_symbols(_find(ls, query, request), ls.session.client)


async def _find_later(ls: CodannaServer, query: str, request: Request) -> JsonText:
    """As `find`, while the index is not complete: wait, and hunt for the name."""
    until = time.monotonic() + HUNT_S
    await ls.session.wait_until_loaded(LOADING_WAIT_S)
    found = _find(ls, query, request)
    if await _hunt(ls, query, found, until=until):
        found = _find(ls, query, request)
    return to_symbols(found, ls.session.client)


async def _hunt(
    ls: CodannaServer, query: str, found: "list[_Found]", *, until: float
) -> bool:
    """Look for a name that nothing starts with yet in files that are not indexed."""
    from codanna_lsp.queries.ranking import Tier
    from codanna_lsp.queries.symbol_query import parse_query

    name = parse_query(query).name
    if searched_languages(ls.session.settings) is None:
        return False
    if len(name) < MIN_HUNTED or any(item.match.tier <= Tier.PREFIX for item in found):
        return False
    hunts = [root.hunt(name, until=until) for root in ls.session.roots]
    return any(await asyncio.gather(*hunts))


def _find(ls: CodannaServer, query: str, request: Request) -> "list[_Found]":
    from codanna_lsp.queries.symbol_search import SymbolQuestion, find_symbols

    session = ls.session
    limit = session.settings.symbol_limit
    languages = searched_languages(session.settings)
    if languages is None:
        return []
    answers: list[list[_Found]] = []
    for root in session.searched():
        question = SymbolQuestion(
            text=query,
            limit=limit,
            languages=languages,
            near=tuple(root.sources.documents),
        )
        answer = find_symbols(root.view(), question, request.is_cancelled)
        symbols = _without_inner(root, session.roots, answer.symbols)
        answers.append(list(map(_Found, symbols, repeat(root.sources))))
        root.was_asked()
    request.check()
    return _cut(_united(answers), limit)


def _without_inner(
    root: "Root", roots: "list[Root]", found: "Sequence[SymbolMatch]"
) -> "Sequence[SymbolMatch]":
    """What no folder inside of this one knows itself: its own index has that too.

    Only the deeper one sees the unsaved text of its files.
    """
    sources = root.sources
    inner = [
        (prefix + "/", other.view())
        for other in roots
        if other is not root and (prefix := sources.relative(other.sources.real))
    ]
    if not inner:
        return found
    return [
        match
        for match in found
        if not any(
            match.path.startswith(prefix) and view.has_file(match.path[len(prefix) :])
            for prefix, view in inner
        )
    ]


def _united(answers: list[list[_Found]]) -> list[_Found]:
    """The answers of all roots as one: by tier, then by place in the root's own."""
    if len(answers) == 1:
        return answers[0]
    ranked = [
        (item.match.tier, place, number)
        for number, found in enumerate(answers)
        for place, item in enumerate(found)
    ]
    return [answers[number][place] for _tier, place, number in sorted(ranked)]


def _cut(found: list[_Found], limit: int) -> list[_Found]:
    """The best of all roots; what is named exactly so is never cut."""
    from codanna_lsp.queries.ranking import Tier

    if len(found) <= limit:
        return found
    exact = sum(item.match.tier <= Tier.EXACT for item in found)
    return found[: max(limit, exact)]


def _drop_superseded(ls: CodannaServer, request: Request, query: str) -> None:
    """Do not answer for what the user has typed on from already."""
    newest = ls.protocol.newest_query
    if newest is None or newest[0] == request.id or not query:
        return
    if len(newest[1]) > len(query) and newest[1].startswith(query):
        raise ResponseFailure(REQUEST_CANCELLED, "a later query took its place")
