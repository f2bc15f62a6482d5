"""Object literals and arguments: what is handed over where, and what it holds."""

from typing import NamedTuple

from codanna_lsp.extraction.live.words import Binding, Expression
from codanna_lsp.model.symbol import Symbol
from codanna_lsp.queries.binding.names import FUNCTION_KINDS
from codanna_lsp.queries.binding.sources import (
    Entity,
    Sources,
)
from codanna_lsp.queries.receivers.aliases import filled
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.javascript.signatures import signatures_of
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
    callees = types_of(sources, callee, path, depth)
    if kind == "handed":
        return taken_by(sources, callees, int(position), depth)
    call = _Call(path, expression.parts[1]) if len(expression.parts) > 1 else None
    taken = taken_by(sources, callees, int(position), depth, call)
    if not kind:
        return taken
    parameter = int(kind.removeprefix("callback "))
    handed = taken_by(sources, taken, parameter, depth)
    if handed:
        return handed
    if call is not None and call.expression.text:
        return _by_types(sources, call, parameter, depth)
    if callee.kind != "member" or int(position):
        return ()
    owners = types_of(sources, callee.parts[0], path, depth)
    return _handed_by_method(owners, callee.text, parameter)


class _Call(NamedTuple):
    """The call that hands something over, and the file that it stands in."""

    path: str
    expression: Expression


def _handed_by_method(owners: Types, method: str, parameter: int) -> Types:
    """What a container's method hands to the function that it is given."""
    if method == "then" and not parameter:
        return union(*(union(*o.arguments) for o in owners if o.name == "awaitable"))
    if parameter != _CALLING_METHODS.get(method, -1) and (method, parameter) not in (
        ("sort", 1),
        ("toSorted", 1),
    ):
        return ()
    values = (
        o.arguments[-1] if o.name == "dict" else elements_of(o)
        for o in owners
        if not o.path and o.arguments
    )
    return union(*values)


# Which of its parameters is an element.
_CALLING_METHODS = {
    "every": 0,
    "filter": 0,
    "find": 0,
    "findIndex": 0,
    "findLast": 0,
    "findLastIndex": 0,
    "flatMap": 0,
    "forEach": 0,
    "map": 0,
    "reduce": 1,
    "reduceRight": 1,
    "some": 0,
    "sort": 0,
    "toSorted": 0,
}


def _by_types(sources: Sources, call: _Call, parameter: int, depth: int) -> Types:
    """`forwardRef<A, Props>((props, ref) => ...)`: what a library's function hands on."""
    written = call.expression
    position = _HANDED_TYPES.get((written.parts[0].text, parameter))
    given = parse_type(f"f<{written.text}>", written.line, written.column).parts[1:]
    if position is None or position >= len(given):
        return ()
    return instances_of(sources, given[position], call.path, depth)


_HANDED_TYPES = {("forwardRef", 0): 1, ("memo", 0): 0, ("observer", 0): 0}


def taken_by(
    sources: Sources,
    functions: Types,
    position: int,
    depth: int,
    call: _Call | None = None,
) -> Types:
    """What any of these functions takes at a position."""
    found: Types = ()
    for one in functions:
        if one.name == "callable":
            given = one.arguments[position + 1 : position + 2]
            found = union(found, *given)
        elif one.name == "component" and not position:
            found = union(found, *one.arguments[:1])
        elif one.kind == "function" and not one.path:
            found = union(found, _put_in(one, position))
        elif one.path and one.symbol >= 0:
            handed = _handed(sources, one, call, depth)
            found = union(found, _declared(sources, one, position, handed, depth))
    return found


def _handed(
    sources: Sources, function: Type, call: _Call | None, depth: int
) -> dict[str, str]:
    """What type parameters stand for, of a method's class and in one call."""
    from codanna_lsp.queries.receivers.javascript import generics

    if sources.family != "javascript":
        return {}
    handed: dict[str, str] = {}
    entity = Entity(function.path, function.symbol)
    for owner in function.owner[:1]:
        handed = generics.handed_to_member(sources, owner, entity, depth)
    if call is not None:
        written, path = call.expression, call.path
        own = generics.handed_to_call(sources, function, written, path, depth)
        handed = {**handed, **own}
    return handed


def _put_in(method: Type, position: int) -> Types:
    """What a container's method takes: an element, or a map's value."""
    kind, _, name = method.name.partition(".")
    if kind == "dict" and name == "set" and position == 1:
        return union(*method.arguments[1:2])
    if kind == "list" and name in _TAKING and not position:
        return union(*method.arguments[:1])
    return ()


_TAKING = frozenset({"push", "unshift", "add", "includes", "indexOf", "fill", "concat"})


def _declared(
    sources: Sources, one: Type, position: int, handed: dict[str, str], depth: int
) -> Types:
    symbol = sources.symbol(Entity(one.path, one.symbol))
    if one.kind == "class":
        made = find_members(sources, one, "constructor")
        entity = made[0] if made and isinstance(made[0], Entity) else None
        symbol = sources.symbol(entity) if entity is not None else None
    if symbol is None or (one.kind != "class" and symbol.kind not in FUNCTION_KINDS):
        return ()
    if one.kind == "function" and sources.family == "javascript":
        every = signatures_of(sources, Entity(one.path, one.symbol))
        symbols = [sources.symbol(signature) for signature in every]
    else:
        symbols = [symbol]
    taken = (_given_at(sources, one.path, s, position) for s in symbols if s)
    found: Types = ()
    for given in taken:
        if given is None:
            continue
        if not given.declared:
            inner = given.value
            if inner is not None and inner.kind == "argument":
                found = union(found, types_of(sources, inner, one.path, depth))
            continue
        written = parse_type(given.declared, given.line, given.column)
        types = instances_of(sources, filled(written, handed), one.path, depth)
        if given.stars:
            types = union(*(elements_of(each) for each in types))
        found = union(found, types)
    return found


def _given_at(
    sources: Sources, path: str, symbol: Symbol, position: int
) -> Binding | None:
    """The parameter of a function at a position."""
    tree = sources.tree(path)
    if tree is None:
        return None
    parameters = tree.parameters(symbol.line, symbol.column)
    parameters = [binding for binding in parameters if binding.name != "this"]
    if parameters and parameters[-1].stars and position >= len(parameters) - 1:
        return parameters[-1]
    return parameters[position] if position < len(parameters) else None
