"""Types that TypeScript's and React's own declarations make of others."""

from collections.abc import Callable

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.queries.binding.sources import Sources
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.javascript import names
from codanna_lsp.queries.receivers.types import Type, Types, container, union
from codanna_lsp.queries.receivers.values import call_types

_Given = tuple[Types, ...]


def utility_type(
    sources: Sources,
    name: str,
    arguments: tuple[Expression, ...],
    path: str,
    depth: int,
) -> Types | None:
    """What `Name<A, B>` is, for the names known here; None for any other."""
    make = _MAKERS.get(name)
    if make is None:
        return None
    given = tuple(instances_of(sources, one, path, depth) for one in arguments)
    return make(sources, given, depth) if given else ()


def _component(_sources: Sources, given: _Given, _depth: int) -> Types:
    return (Type("function", name=names.COMPONENT, arguments=given[:1]),)


def _reference(_sources: Sources, given: _Given, _depth: int) -> Types:
    return (Type("instance", name=names.REFERENCE, arguments=given[:1]),)


def _properties(sources: Sources, given: _Given, depth: int) -> Types:
    from codanna_lsp.queries.receivers.javascript.members import properties_of

    return properties_of(sources, given[0], depth)


def _result(sources: Sources, given: _Given, depth: int) -> Types:
    return call_types(sources, given[0], depth)


def _parameters(sources: Sources, given: _Given, depth: int) -> Types:
    from codanna_lsp.queries.receivers.callbacks import taken_by

    parts = tuple(taken_by(sources, given[0], at, depth) for at in range(_PARAMETERS))
    return (container("tuple", parts),)


_PARAMETERS = 4  # of a function that `Parameters<F>` tells of


def _awaited(_sources: Sources, given: _Given, _depth: int) -> Types:
    return union(
        *(
            union(*one.arguments) if one.name == "awaitable" else (one,)
            for one in given[0]
        )
    )


def _made(_sources: Sources, given: _Given, _depth: int) -> Types:
    classes = (one for one in given[0] if one.kind in ("class", "instance"))
    return tuple(one._replace(kind="instance") for one in classes)


def _setter(_sources: Sources, given: _Given, _depth: int) -> Types:
    return (Type("function", name="callable", arguments=((), given[0])),)


def _state(_sources: Sources, given: _Given, _depth: int) -> Types:
    updater = Type("function", name="callable", arguments=(given[0], given[0]))
    return union(given[0], (updater,))


def _first(_sources: Sources, given: _Given, _depth: int) -> Types:
    return given[0]


_MAKERS: dict[str, Callable[[Sources, _Given, int], Types]] = {
    **dict.fromkeys(names.COMPONENT_TYPES, _component),
    **dict.fromkeys(names.REFERENCE_TYPES, _reference),
    **dict.fromkeys(names.PROPERTIES_OF, _properties),
    "ReturnType": _result,
    "Parameters": _parameters,
    "ConstructorParameters": _parameters,
    "Awaited": _awaited,
    "InstanceType": _made,
    "Dispatch": _setter,
    "SetStateAction": _state,
    "PropsWithChildren": _first,
    "Omit": _first,
    "Pick": _first,
    "Exclude": _first,
    "Extract": _first,
}
