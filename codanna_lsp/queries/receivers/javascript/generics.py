"""Type parameters: what `T` stands for in members, calls and bases.

A parameter in a type's text gives way to a name of its own (see aliases.py) that stands
for what was handed over.

Invariant: bases that extend themselves end after MAX_BASES steps.
"""

import re
from typing import NamedTuple

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.model.relation import RelationKind
from codanna_lsp.model.symbol import Symbol
from codanna_lsp.queries.binding.meanings import meanings_at
from codanna_lsp.queries.binding.names import FUNCTION_KINDS
from codanna_lsp.queries.binding.sources import Entity, Meaning, Sources
from codanna_lsp.queries.receivers.aliases import GIVEN, filled
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.type_text import parse_type
from codanna_lsp.queries.receivers.types import Type, Types, union
from codanna_lsp.queries.receivers.values import call_types, types_of

MAX_BASES = 6
Handed = dict[str, str]  # parameters' names to names that stand for types
_NAME = re.compile(r"\s*(?:const\s+|in\s+|out\s+)*([A-Za-z_$][\w$]*)")


def type_parameters(symbol: Symbol) -> list[str]:
    """The names between `<` and `>` behind a declaration's name."""
    start = _parameters_start(symbol)
    if start is None:
        return []
    parts, _ = _split(symbol.signature, start.end())
    found = (_NAME.match(part) for part in parts)
    return [one[1] for one in found if one is not None]


def _parameters_start(symbol: Symbol) -> re.Match[str] | None:
    return re.search(
        rf"\b{re.escape(symbol.name)}\s*(?:=\s*(?:async\s*)?)?<", symbol.signature
    )


def _split(text: str, begin: int) -> tuple[list[str], int]:
    """What stands between commas up to the `>` that closes; and where that is."""
    parts: list[str] = []
    level = 0
    for place in range(begin, len(text)):
        letter = text[place]
        if letter in ">,)" and not level and text[place - 1] != "=":
            parts.append(text[begin:place])
            begin = place + 1
            if letter != ",":
                return parts, place
        elif letter in "<({[":
            level += 1
        elif letter in ">)}]" and text[place - 1] != "=":
            level -= 1
    return parts, len(text)


def stand_for(sources: Sources, types: Types) -> str:
    """A new name that stands for types."""
    key = f"{GIVEN}{len(sources.memory)}"
    sources.memory[key] = types
    return key


def handed_to_member(
    sources: Sources, owner: Type, meaning: Meaning, depth: int
) -> Handed:
    """What the parameters of the class that declares a member stand for."""
    if owner.symbol < 0 or not isinstance(meaning, Entity):
        return {}
    symbol = sources.symbol(meaning)
    names = sources.names(meaning.path)
    if symbol is None or symbol.container < 0 or names is None:
        return {}
    holder = Entity(meaning.path, symbol.container)
    return _handed_to_class(sources, owner, holder, depth, MAX_BASES)


def _handed_to_class(
    sources: Sources, owner: Type, wanted: Entity, depth: int, steps: int
) -> Handed:
    one = Entity(owner.path, owner.symbol)
    symbol = sources.symbol(one)
    if symbol is None or steps <= 0:
        return {}
    names = type_parameters(symbol)
    handed = {
        name: stand_for(sources, given)
        for name, given in zip(names, owner.arguments, strict=False)
    }
    if one == wanted:
        return handed
    for base in _bases(sources, one, symbol, handed, depth):
        found = _handed_to_class(sources, base, wanted, depth, steps - 1)
        if found:
            return found
    return {}


def _bases(
    sources: Sources, one: Entity, symbol: Symbol, handed: Handed, depth: int
) -> Types:
    """What a class extends, with what it hands over; only bases that take types."""
    found: Types = ()
    names = sources.names(one.path)
    for relation in names.facts.relations if names is not None else ():
        if relation.source != one.symbol or relation.kind not in _EXTENDING:
            continue
        written = base_arguments(symbol, relation.target)
        base = filled(parse_type(written, relation.line, relation.column), handed)
        found = union(found, instances_of(sources, base, one.path, depth))
    return tuple(base for base in found if base.path and base.symbol >= 0)


_EXTENDING = (RelationKind.EXTENDS, RelationKind.IMPLEMENTS)


