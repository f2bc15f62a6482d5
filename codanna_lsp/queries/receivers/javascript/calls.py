"""Calls in JavaScript and TypeScript: what they give, with what they are handed."""

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.queries.binding.sources import Entity, Sources
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.javascript import generics
from codanna_lsp.queries.receivers.javascript.library import outside_call
from codanna_lsp.queries.receivers.javascript.signatures import called_signature
from codanna_lsp.queries.receivers.own_objects import required, this_types
from codanna_lsp.queries.receivers.type_text import parse_type
from codanna_lsp.queries.receivers.types import (
    CONTAINER_NAMES,
    Type,
    Types,
    container,
    list_of,
    union,
)
from codanna_lsp.queries.receivers.values import call_types, types_of


def called(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """What a call gives."""
    callee = expression.parts[0]
    if callee.kind == "name" and callee.text == "super":
        return this_types(sources, callee, path)
    if callee.kind == "name" and callee.text in ("require", "import"):
        return required(sources, expression, path)
    found: Types = ()
    callees = types_of(sources, callee, path, depth)
    for one in callees:
        found = union(found, _given_by(sources, one, expression, path, depth))
    if callee.kind in ("name", "member") and all(
        one.kind == "outside" for one in found
    ):
        return outside_call(sources, expression, path, depth) or found
    return found


def _given_by(
    sources: Sources, one: Type, expression: Expression, path: str, depth: int
) -> Types:
    if one.kind != "function":
        return call_types(sources, (one,), depth)
    if not one.path:
        found = _by_method(sources, one, expression, path, depth)
        return call_types(sources, (one,), depth) if found is None else found
    called = Entity(one.path, one.symbol)
    called = called_signature(sources, called, path, expression.parts[1:])
    one = one._replace(symbol=called.symbol)
    symbol = sources.symbol(called)
    if symbol is None or not symbol.type_text:
        return call_types(sources, (one,), depth)
    handed = generics.handed_to_call(sources, one, expression, path, depth)
    found = generics.result_with(sources, one, symbol, handed, depth)
    return call_types(sources, (one,), depth) if found is None else found


def _by_method(
    sources: Sources, method: Type, expression: Expression, path: str, depth: int
) -> Types | None:
    """What a container's method gives by the function that it is handed."""
    kind, _, name = method.name.partition(".")
    if not name or len(expression.parts) < 2:
        return None
    first = expression.parts[1]
    if name in ("map", "flatMap", "then", "reduce"):
        made = call_types(sources, types_of(sources, first, path, depth), depth)
        if name == "then":
            inner = (one.arguments[0] if _waits(one) else (one,) for one in made)
            return (container("Promise", (union(*inner),)),)
        if name == "flatMap":
            made = union(*(one.arguments[0] if one.arguments else () for one in made))
        if name != "reduce":
            return (list_of(made),)
        return _reduced(sources, expression, made, path, depth)
    if name in ("catch", "finally") and kind == "awaitable":
        return (method._replace(kind="instance", name=kind),)
    return None


def _waits(one: Type) -> bool:
    return one.name == "awaitable" and bool(one.arguments)


def _reduced(
    sources: Sources, expression: Expression, made: Types, path: str, depth: int
) -> Types:
    for written in generics.written_types(expression)[:1]:
        return instances_of(sources, written, path, depth)
    start = expression.parts[2:3]
    found = union(*(types_of(sources, one, path, depth) for one in start))
    return found or made


def made(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """`new C<A>(...)`: of a class, a container or a function that fills `this`."""
    callee = expression.parts[0]
    is_library = callee.kind == "name" and callee.text in CONTAINER_NAMES
    if is_library and generics.is_outside(sources, callee, path):
        return _container(sources, expression, path, depth)
    found: Types = ()
    for one in types_of(sources, callee, path, depth):
        if one.kind == "instance":
            continue
        if one.kind in ("class", "function"):
            given = tuple(
                instances_of(sources, written, path, depth)
                for written in generics.written_types(expression)
            )
            one = one._replace(kind="instance", arguments=given)  # noqa: PLW2901
        found = union(found, (one,))
    return found


def _container(
    sources: Sources, expression: Expression, path: str, depth: int
) -> Types:
    callee = expression.parts[0]
    if expression.text:
        text = f"{callee.text}<{expression.text}>"
        written = parse_type(text, callee.line, callee.column)
        return instances_of(sources, written, path, depth)
    given = expression.parts[1:2]
    items = union(
        *(
            one.arguments[0]
            for part in given
            for one in types_of(sources, part, path, depth)
            if one.arguments
        )
    )
    if callee.text in ("Map", "WeakMap"):
        pairs = [one.arguments for one in items if one.name == "tuple"]
        return (container("Map", pairs[0] if pairs else ((), ())),)
    return (list_of(items),) if callee.text != "Promise" else ()
