"""Overloads in Java and C++: which of several functions of one name a call means.

By the number of arguments first, then by what is known of their types: a sum of points,
not the language's own rules (JLS 15.12, C++ over.match), which need every type.

Invariant: what is not known of an argument speaks for no overload and against none.
"""

from collections.abc import Sequence
from typing import NamedTuple

from codanna_lsp.extraction.live.words import Expression, Occurrence
from codanna_lsp.model.symbol import SymbolFlag, SymbolKind
from codanna_lsp.queries.binding.guess import partner_of
from codanna_lsp.queries.binding.meanings import meanings_at
from codanna_lsp.queries.binding.names import FUNCTION_KINDS
from codanna_lsp.queries.binding.signatures import (
    Parameter,
    base_name,
    dimensions,
    read_parameters,
)
from codanna_lsp.queries.binding.sources import Entity, Meaning, Sources
from codanna_lsp.queries.receivers.members import (
    class_order,
    find_overloads,
    fitting,
)
from codanna_lsp.queries.receivers.types import Type
from codanna_lsp.queries.receivers.values import find_members, types_of

_DEFINED = FUNCTION_KINDS | {SymbolKind.VARIABLE, SymbolKind.CONSTANT}
OVERLOADING = frozenset({"java", "c"})  # families
MAX_OVERLOADS = 48  # of one name that are compared
_MAX_ARGUMENTS = 8  # whose types are looked at
_AGAINST = -10  # points for a type that cannot be taken

_NUMBERS = ("byte", "short", "int", "long", "float", "double")
_BOXES = {
    "Byte": "byte",
    "Short": "short",
    "Integer": "int",
    "Long": "long",
    "Float": "float",
    "Double": "double",
    "Character": "char",
    "Boolean": "boolean",
}
_PRIMITIVES = frozenset({*_NUMBERS, "char", "boolean", "bool"})
_TEXTS = frozenset({"String", "string", "string_view", "char"})
# The types that a literal is, the best first.
_LITERALS = {
    "string": ("String", "string", "string_view", "char", "CharSequence"),
    "char": ("char", "int", "long"),
    "int": ("int", "long", "double", "float", "short", "byte", "Number"),
    "long": ("long", "double", "float", "Number"),
    "float": ("double", "float", "Number"),
    "bool": ("boolean", "bool"),
    "class": ("Class", "Type"),
}


def choose_member(
    sources: Sources, path: str, owner: Type, occurrence: Occurrence
) -> Meaning | None:
    """What a member of a type is that a file names; of overloads the one that fits."""
    found = find_members(sources, owner, occurrence.name)
    found = fitting(sources, found, called=occurrence.is_called)
    if not found:
        return None
    others: tuple[Meaning, ...] = ()
    if occurrence.given is not None and owner.symbol >= 0:
        one = Entity(owner.path, owner.symbol)
        above = owner.kind == "super"
        others = find_overloads(sources, one, occurrence.name, above=above)
    every = tuple(dict.fromkeys((*found, *others)))
    best = fitting_overloads(sources, path, every, occurrence.given)
    chosen = best[0] if best != every else _preferred(sources, found)
    return body_of(sources, chosen)


def _preferred(sources: Sources, found: tuple[Meaning, ...]) -> Meaning:
    """The first that has a body, rather than an overload's declaration.

    In C and C++ one that a build is likely to see before others.
    """
    without = [SymbolFlag.DECLARATION]
    if sources.family == "c":
        without.insert(0, SymbolFlag.DECLARATION | SymbolFlag.UNBUILT)
    for flags in without:
        for one in found:
            symbol = sources.symbol(one) if isinstance(one, Entity) else None
            if symbol is None or not symbol.flags & flags:
                return one
    return found[0]


def body_of(sources: Sources, found: Meaning) -> Meaning:
    """In C and C++ what is only declared where it has its body or its value."""
    symbol = sources.symbol(found) if isinstance(found, Entity) else None
    if symbol is None or not isinstance(found, Entity) or sources.family != "c":
        return found
    is_bare = symbol.flags & SymbolFlag.DECLARATION and symbol.kind in _DEFINED
    return partner_of(sources, found) if is_bare else found


def fitting_overloads(
    sources: Sources,
    path: str,
    found: Sequence[Meaning],
    given: tuple[Expression, ...] | None,
) -> tuple[Meaning, ...]:
    """Of what a called name may mean, that which takes such arguments, best first.

    given: the arguments, written in the file at `path`; None where nothing is called.
    """
    if given is None or len(found) < 2 or sources.family not in OVERLOADING:
        return tuple(found)
    taking: list[tuple[Entity, tuple[Parameter, ...]]] = []
    for one in found[:MAX_OVERLOADS]:
        symbol = sources.symbol(one) if isinstance(one, Entity) else None
        if not isinstance(one, Entity) or symbol is None:
            return tuple(found)
        parameters = read_parameters(symbol)
        if symbol.kind not in FUNCTION_KINDS or parameters is None:
            return tuple(found)
        if _takes(parameters, len(given)):
            taking.append((one, parameters))
    if len(taking) < 2:
        return tuple(each[0] for each in taking) or tuple(found)
    arguments = [_argument(sources, path, one) for one in given[:_MAX_ARGUMENTS]]
    taking.sort(key=lambda each: -_points(arguments, each[1]))
    return tuple(each[0] for each in taking)


