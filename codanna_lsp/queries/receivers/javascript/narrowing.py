"""What conditions have made sure of: type predicates, and kinds that tell types apart."""

import re

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.queries.binding.sources import Entity, Sources
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.type_text import parse_type
from codanna_lsp.queries.receivers.types import Type, Types, union
from codanna_lsp.queries.receivers.values import find_members, types_of

_PREDICATE = re.compile(r":\s*(?:asserts\s+)?[\w$]+\s+is\s+([^=]+)")


def predicate(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """What a function like `isC(x): x is C` finds its argument to be."""
    found: Types = ()
    for one in types_of(sources, expression.parts[0], path, depth):
        symbol = sources.symbol(Entity(one.path, one.symbol)) if one.path else None
        told = _PREDICATE.search(symbol.signature) if symbol is not None else None
        if symbol is None or told is None:
            continue
        written = parse_type(told[1].strip(), symbol.line, symbol.column)
        found = union(found, instances_of(sources, written, one.path, depth))
    return found


def kind(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """Of the types that something may be, those whose member has a value."""
    key, _, value = expression.text.partition(" ")
    types = types_of(sources, expression.parts[0], path, depth)
    if len(types) < 2:
        return ()
    return tuple(one for one in types if has_value(sources, one, key, value))


def has_value(sources: Sources, one: Type, key: str, value: str) -> bool:
    """Whether a type declares a member as a literal or an enum's member."""
    if not one.path:
        return False
    if one.symbol < 0:
        inline = sources.memory.get((one.path, one.name))
        parts = inline.parts if isinstance(inline, Expression) else ()
        return any(p.text == key and _mentions(p.parts[0], value) for p in parts)
    for meaning in find_members(sources, one, key)[:1]:
        symbol = sources.symbol(meaning) if isinstance(meaning, Entity) else None
        if symbol is not None and symbol.type_text:
            written = re.findall(r"[\w$.-]+", symbol.type_text)
            return value in written or value.rpartition(".")[2] in written
    return False


def _mentions(written: Expression, value: str) -> bool:
    if written.kind == "choice":
        return any(_mentions(part, value) for part in written.parts)
    return written.text == value.rpartition(".")[2]
