"""Keyword arguments: the parameter or field of what is called that bears the name."""

from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.queries.binding.sources import Entity, Local, Meaning, Sources
from codanna_lsp.queries.receivers.members import find_embedded, find_inherited
from codanna_lsp.queries.receivers.types import Types
from codanna_lsp.queries.receivers.values import find_members

_CONSTRUCTORS = ("__init__", "__new__")


def find_keyword(sources: Sources, callees: Types, name: str) -> tuple[Meaning, ...]:
    """The parameters or fields that a keyword names; else what is called."""
    for callee in callees:
        if sources.family == "javascript" and callee.kind in ("function", "class"):
            from codanna_lsp.queries.receivers.javascript.members import find_property

            found = find_property(sources, callee, name)
            if found:
                return found
            continue
        if not callee.path or callee.symbol < 0 or sources.family == "javascript":
            found = find_members(sources, callee, name) if callee.path else ()
            if found and callee.kind == "instance":
                return found
            continue
        entity = Entity(callee.path, callee.symbol)
        if callee.kind == "function":
            found = _parameter(sources, entity, name)
        elif callee.kind == "class":
            found = _of_class(sources, entity, name)
        elif callee.kind == "instance":
            found = _of_method(sources, entity, "__call__", name)
            found = found or find_inherited(sources, entity, name)[0]
            found = found or find_embedded(sources, entity, name)
        elif callee.kind == "super":
            found = ()
        else:
            continue
        if found:
            return found
    return ()


def _of_class(sources: Sources, entity: Entity, name: str) -> tuple[Meaning, ...]:
    for constructor in _CONSTRUCTORS:
        found = _of_method(sources, entity, constructor, name)
        if found:
            return found
    members, _ = find_inherited(sources, entity, name)
    for member in members:
        symbol = sources.symbol(member)
        if symbol is not None and symbol.kind in (
            SymbolKind.FIELD,
            SymbolKind.VARIABLE,
            SymbolKind.CONSTANT,
        ):
            return (member,)
    return ()


def _of_method(
    sources: Sources, entity: Entity, method: str, name: str
) -> tuple[Meaning, ...]:
    members, _ = find_inherited(sources, entity, method)
    for member in members:
        found = _parameter(sources, member, name)
        if found:
            return found
    return ()


def _parameter(sources: Sources, function: Entity, name: str) -> tuple[Meaning, ...]:
    symbol = sources.symbol(function)
    if symbol is None or symbol.kind not in _CALLABLE:
        return ()
    tree = sources.tree(function.path)
    if tree is None:
        return (function,)
    parameters = tree.parameters(symbol.line, symbol.column)
    for binding in parameters:
        if binding.name == name and not binding.stars:
            return (Local(function.path, binding),)
    takes_any = any(binding.stars == 2 for binding in parameters)
    return (function,) if takes_any else ()


_CALLABLE = frozenset({SymbolKind.FUNCTION, SymbolKind.METHOD, SymbolKind.CONSTRUCTOR})
