"""textDocument/documentSymbol: what a file declares, as a tree where clients take one."""

from typing import Any

from codanna_lsp.server.answering import is_answered
from codanna_lsp.server.from_lsp import read_uri
from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.server.to_lsp import to_flat_outline, to_outline
from codanna_lsp.settings import DOCUMENT_SYMBOL


def find(ls: CodannaServer, params: Any) -> list[dict[str, Any]]:
    """The outline of the text as the client holds it; empty where nothing is known."""
    from codanna_lsp.queries.outline import find_outline

    uri = read_uri(params)
    session = ls.session
    place = session.place_of(uri)
    if place is None or not is_answered(ls, place, DOCUMENT_SYMBOL):
        return []
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