def _takes(parameters: tuple[Parameter, ...], count: int) -> bool:
    needed = sum(not one.optional for one in parameters)
    several = bool(parameters) and parameters[-1].variadic
    return needed <= count and (several or count <= len(parameters))


class _Argument(NamedTuple):
    """What is known of an argument.

    literal: the kind of a literal, or "". names: of its type and of what that extends,
    nearest first; () is not known. whole: these are all. depth: of an array.
    """

    literal: str = ""
    names: tuple[str, ...] = ()
    whole: bool = False
    depth: int = 0


def _argument(sources: Sources, path: str, given: Expression) -> _Argument:
    if given.kind == "literal":
        return _Argument(literal=given.text)
    written = _written_type(sources, path, given)
    names, whole = [base_name(written)] if written else [], False
    for one in types_of(sources, given, path):
        if one.kind == "instance" and one.path and one.symbol >= 0:
            order, whole = class_order(sources, Entity(one.path, one.symbol))
            symbols = [sources.symbol(entity) for entity in order]
            names += [symbol.name for symbol in symbols if symbol is not None]
            break
    return _Argument("", tuple(dict.fromkeys(names)), whole, dimensions(written))


def _written_type(sources: Sources, path: str, given: Expression) -> str:
    """The type that something is declared with, as it stands there, or ""."""
    if given.kind == "type":
        return given.text
    if given.kind == "name":
        name, line, column = given.text, given.line, given.column
        return _type_of(sources, meanings_at(sources, path, name, line, column))
    if given.kind == "member":
        for owner in types_of(sources, given.parts[0], path):
            return _type_of(sources, find_members(sources, owner, given.text))
    if given.kind == "call":
        for one in types_of(sources, given.parts[0], path):
            if one.kind == "function" and one.path:
                return _type_of(sources, (Entity(one.path, one.symbol),))
    return ""


def _type_of(sources: Sources, found: tuple[Meaning, ...]) -> str:
    for one in found[:1]:
        if not isinstance(one, Entity):
            return one.binding.declared
        symbol = sources.symbol(one)
        return symbol.type_text if symbol is not None else ""
    return ""


def _points(arguments: Sequence[_Argument], parameters: tuple[Parameter, ...]) -> int:
    """How well parameters fit arguments: more is better."""
    points = 0
    for number, argument in enumerate(arguments):
        wanted = parameters[min(number, len(parameters) - 1)]
        points += _fit(argument, wanted)
    return points - any(one.variadic for one in parameters)


def _fit(argument: _Argument, wanted: Parameter) -> int:
    name = wanted.name
    if argument.literal:
        return _fit_literal(argument.literal, wanted)
    if not argument.names:
        return 0
    own = argument.names[0]
    if argument.depth != wanted.depth and not wanted.variadic:
        return 1 if name == "Object" or wanted.is_open else _AGAINST
    if argument.depth and name != argument.names[0]:
        known = name in argument.names or (wanted.is_open and own not in _PRIMITIVES)
        return 1 if known or (name == "Object" and own not in _PRIMITIVES) else _AGAINST
    if name in argument.names:
        return 5 if name == argument.names[0] else 4
    if wanted.is_open or name == "Object":
        return 1
    plain, taken = _BOXES.get(own, own), _BOXES.get(name, name)
    if plain == taken:
        return 3
    if plain in _PRIMITIVES or taken in _PRIMITIVES:
        numbers = plain in _NUMBERS and taken in _NUMBERS
        fits = numbers and _NUMBERS.index(plain) < _NUMBERS.index(taken)
        return 2 if fits else _AGAINST
    return _AGAINST if argument.whole else -1


def _fit_literal(literal: str, wanted: Parameter) -> int:
    name = wanted.name
    if literal == "null":
        return -4 if name in _PRIMITIVES and not wanted.depth else 0
    if literal == "function":
        return -4 if name in _PRIMITIVES or name in _TEXTS else 1
    likely = _LITERALS.get(literal, ())
    plain = _BOXES.get(name, name)
    if plain in likely and not wanted.depth:
        return 5 - min(likely.index(plain), 3)
    if wanted.is_open or name == "Object":
        return 1
    return -4 if name in _PRIMITIVES or name in _TEXTS else -2
