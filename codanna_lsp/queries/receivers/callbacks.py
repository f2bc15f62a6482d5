"""Object literals and arguments: what is handed over where, and what it holds."""

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.queries.binding.sources import (
    Entity,
    Sources,
)
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.type_text import parse_type
from codanna_lsp.queries.receivers.types import (
    Type,
    Types,
    elements_of,
    union,
)
from codanna_lsp.queries.receivers.values import find_members, types_of


def object_literal(
    sources: Sources, expression: Expression, path: str, _depth: int
) -> Types:
    """An object literal, known by the place where it stands."""
    name = f"object {expression.line}:{expression.column}"
    sources.memory[path, name] = expression
    return (Type("instance", path, -1, name),)


def argument(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """What a callback is handed, or the parameter that an argument is given to."""
    callee = expression.parts[0]
    kind, _, position = expression.text.rpartition(" ")
    if not kind:
        return _parameter_types(sources, callee, path, int(position), depth)
    handed = _handed(sources, expression, path, depth)
    if handed or callee.kind != "member" or not kind.startswith("callback 0"):
        return handed
    owners = types_of(sources, callee.parts[0], path, depth)
    if callee.text == "then":
        return union(*(union(*o.arguments) for o in owners if o.name == "awaitable"))
    if callee.text not in _CALLING_METHODS:
        return ()
    values = (
        o.arguments[-1] if o.name == "dict" else elements_of(o)
        for o in owners
        if not o.path and o.arguments
    )
    return union(*values)


def _handed(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """What a function says that it hands to the callback at a place."""
    _, parameter, argument = expression.text.split(" ")
    callee = expression.parts[0]
    for one in _parameter_types(sources, callee, path, int(argument), depth):
        if one.name == "callable" and len(one.arguments) > int(parameter) + 1:
            return one.arguments[int(parameter) + 1]
    return ()


_CALLING_METHODS = frozenset(
    {
        "every",
        "filter",
        "find",
        "findIndex",
        "findLast",
        "flatMap",
        "forEach",
        "map",
        "some",
        "sort",
    }
)


def _parameter_types(
    sources: Sources, callee: Expression, path: str, position: int, depth: int
) -> Types:
    for one in types_of(sources, callee, path, depth):
        symbol = sources.symbol(Entity(one.path, one.symbol))
        if one.kind == "class":
            made = find_members(sources, one, "constructor")
            symbol = (
                sources.symbol(made[0])
                if made and isinstance(made[0], Entity)
                else None
            )
        tree = sources.tree(one.path) if symbol is not None else None
        if symbol is None or tree is None:
            continue
        parameters = tree.parameters(symbol.line, symbol.column)
        if position < len(parameters) and parameters[position].declared:
            given = parameters[position]
            written = parse_type(given.declared, given.line, given.column)
            return instances_of(sources, written, one.path, depth)
    return ()
