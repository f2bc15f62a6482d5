"""workspace/symbol: the best symbols of all roots for what the user types."""

from typing import TYPE_CHECKING, Any, NamedTuple

from codanna_lsp.server.from_lsp import read_object, read_text
from codanna_lsp.server.guard import REQUEST_CANCELLED, ResponseFailure
from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.server.protocol import CURRENT_REQUEST, Request
from codanna_lsp.server.session import LOADING_WAIT_S
from codanna_lsp.server.to_lsp import to_symbol

if TYPE_CHECKING:
    from codanna_lsp.queries.symbol_search import SymbolMatch
    from codanna_lsp.server.root import Root


class _Found(NamedTuple):
    match: "SymbolMatch"
    place: int
    root: "Root"


def _order(found: _Found) -> tuple[int, int]:
    return found.match.tier, found.place


def find(ls: CodannaServer, params: Any) -> Any:
    """Symbols, best first; a question that comes while loading waits a little."""
    query = read_text(read_object(params).get("query"), "query")
    request = CURRENT_REQUEST.get()
    _drop_superseded(ls, request, query)
    if ls.session.is_loading:
        return _find_later(ls, query, request)
    return _find(ls, query, request)


async def _find_later(
    ls: CodannaServer, query: str, request: Request
) -> list[dict[str, Any]]:
    await ls.session.wait_until_loaded(LOADING_WAIT_S)
    return _find(ls, query, request)


def _find(ls: CodannaServer, query: str, request: Request) -> list[dict[str, Any]]:
    from codanna_lsp.queries.symbol_search import SymbolQuestion, find_symbols

    session = ls.session
    limit = session.settings.symbol_limit
    found: list[_Found] = []
    for number, root in enumerate(session.searched()):
        question = SymbolQuestion(
            text=query, limit=limit, near=tuple(root.sources.documents)
        )
        answer = find_symbols(root.view(), question, request.is_cancelled)
        found.extend(
            _Found(match, place, root) for place, match in enumerate(answer.symbols)
        )
        if number:
            found.sort(key=_order)
        root.was_asked()
    request.check()
    kept = _cut(found, limit)
    return [
        to_symbol(
            item.match,
            item.root.sources,
            session.client,
            score=1 - place / (len(kept) + 1),
        )
        for place, item in enumerate(kept)
    ]


def _cut(found: list[_Found], limit: int) -> list[_Found]:
    """The best of all roots; what is named exactly so is never cut."""
    from codanna_lsp.queries.ranking import Tier

    exact = sum(item.match.tier <= Tier.EXACT for item in found)
    return found[: max(limit, exact)]


def _drop_superseded(ls: CodannaServer, request: Request, query: str) -> None:
    """Do not answer for what the user has typed on from already."""
    newest = ls.protocol.newest_query
    if newest is None or newest[0] == request.id or not query:
        return
    if len(newest[1]) > len(query) and newest[1].startswith(query):
        raise ResponseFailure(REQUEST_CANCELLED, "a later query took its place")
