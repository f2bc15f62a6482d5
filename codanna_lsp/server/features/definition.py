"""textDocument/definition: where the name under the cursor is declared."""

import time
from typing import TYPE_CHECKING, Any

from codanna_lsp.server.answering import is_answered
from codanna_lsp.server.from_lsp import read_object, read_position, read_uri
from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.server.protocol import CURRENT_REQUEST
from codanna_lsp.server.session import HUNT_S, LOADING_WAIT_S, Place
from codanna_lsp.server.to_lsp import to_location, to_location_link
from codanna_lsp.settings import DEFINITION

if TYPE_CHECKING:
    from codanna_lsp.extraction.syntax import SyntaxTree
    from codanna_lsp.queries.definition import DefinitionAnswer
    from codanna_lsp.server.texts.sources import Sources


def find(ls: CodannaServer, params: Any) -> Any:
    """Links where the client takes them, else locations; null where nothing is known."""
    uri = read_uri(params)
    position = read_position(read_object(params).get("position"))
    place = ls.session.place_of(uri)
    if place is None or not is_answered(ls, place, DEFINITION):
        return None
    if place.root.is_loading or place.root.is_cold:
        return _find_later(ls, place, position)
    answer = _ask(ls, place, position)
    return _to_lsp(ls, place, position, _from_around(ls, place, position, answer))


async def _find_later(
    ls: CodannaServer, place: Place, position: tuple[int, int]
) -> Any:
    """As `find`, while the index is not complete: wait, and hunt for the name."""
    request = CURRENT_REQUEST.get()
    until = time.monotonic() + HUNT_S
    await ls.session.wait_until_loaded(LOADING_WAIT_S)
    answer = _ask(ls, place, position)
    if not answer.targets or answer.step == "guess":
        name = _name_at(ls, place, position)
        if name and await place.root.hunt(name, until=until):
            answer = _ask(ls, place, position)
    request.check()
    return _to_lsp(ls, place, position, _from_around(ls, place, position, answer))


def _from_around(
    ls: CodannaServer,
    place: Place,
    position: tuple[int, int],
    answer: "DefinitionAnswer",
) -> "tuple[DefinitionAnswer, Sources]":
    """The answer, or a surer one of a folder that the file's own one lies in.

    With the sources that its targets are to be found in.
    """
    if not _is_sure(answer, place):
        for around in ls.session.places_around(place):
            wider = _ask(ls, place, position, around=around)
            if _is_sure(wider, around) or (wider.targets and not answer.targets):
                return wider, around.root.sources
    return answer, place.root.sources


def _is_sure(answer: "DefinitionAnswer", place: Place) -> bool:
    """Whether a name was found, and not only the import that brings it here."""
    if not answer.targets or answer.step == "guess":
        return False
    return answer.step != "import" or answer.targets[0].path != place.path


def _ask(
    ls: CodannaServer,
    place: Place,
    position: tuple[int, int],
    *,
    around: Place | None = None,
) -> "DefinitionAnswer":
    """What is known of a position: in the file's own root, or in one around it."""
    from codanna_lsp.queries.definition import (
        NOTHING,
        DefinitionQuestion,
        find_definition,
    )

    sources = place.root.sources
    tree, text = sources.tree(place.path), sources.text(place.path)
    if tree is None or text is None:
        return NOTHING
    line, column = text.from_client(*position, ls.session.client.encoding)
    asked = around or place
    question = DefinitionQuestion(asked.path, line, column)
    request = CURRENT_REQUEST.get()

    def read_tree(path: str) -> "SyntaxTree | None":
        request.check()
        return asked.root.sources.tree(path)

    answer = find_definition(asked.root.view(), question, tree, read_tree=read_tree)
    asked.root.was_asked()
    return answer


def _name_at(ls: CodannaServer, place: Place, position: tuple[int, int]) -> str:
    sources = place.root.sources
    tree, text = sources.tree(place.path), sources.text(place.path)
    if tree is None or text is None:
        return ""
    line, column = text.from_client(*position, ls.session.client.encoding)
    occurrence = tree.occurrence(line, column)
    return "" if occurrence is None else occurrence.name


def _to_lsp(
    ls: CodannaServer,
    place: Place,
    position: tuple[int, int],
    found: "tuple[DefinitionAnswer, Sources]",
) -> Any:
    answer, sources = found
    if not answer.targets:
        return None
    client = ls.session.client
    if not client.definition_links:
        return [to_location(target, sources, client) for target in answer.targets]
    origin = _origin(ls, place, position)
    return [
        to_location_link(target, sources, client, origin=origin)
        for target in answer.targets
    ]


def _origin(
    ls: CodannaServer, place: Place, position: tuple[int, int]
) -> dict[str, Any] | None:
    """The range of the name that was asked about; clients underline it."""
    sources, encoding = place.root.sources, ls.session.client.encoding
    tree, text = sources.tree(place.path), sources.text(place.path)
    if tree is None or text is None:
        return None
    line, column = text.from_client(*position, encoding)
    occurrence = tree.occurrence(line, column)
    if occurrence is None:
        return None
    from codanna_lsp.server.to_lsp import to_text_range

    span = (occurrence.line, occurrence.column, occurrence.line, occurrence.end_column)
    return to_text_range(span, text, encoding)
