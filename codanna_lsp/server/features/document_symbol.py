"""textDocument/documentSymbol: what a file declares, as a tree where clients take one."""

from typing import Any

from codanna_lsp.server.answering import is_answered
from codanna_lsp.server.from_lsp import read_uri
from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.server.protocol import CURRENT_REQUEST
from codanna_lsp.server.session import LOADING_WAIT_S, Place
from codanna_lsp.server.to_lsp import to_flat_outline, to_outline
from codanna_lsp.settings import DOCUMENT_SYMBOL


def find(ls: CodannaServer, params: Any) -> Any:
    """The outline of the text as the client holds it; empty where nothing is known."""
    uri = read_uri(params)
    place = ls.session.place_of(uri)
    if place is None or not is_answered(ls, place, DOCUMENT_SYMBOL):
        return []
    if place.root.is_loading:
        return _find_later(ls, place, uri)
    return _outline(ls, place, uri)


async def _find_later(
    ls: CodannaServer, place: Place, uri: str
) -> list[dict[str, Any]]:
    """As `find`, when the index is there, which knows what must not be parsed."""
    request = CURRENT_REQUEST.get()
    await ls.session.wait_until_loaded(LOADING_WAIT_S)
    request.check()
    return _outline(ls, place, uri)


def _outline(ls: CodannaServer, place: Place, uri: str) -> list[dict[str, Any]]:
    from codanna_lsp.queries.outline import find_outline

    session = ls.session
    text = place.root.sources.text(place.path)
    facts = place.root.facts(place.path)
    if text is None or facts is None:
        return []
    nodes = find_outline(facts)
    if session.client.outline_trees:
        return to_outline(nodes, text, session.client)
    return to_flat_outline(
        nodes, text, session.client, uri=uri, language=facts.language
    )
