"""TypeScript's overloads: the signatures of a function, and the one that a call means.

By the number of arguments and roughly by what they are; the first that takes them, as
the compiler goes through them in order. The function with the body is none of them.
"""

import re
from collections.abc import Sequence

from codanna_lsp.extraction.live.words import Expression, Occurrence
from codanna_lsp.model.symbol import SymbolFlag, SymbolKind
from codanna_lsp.queries.binding.names import FUNCTION_KINDS
from codanna_lsp.queries.binding.signatures import split_parameters
from codanna_lsp.queries.binding.sources import Entity, Meaning, Sources
from codanna_lsp.queries.receivers.types import Type
from codanna_lsp.queries.receivers.values import types_of

MAX_SIGNATURES = 12  # of one function


def signatures_of(sources: Sources, function: Entity) -> tuple[Entity, ...]:
    """The signatures that callers see of a function, in order; itself if it has one."""
    symbol = sources.symbol(function)
    names = sources.names(function.path)
    if symbol is None or names is None or symbol.kind not in FUNCTION_KINDS:
        return (function,)
    inside = names.members(symbol.container) if symbol.container >= 0 else names.top
    every = [
        index
        for index in inside.get(symbol.name, ())
        if names.facts.symbols[index].kind in FUNCTION_KINDS
    ]
    if len(every) < 2:
        return (function,)
    every.sort(key=lambda index: names.facts.symbols[index].line)
    holder = sources.symbol(Entity(function.path, symbol.container))
    bare = holder is not None and holder.kind in _BARE
    bare = bare or function.path.endswith(".d.ts")
    if not bare and not symbol.flags & SymbolFlag.DECLARATION:
        every = every[:-1]  # the last has the body
    return tuple(Entity(function.path, index) for index in every[:MAX_SIGNATURES])


_BARE = frozenset({SymbolKind.INTERFACE, SymbolKind.TYPE_ALIAS})


def meant_by_call(
    sources: Sources, path: str, found: Meaning, occurrence: Occurrence
) -> Meaning:
    """In TypeScript the overload that a call means."""
    given = occurrence.given
    if sources.family != "javascript" or given is None:
        return found
    if not isinstance(found, Entity):
        return found
    return called_signature(sources, found, path, given)


def called_signature(
    sources: Sources, function: Entity, path: str, given: Sequence[Expression]
) -> Entity:
    """Of a function's signatures the first that takes such arguments.

    path: of the file in which the arguments are written.
    """
    every = list(signatures_of(sources, function))
    if len(every) < 2:
        return every[0]
    fit = [one for one in every if _takes(sources, one, len(given))]
    if not fit:
        return every[-1]
    if len(fit) == 1:
        return fit[0]
    kinds = [_kind(sources, one, path) for one in given]
    for one in fit:
        symbol = sources.symbol(one)
        parameters = split_parameters(symbol)[0] if symbol is not None else []
        pairs = zip(parameters, kinds, strict=False)
        if all(_may_be(parameter, kind) for parameter, kind in pairs):
            return one
    return fit[0]


def _takes(sources: Sources, one: Entity, count: int) -> bool:
    symbol = sources.symbol(one)
    if symbol is None:
        return False
    parameters, whole = split_parameters(symbol)
    if not whole:
        return True
    needed = sum(_is_needed(text) for text in parameters)
    takes_rest = bool(parameters) and parameters[-1].startswith("...")
    return needed <= count and (count <= len(parameters) or takes_rest)


def _is_needed(parameter: str) -> bool:
    name = parameter.partition(":")[0]
    return "?" not in name and "=" not in parameter and not name.startswith("...")


def _kind(sources: Sources, given: Expression, path: str) -> str:
    """What an argument is, roughly; "" where that is not known."""
    if given.kind == "literal":
        return {"str": "string", "list": "array"}.get(given.text, given.text)
    if given.kind in ("object", "function"):
        return given.kind
    found = types_of(sources, given, path)
    kinds = {_kind_of_type(one) for one in found}
    return kinds.pop() if len(kinds) == 1 else ""


def _kind_of_type(one: Type) -> str:
    if one.kind in ("function", "class"):
        return "function"
    if one.name in ("list", "tuple"):
        return "array"
    return "object" if one.kind == "instance" and one.path else ""


_PLAIN = ("string", "number", "boolean")
_NAME = re.compile(r"^[\w$]+\??\s*:\s*")


def _may_be(parameter: str, kind: str) -> bool:
    """Whether a parameter may take such a thing, as far as its text tells."""
    written = _NAME.sub("", parameter).removeprefix("readonly ").strip()
    if not kind or not written or "|" in written or "..." in parameter:
        return True
    is_array = written.endswith("[]") or written.startswith(("Array<", "["))
    is_function = "=>" in written and not is_array
    if kind == "array":
        return is_array or not (is_function or written in _PLAIN)
    if is_array:
        return False
    if is_function or kind == "function":
        return kind == "function" and written not in _PLAIN
    if kind in _PLAIN:
        return written not in _PLAIN or written == kind
    return written not in _PLAIN
