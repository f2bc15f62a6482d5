"""Expressions of every kind: the types that each may be.

Invariant: never raises on what a source says; cycles and depth end in "not known".
"""

from collections.abc import Callable

from codanna_lsp.extraction.live.words import OWN_MODULE, Expression
from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.queries.binding.imports import module_text, rules_of
from codanna_lsp.queries.binding.meanings import meanings_at
from codanna_lsp.queries.binding.sources import (
    Entity,
    Sources,
)
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.callbacks import argument, object_literal
from codanna_lsp.queries.receivers.calls import BUILT_IN_CALLS
from codanna_lsp.queries.receivers.iteration import (
    awaited,
    element,
    entered,
    item,
    iterated,
)
from codanna_lsp.queries.receivers.javascript.narrowing import kind, predicate
from codanna_lsp.queries.receivers.own_objects import own_class, this_types
from codanna_lsp.queries.receivers.rust_library import handed, library_results, part_of
from codanna_lsp.queries.receivers.type_text import parse_type
from codanna_lsp.queries.receivers.types import (
    BUILT_IN_NAMES,
    JAVASCRIPT_NAMES,
    OUTSIDE,
    Type,
    Types,
    container,
    list_of,
    union,
)
from codanna_lsp.queries.receivers.values import (
    call_types,
    member_types,
    types_of,
    types_of_meaning,
)

_MAX_MEANINGS = 4
_LIBRARIES = {"c": ("std",), "rust": ("std", "core", "alloc")}
_OWN_PATHS = ("crate.", "super.", f"{OWN_MODULE}.")
_OWN_OBJECT = {"rust": ("self", "Self"), "python": (), "go": ()}


