"""Bases that are no classes: `interface Props extends Omit<Base, "a">`, an alias."""

from codanna_lsp.model.relation import Relation, RelationKind
from codanna_lsp.queries.binding.sources import Entity, Sources
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.javascript.generics import base_arguments
from codanna_lsp.queries.receivers.type_text import parse_type

_DEPTH = 4  # that a base's type is deep in an answer, at least


def written_bases(sources: Sources, one: Entity, relation: Relation) -> list[Entity]:
    """What the type that a class or an interface extends is."""
    symbol = sources.symbol(one)
    key = ("bases", one, relation.target)
    if symbol is None or key in sources.busy:
        return []
    sources.busy.add(key)
    text = base_arguments(symbol, relation.target)
    if "<" not in text:
        text = f"{text}<{_first_used(sources, one, relation)}>"
    if relation.receiver:
        text = f"{relation.receiver}.{text}"
    written = parse_type(text, relation.line, relation.column)
    found = instances_of(sources, written, one.path, _DEPTH)
    sources.busy.discard(key)
    return [
        Entity(base.path, base.symbol)
        for base in found
        if base.kind == "instance" and base.path and base.symbol >= 0
    ]


def _first_used(sources: Sources, one: Entity, relation: Relation) -> str:
    """The first name behind a base: what it is handed, where the head is cut."""
    names = sources.names(one.path)
    place = relation.line, relation.column
    behind = [
        (other.line, other.column, other.target)
        for other in (names.facts.relations if names is not None else ())
        if other.source == one.symbol
        and other.kind == RelationKind.USES
        and (other.line, other.column) > place
    ]
    first = min(behind, default=None)
    is_near = first is not None and first[0] <= relation.line + 1
    return first[2] if first is not None and is_near else ""
