"""What is known of React's and of JavaScript's own functions, which no workspace holds.

A component is a Type of kind "function" whose name is COMPONENT and whose one argument
is what its properties are.
"""

from collections.abc import Callable

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.queries.binding.imports import rules_of
from codanna_lsp.queries.binding.sources import Entity, Sources
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.javascript.generics import written_types
from codanna_lsp.queries.receivers.javascript.names import COMPONENT, REFERENCE
from codanna_lsp.queries.receivers.types import (
    Type,
    Types,
    container,
    list_of,
    union,
)
from codanna_lsp.queries.receivers.values import (
    call_types,
    types_of,
    types_of_meaning,
)


class Call:
    """One call of a function that lies outside, and what it hands over."""

    __slots__ = ("depth", "expression", "path", "sources")

    def __init__(
        self, sources: Sources, expression: Expression, path: str, depth: int
    ) -> None:
        self.sources = sources
        self.expression = expression
        self.path = path
        self.depth = depth

    def written(self, position: int) -> Types:
        """The type that its text hands over at a position."""
        given = written_types(self.expression)
        if position >= len(given):
            return ()
        return instances_of(self.sources, given[position], self.path, self.depth)

    def given(self, position: int) -> Types:
        """What the argument at a position is."""
        parts = self.expression.parts[1:]
        if position >= len(parts):
            return ()
        return types_of(self.sources, parts[position], self.path, self.depth)

    def result(self, position: int) -> Types:
        """What the function handed over at a position gives."""
        return call_types(self.sources, self.given(position), self.depth)


def outside_call(
    sources: Sources, expression: Expression, path: str, depth: int
) -> Types:
    """What calling a function of a library gives, where that is known by its name."""
    callee = expression.parts[0]
    know = _KNOWN.get(_key(callee))
    return know(Call(sources, expression, path, depth)) if know else ()


def _key(callee: Expression) -> str:
    """`Object.values` for the objects of the language, else the last name."""
    if callee.kind == "member" and callee.parts[0].kind == "name":
        owner = callee.parts[0].text
        if owner in ("Object", "Promise", "Array"):
            return f"{owner}.{callee.text}"
    return callee.text


def _state(call: Call) -> Types:
    held = call.written(0)
    if not held:
        first = call.given(0)
        made = tuple(one for one in first if one.kind == "function")
        held = call_types(call.sources, made, call.depth) if made else first
    updater = Type("function", name="callable", arguments=(held, held))
    setter = Type("function", name="callable", arguments=((), (*held, updater)))
    return (container("tuple", (held, (setter,))),)


def _reference(call: Call) -> Types:
    held = call.written(0) or call.given(0)
    return (Type("instance", name=REFERENCE, arguments=(held,)),)


def _context(call: Call) -> Types:
    held = call.written(0) or call.given(0)
    return (Type("instance", name=REFERENCE, arguments=(held,)),)


def _in_context(call: Call) -> Types:
    return union(*(union(*one.arguments[:1]) for one in call.given(0) if not one.path))


def _component(properties: Types) -> Types:
    return (Type("function", name=COMPONENT, arguments=(properties,)),)


def _forwarded(call: Call) -> Types:
    properties = call.written(1)
    return _component(properties) if properties else call.given(0)


def _memoised(call: Call) -> Types:
    properties = call.written(0)
    return _component(properties) if properties else call.given(0)


def _loaded(call: Call) -> Types:
    """`lazy(() => import("./panel"))`: the default export of what is imported."""
    found: Types = ()
    for one in call.result(0):
        inner = union(*one.arguments) if one.name == "awaitable" else (one,)
        for module in inner:
            rules = rules_of(call.sources, module.path) if module.path else None
            if module.kind != "module" or rules is None:
                found = union(found, (module,))
                continue
            entity = Entity(module.path, -1)
            for meaning in rules.find_exported(call.sources, entity, "default"):
                given = types_of_meaning(call.sources, meaning, call.depth)
                found = union(found, given)
    return found


def _called(call: Call) -> Types:
    return call.written(0) or call.result(0)


def _same(call: Call) -> Types:
    return call.written(0) or call.given(0)


def _reduced(call: Call) -> Types:
    held = call.result(0) or call.given(1)
    return (container("tuple", (held, ())),)


def _values(call: Call) -> Types:
    return union(*(one.arguments[-1] for one in call.given(0) if _is_record(one)))


def _is_record(one: Type) -> bool:
    return not one.path and bool(one.arguments)


def _list_of_values(call: Call) -> Types:
    return (list_of(_values(call)),)


def _list_of_entries(call: Call) -> Types:
    return (list_of((container("tuple", ((), _values(call))),)),)


def _merged(call: Call) -> Types:
    parts = range(len(call.expression.parts) - 1)
    return union(*(call.given(position) for position in parts))


def _awaited(one: Types) -> Types:
    return union(*(union(*o.arguments) if o.name == "awaitable" else (o,) for o in one))


def _all(call: Call) -> Types:
    parts = call.expression.parts[1:2]
    if parts and parts[0][:2] == ("literal", "list"):
        given = tuple(
            _awaited(types_of(call.sources, one, call.path, call.depth))
            for one in parts[0].parts
        )
        return (container("Promise", ((container("tuple", given),),)),)
    items = union(*(union(*one.arguments[:1]) for one in call.given(0)))
    return (container("Promise", ((list_of(_awaited(items)),),)),)


def _resolved(call: Call) -> Types:
    return (container("Promise", (_awaited(call.given(0)),)),)


def _list_from(call: Call) -> Types:
    if len(call.expression.parts) > 2:
        return (list_of(call.result(1)),)
    return (list_of(union(*(union(*o.arguments[:1]) for o in call.given(0)))),)


_KNOWN: dict[str, Callable[[Call], Types]] = {
    "useState": _state,
    "useRef": _reference,
    "createRef": _reference,
    "createContext": _context,
    "useContext": _in_context,
    "use": _in_context,
    "useMemo": _called,
    "useCallback": _same,
    "useReducer": _reduced,
    "useDeferredValue": _same,
    "structuredClone": _same,
    "forwardRef": _forwarded,
    "memo": _memoised,
    "observer": _memoised,
    "lazy": _loaded,
    "dynamic": _loaded,
    "Object.values": _list_of_values,
    "Object.entries": _list_of_entries,
    "Object.assign": _merged,
    "Object.freeze": _same,
    "Promise.all": _all,
    "Promise.resolve": _resolved,
    "Array.from": _list_from,
}