def _name(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    name, line, column = expression.text, expression.line, expression.column
    if name in _OWN_OBJECT.get(sources.family, ("this", "super")):
        return this_types(sources, expression, path)
    if name == "exports":
        return (Type("module", path),)
    if name in ("crate", "super", OWN_MODULE) and sources.family == "rust":
        return _rust_module(sources, expression, path)
    tested = _tested(sources, name, expression, path, depth)
    if tested:
        return tested
    meanings = meanings_at(sources, path, name, line, column)
    for meaning in meanings[:_MAX_MEANINGS]:
        found = types_of_meaning(sources, meaning, depth)
        if found and sources.family == "rust" and found[0].kind == "function":
            return union(found, _module_named(sources, name, path, depth))
        if found:
            return found
    if meanings:
        return ()
    if name in ("window", "globalThis") and sources.family == "javascript":
        from codanna_lsp.queries.receivers.javascript.members import own_window

        return own_window(sources)
    if name in _LIBRARIES.get(sources.family, ()):
        return (OUTSIDE,)
    if name in BUILT_IN_NAMES:
        return (Type("class", name=name),)
    return (OUTSIDE,) if name in JAVASCRIPT_NAMES else ()


def _tested(
    sources: Sources, text: str, expression: Expression, path: str, depth: int
) -> Types:
    """What `isinstance` has made sure of."""
    tree = sources.known_tree(path)
    if tree is None or not text:
        return ()
    key = ("tested", path, text, expression.line, expression.column)
    if key in sources.busy:
        return ()
    sources.busy.add(key)
    try:
        for test in tree.tests(text, expression.line, expression.column):
            found = types_of(sources, test, path, depth)
            if found:
                return found
    finally:
        sources.busy.discard(key)
    return ()


def _member(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    dotted = _dotted(expression)
    tested = _tested(sources, dotted, expression, path, depth)
    if tested:
        return tested
    if sources.family == "rust" and dotted.startswith(_OWN_PATHS):
        module = _rust_module(sources, expression, path)
        if module:
            return module
    owners = types_of(sources, expression.parts[0], path, depth)
    return member_types(sources, owners, expression.text, depth)


def _module_named(sources: Sources, name: str, path: str, depth: int) -> Types:
    """The module that a file of Rust calls as it calls a function, too."""
    rules = rules_of(sources, path)
    found = rules.starred_name(sources, path, name) if rules else ()
    others = (types_of_meaning(sources, one, depth) for one in found)
    return tuple(one for types in others for one in types if one.kind != "function")


def _rust_module(sources: Sources, expression: Expression, path: str) -> Types:
    """The module that a path from `crate` or `super` names."""
    rules = rules_of(sources, path)
    written = _dotted(expression).replace(OWN_MODULE, "self").replace(".", "::")
    text = module_text(sources, path, written, expression.line)
    module = rules.find_module(sources, text, path) if rules else None
    if module is None:
        return ()
    symbol = sources.symbol(module)
    if symbol is None:
        return (Type("module", module.path),)
    return (Type("class", *module),) if symbol.kind == SymbolKind.MODULE else ()


def _dotted(expression: Expression) -> str:
    parts = [expression.text]
    inner = expression
    while inner.kind == "member":
        inner = inner.parts[0]
        parts.append(inner.text)
    return ".".join(reversed(parts)) if inner.kind == "name" else ""


def _call(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    callee = expression.parts[0]
    if sources.family == "javascript":
        from codanna_lsp.queries.receivers.javascript.calls import called

        return called(sources, expression, path, depth)
    if callee.kind in ("name", "member"):
        special = _special_call(sources, expression, path, depth)
        if special is not None:
            return special
        if callee.kind == "member" and sources.family in ("java", "rust"):
            owners = types_of(sources, callee.parts[0], path, depth)
            methods = member_types(sources, owners, callee.text, depth, called=True)
            if any(one.kind == "function" and one.path for one in methods):
                return call_types(sources, methods, depth)
            if sources.family == "rust":
                return library_results(owners, callee.text)
    return call_types(sources, types_of(sources, callee, path, depth), depth)


def _special_call(
    sources: Sources, expression: Expression, path: str, depth: int
) -> Types | None:
    callee, given = expression.parts[0], expression.parts[1:]
    name = callee.text
    if name == "super" and callee.kind == "name":
        return this_types(sources, callee, path)
    if name == "cast" and len(given) == 2:
        return instances_of(sources, given[0], path, depth)
    rule = BUILT_IN_CALLS.get(name)
    if rule is None or not given or (callee.kind == "member" and rule != "same"):
        return None
    if callee.kind == "name":
        meanings = meanings_at(sources, path, name, callee.line, callee.column)
        if any(isinstance(one, Entity) for one in meanings):
            return None
    elif callee.parts[0].text != "copy":
        return None
    first = types_of(sources, given[0], path, depth)
    others = tuple(types_of(sources, one, path, depth) for one in given[1:])
    return _built_in_call(sources, rule, (first, *others), depth)


def _built_in_call(
    sources: Sources, rule: str, given: tuple[Types, ...], depth: int
) -> Types:
    first = given[0]
    if rule == "same":
        return first
    if rule == "class":
        return tuple(one._replace(kind="class") for one in first if one.path)
    if rule == "apply":
        return (list_of(call_types(sources, first, depth)),)
    if rule == "zip":
        parts = tuple(iterated(sources, one, depth) for one in given)
        return (list_of((container("tuple", parts),)),)
    items = iterated(sources, first, depth)
    if rule == "second":
        return (list_of(iterated(sources, given[-1], depth)),)
    if rule == "list":
        return (list_of(items),)
    if rule == "element":
        return items
    return (list_of((container("tuple", ((), items)),)),)


def _new(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """`new F()`, of a class or of a function that fills `this`."""
    if sources.family == "javascript":
        from codanna_lsp.queries.receivers.javascript.calls import made as made_by

        return made_by(sources, expression, path, depth)
    made = types_of(sources, expression.parts[0], path, depth)
    return tuple(
        one._replace(kind="instance") if one.kind in ("class", "function") else one
        for one in made
        if one.kind != "instance"
    )


def _literal(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    if expression.text in ("None", "str"):
        return () if expression.text == "None" else (Type("instance", name="str"),)
    parts = tuple(types_of(sources, one, path, depth) for one in expression.parts)
    if expression.text in ("list", "set", "Iterator"):
        return (list_of(union(*parts)),)
    return (container(expression.text, parts),)


def _choice(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    found: Types = ()
    for part in expression.parts:
        found = union(found, types_of(sources, part, path, depth))
        if found and expression.text == "operator":
            break
    return found


def _instance(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    if expression.parts[0].kind == "literal":
        parts = expression.parts[0].parts
        return union(
            *(
                call_types(sources, types_of(sources, p, path, depth), depth)
                for p in parts
            )
        )
    return call_types(
        sources, types_of(sources, expression.parts[0], path, depth), depth
    )


def _function(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    given = tuple(types_of(sources, one, path, depth) for one in expression.parts)
    return (Type("function", name="callable", arguments=given),)


def _type(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    if expression.text == "Self":
        return this_types(sources, expression, path)
    written = parse_type(expression.text, expression.line, expression.column)
    return instances_of(sources, written, path, depth)


def _keyword(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    from codanna_lsp.queries.receivers.javascript.members import properties_of

    components = types_of(sources, expression.parts[0], path, depth)
    owners = properties_of(sources, components, depth)
    return member_types(sources, owners, expression.text, depth)


_Evaluate = Callable[[Sources, Expression, str, int], Types]


EVALUATORS: dict[str, _Evaluate] = {
    "name": _name,
    "member": _member,
    "call": _call,
    "new": _new,
    "self": own_class,
    "class": own_class,
    "item": item,
    "element": element,
    "enter": entered,
    "await": awaited,
    "literal": _literal,
    "choice": _choice,
    "instance": _instance,
    "function": _function,
    "type": _type,
    "object": object_literal,
    "argument": argument,
    "part": part_of,
    "handed": handed,
    "keyword": _keyword,
    "predicate": predicate,
    "kind": kind,
}
