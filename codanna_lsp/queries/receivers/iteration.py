"""What is inside: items, elements, what `with` enters and `await` waits for."""

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.queries.binding.sources import (
    Entity,
    Sources,
)
from codanna_lsp.queries.receivers.rust_library import iterator_items
from codanna_lsp.queries.receivers.types import (
    Type,
    Types,
    elements_of,
    item_of,
    union,
)
from codanna_lsp.queries.receivers.values import (
    MAX_DEPTH,
    call_types,
    member_of,
    types_of,
    types_of_meaning,
)


def item(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """What a subscript gives."""
    owners = types_of(sources, expression.parts[0], path, depth)
    found: Types = ()
    for one in owners:
        if one.kind == "class":
            found = union(found, (one,))
        elif not one.path:
            found = union(found, item_of(one, expression.text))
        else:
            getter = "operator[]" if sources.family == "c" else "__getitem__"
            method = member_of(sources, one, getter, depth)
            found = union(found, call_types(sources, method, depth))
            if not method and sources.family == "c":
                found = union(found, (one,))  # of a pointer, which types do not tell
            elif not method and expression.text.isdigit():
                found = union(found, _field(sources, one, int(expression.text), depth))
    return found


def _field(sources: Sources, one: Type, position: int, depth: int) -> Types:
    """What a named tuple has at a position."""
    names = sources.names(one.path)
    if names is None:
        return ()
    fields = [
        index
        for inside in names.members(one.symbol).values()
        for index in inside
        if names.facts.symbols[index].kind == SymbolKind.FIELD
    ]
    if position >= len(fields):
        return ()
    entity = Entity(one.path, sorted(fields)[position])
    return types_of_meaning(sources, entity, depth)


def iterated(sources: Sources, owners: Types, depth: int) -> Types:
    """What iterating over any of these gives."""
    found: Types = ()
    for one in owners:
        if not one.path:
            found = union(found, elements_of(one))
            continue
        if depth > MAX_DEPTH:
            break
        if sources.family == "rust":
            found = union(found, iterator_items(sources, one, depth))
            continue
        made = call_types(sources, _either(sources, one, _ITERATORS, depth), depth)
        for maker in made:
            if not maker.path:
                found = union(found, elements_of(maker))
            else:
                step = _either(sources, maker, _STEPS, depth)
                found = union(found, call_types(sources, step, depth))
        if not made:
            method = member_of(sources, one, "__getitem__", depth)
            found = union(found, call_types(sources, method, depth))
    return found


_ITERATORS = ("__iter__", "__aiter__")


_STEPS = ("__next__", "__anext__")


def _either(sources: Sources, one: Type, names: tuple[str, ...], depth: int) -> Types:
    for name in names:
        found = member_of(sources, one, name, depth)
        if found:
            return found
    return ()


def element(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """One of what is iterated over."""
    owners = types_of(sources, expression.parts[0], path, depth)
    return iterated(sources, owners, depth)


def entered(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """What `with` binds."""
    found: Types = ()
    for one in types_of(sources, expression.parts[0], path, depth):
        if not one.path:
            found = union(found, elements_of(one))
            continue
        method = _either(sources, one, ("__enter__", "__aenter__"), depth)
        entered = call_types(sources, method, depth)
        found = union(found, entered or (one,))
    return found


def awaited(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """What `await` gives."""
    found: Types = ()
    for one in types_of(sources, expression.parts[0], path, depth):
        inner = union(*one.arguments) if one.name == "awaitable" else (one,)
        found = union(found, inner)
    return found
