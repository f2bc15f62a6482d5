"""Members that JavaScript and TypeScript have in ways of their own.

Inline types (`{ a: A }`), type parameters, a component's properties and state, and what
a workspace adds to `window`.
"""

import re

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.queries.binding.rows import rows_of
from codanna_lsp.queries.binding.sources import CLASS_KINDS, Entity, Meaning, Sources
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.callbacks import taken_by
from codanna_lsp.queries.receivers.javascript import generics
from codanna_lsp.queries.receivers.type_text import ANY_KEY, parse_type
from codanna_lsp.queries.receivers.types import Type, Types, union
from codanna_lsp.queries.receivers.values import find_members

_MAX_SUPERS = 4


def inline_type(sources: Sources, written: Expression, path: str) -> Types:
    """An inline type, known by what its text says."""
    name = f"inline {len(sources.memory)}"
    sources.memory[path, name] = written
    return (Type("instance", path, -1, name),)


def inline_members(
    sources: Sources, path: str, written: Expression, name: str
) -> tuple[Meaning, ...]:
    """Where an inline type declares a member.

    The first place of that name behind the type's own; or the next, for each that its
    text has before.
    """
    names = sources.names(path)
    befores = [part.line for part in written.parts if part.text == name]
    if names is None or not befores:
        return ()
    place = written.line, written.column
    found = sorted(
        (symbol.line, symbol.column, index)
        for index, symbol in enumerate(names.facts.symbols)
        if symbol.name == name
        and symbol.kind in _INLINE
        and (symbol.line, symbol.column) >= place
    )
    if not found:
        return ()
    return (Entity(path, found[min(befores[0], len(found) - 1)][2]),)


_INLINE = frozenset({SymbolKind.PROPERTY, SymbolKind.METHOD})


def special_member(
    sources: Sources,
    owner: Type,
    name: str,
    declared: tuple[Meaning, ...],
    depth: int,
) -> Types | None:
    """What a member is, where its declaration alone does not tell; else None."""
    if owner.symbol < 0:
        written = sources.memory.get((owner.path, owner.name))
        if not isinstance(written, Expression) or written.kind != "inline":
            return None
        for key in (name, ANY_KEY):
            for part in written.parts:
                if part.text == key:
                    return instances_of(sources, part.parts[0], owner.path, depth)
        return ()
    for meaning in declared[:1]:
        handed = generics.handed_to_member(sources, owner, meaning, depth)
        return generics.member_with(sources, meaning, handed, depth)
    if name == "setState" and owner.kind in ("instance", "super"):
        state = component_part(sources, owner, 1, depth)
        return state and (Type("function", name="callable", arguments=((), state)),)
    if name in _OF_COMPONENTS and owner.kind in ("instance", "super"):
        return component_part(sources, owner, _OF_COMPONENTS[name], depth)
    return None


_OF_COMPONENTS = {"props": 0, "state": 1}
_COMPONENT = re.compile(r"\bextends\s+(?:React\.)?(?:Pure)?Component\b")


def component_part(
    sources: Sources, owner: Type, position: int, depth: int
) -> Types | None:
    """The properties (0) or the state (1) of a class that extends React's Component."""
    from codanna_lsp.queries.receivers.members import class_order

    order, _ = class_order(sources, Entity(owner.path, owner.symbol))
    for one in order[:_MAX_SUPERS]:
        symbol = sources.symbol(one)
        if symbol is None or not _COMPONENT.search(symbol.signature):
            continue
        text = generics.base_arguments(symbol, "Component")
        if "<" not in text:
            text = generics.base_arguments(symbol, "PureComponent")
        written = parse_type(text, symbol.line, symbol.column).parts[1:]
        if position >= len(written):
            return ()
        return instances_of(sources, written[position], one.path, depth)
    return None


def properties_of(sources: Sources, components: Types, depth: int) -> Types:
    """What the properties of any of these components are."""
    found: Types = ()
    for one in components:
        if one.kind == "class" and one.symbol >= 0:
            found = union(found, component_part(sources, one, 0, depth) or ())
        elif one.kind == "function":
            found = union(found, taken_by(sources, (one,), 0, depth))
    return found


def find_property(
    sources: Sources, component: Type, name: str, depth: int = 0
) -> tuple[Meaning, ...]:
    """An attribute of a component: a member of its properties."""
    for owner in properties_of(sources, (component,), depth):
        found = find_members(sources, owner, name) if owner.path else ()
        if found:
            return found
    return ()


def own_window(sources: Sources) -> Types:
    """What the workspace itself declares of `window`: `interface Window {...}`."""
    rows = rows_of(sources, "Window", "javascript")
    return tuple(
        Type("instance", row.path, row.index)
        for row in rows[:_MAX_SUPERS]
        if row.kind in CLASS_KINDS
    )