def base_arguments(symbol: Symbol, base: str) -> str:
    """A base as a class's head writes it, `Box<A, B>`; cut where the head is."""
    head = symbol.signature
    own = _parameters_start(symbol)
    behind = _split(head, own.end())[1] if own is not None else 0
    start = re.search(rf"\b{re.escape(base)}\s*<", head[behind:])
    if start is None:
        return base
    parts, _ = _split(head, behind + start.end())
    return f"{base}<{','.join(parts)}>" if parts else base


def member_with(
    sources: Sources, meaning: Meaning, handed: Handed, depth: int
) -> Types | None:
    """What a field's text says, with parameters replaced; None where it says nothing."""
    symbol = sources.symbol(meaning) if isinstance(meaning, Entity) else None
    if symbol is None or not symbol.type_text or not handed:
        return None
    if symbol.kind in FUNCTION_KINDS:
        return None
    written = parse_type(symbol.type_text, symbol.line, symbol.column)
    return instances_of(sources, filled(written, handed), meaning.path, depth)


def handed_to_call(
    sources: Sources, function: Type, expression: Expression, path: str, depth: int
) -> Handed:
    """What a function's own parameters stand for in one call of it."""
    symbol = sources.symbol(Entity(function.path, function.symbol))
    names = type_parameters(symbol) if symbol is not None else []
    if symbol is None or not names:
        return {}
    handed: Handed = {}
    for name, written in zip(names, written_types(expression), strict=False):
        given = instances_of(sources, written, path, depth)
        handed[name] = stand_for(sources, given)
    if handed:
        return handed
    tree = sources.tree(function.path)
    parameters = tree.parameters(symbol.line, symbol.column) if tree else []
    found = _Found(sources, depth, names, {})
    for parameter, argument in zip(parameters, expression.parts[1:], strict=False):
        if not parameter.declared:
            continue
        written = parse_type(parameter.declared, parameter.line, parameter.column)
        if _mentions(written, names):
            _unify(found, written, types_of(sources, argument, path, depth))
    return {name: stand_for(sources, given) for name, given in found.known.items()}


class _Found(NamedTuple):
    """What is known of a call's type parameters so far."""

    sources: Sources
    depth: int
    names: list[str]
    known: dict[str, Types]


def written_types(expression: Expression) -> tuple[Expression, ...]:
    """The types that a call's text hands over."""
    if not expression.text:
        return ()
    place = expression.line, expression.column
    return parse_type(f"f<{expression.text}>", *place).parts[1:]


def _mentions(written: Expression, names: list[str]) -> bool:
    if written.kind == "name":
        return written.text in names
    return any(_mentions(part, names) for part in written.parts)


def _unify(found: _Found, written: Expression, given: Types) -> None:
    """Find what parameters stand for where a written type is known to be some types."""
    if written.kind == "name" and written.text in found.names:
        if given and given[0].kind != "outside":
            found.known.setdefault(written.text, given)
        return
    if written.kind == "choice":
        for part in written.parts:
            _unify(found, part, given)
    if written.kind == "function" and written.parts:
        functions = tuple(one for one in given if one.kind in ("function", "class"))
        results = call_types(found.sources, functions, found.depth)
        _unify(found, written.parts[0], results)
    if written.kind == "item" and len(written.parts) > 1:
        made = tuple(
            one._replace(kind="instance") for one in given if one.kind == "class"
        )
        if made:  # `find(Post)`, which takes an `EntityTarget<T>`
            _unify(found, written.parts[1], made)
        for position, part in enumerate(written.parts[1:]):
            inside = (one.arguments[position] for one in given if _has(one, position))
            _unify(found, part, union(*inside))


def _has(one: Type, position: int) -> bool:
    return one.name != "callable" and len(one.arguments) > position


def result_with(
    sources: Sources, function: Type, symbol: Symbol, handed: Handed, depth: int
) -> Types | None:
    """What a function gives with parameters replaced; None where nothing is known."""
    for owner in function.owner:
        entity = Entity(function.path, function.symbol)
        of_class = handed_to_member(sources, owner, entity, depth)
        handed = {**of_class, **handed}
    if not handed or not symbol.type_text:
        return None
    written = parse_type(symbol.type_text, symbol.line, symbol.column)
    owners = function.owner
    return instances_of(sources, filled(written, handed), function.path, depth, owners)


def is_outside(sources: Sources, name: Expression, path: str) -> bool:
    """Whether a name stands for nothing of the workspace."""
    found = meanings_at(sources, path, name.text, name.line, name.column)
    return not any(
        isinstance(one, Entity) or one.binding.kind != "import" for one in found
    )
