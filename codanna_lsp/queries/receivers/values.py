"""Values: what names, members and calls may be, from facts and live trees.

Invariant: never raises on what a source says; cycles and depth end in "not known".
"""

import re

from codanna_lsp.extraction.live.words import Binding, Expression
from codanna_lsp.model.symbol import Symbol, SymbolKind
from codanna_lsp.queries.binding.imports import rules_of
from codanna_lsp.queries.binding.names import FUNCTION_KINDS
from codanna_lsp.queries.binding.sources import (
    CLASS_KINDS,
    Entity,
    Local,
    Meaning,
    Sources,
)
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.members import (
    find_embedded,
    find_inherited,
    fitting,
)
from codanna_lsp.queries.receivers.type_text import parse_type
from codanna_lsp.queries.receivers.types import (
    OUTSIDE,
    Type,
    Types,
    held_by,
    result_of,
    union,
)

_FILLING = ("python", "javascript")  # families whose objects get their fields in code
_MAX_MEANINGS = 4
# Python's `def` under @property; a `get` of JavaScript's that names no type.
_GETTER = re.compile(r".{0,6}def |(?:[a-z]+ )*get [\w$#]+\(\)(?! *:)")

MAX_DEPTH = 24


def types_of(
    sources: Sources, expression: Expression, path: str, depth: int = 0
) -> Types:
    """What an expression of a file may be; () when that is not known."""
    if depth > MAX_DEPTH or not sources.step():
        return ()
    from codanna_lsp.queries.receivers.expressions import EVALUATORS

    evaluate = EVALUATORS.get(expression.kind)
    return evaluate(sources, expression, path, depth + 1) if evaluate else ()


def types_of_meaning(sources: Sources, meaning: Meaning, depth: int = 0) -> Types:
    """What a symbol, module or binding is when it is used as a value."""
    if meaning in sources.memory:
        known: Types = sources.memory[meaning]
        return known
    if meaning in sources.busy or depth > MAX_DEPTH or not sources.step():
        return ()
    sources.busy.add(meaning)
    try:
        if isinstance(meaning, Local):
            found = _types_of_binding(sources, meaning.path, meaning.binding, depth)
        else:
            found = _types_of_entity(sources, meaning, depth)
    finally:
        sources.busy.discard(meaning)
    sources.memory[meaning] = found
    return found


def _types_of_binding(
    sources: Sources, path: str, binding: Binding, depth: int
) -> Types:
    if binding.kind == "import":
        return (OUTSIDE,)
    if binding.declared:
        written = parse_type(binding.declared, binding.line, binding.column)
        found = instances_of(sources, written, path, depth + 1)
        if found:
            return found
    if binding.value is not None:
        return types_of(sources, binding.value, path, depth + 1)
    return ()


def _types_of_entity(sources: Sources, entity: Entity, depth: int) -> Types:
    symbol = sources.symbol(entity)
    if symbol is None:
        return (Type("module", entity.path),)
    if symbol.kind in CLASS_KINDS:
        return (Type("class", *entity),)
    if symbol.kind in FUNCTION_KINDS:
        return (Type("function", *entity),)
    if symbol.kind in (SymbolKind.NAMESPACE, SymbolKind.MODULE):
        return (Type("class", *entity),)
    if symbol.kind == SymbolKind.ENUM_MEMBER and symbol.container >= 0:
        enum = Type("instance", entity.path, symbol.container)
        names = sources.names(entity.path)
        if sources.family == "rust" and names and names.members(entity.symbol):
            return Type("instance", *entity), enum  # `Point { x: i32 }` has fields
        return (enum,)
    if symbol.kind == SymbolKind.PROPERTY and _GETTER.match(symbol.signature):
        return results_of(sources, Type("function", *entity), depth)
    by_value = _is_made(sources, symbol)
    if by_value and sources.known_tree(entity.path) is not None:
        found = _types_from_tree(sources, entity, depth)
        if found:
            return found
    if symbol.type_text:
        written = parse_type(symbol.type_text, symbol.line, symbol.column)
        found = instances_of(sources, written, entity.path, depth + 1)
        if by_value and (not found or found[0].kind == "outside"):
            return _types_from_tree(sources, entity, depth) or found
        if symbol.kind == SymbolKind.TYPE_ALIAS and sources.family == "go":
            return union((Type("class", *entity),), found)  # it may have methods
        if found:
            return found
    names = sources.names(entity.path)
    if names is not None and names.members(entity.symbol):
        return (Type("instance", *entity),)
    return _types_from_tree(sources, entity, depth)


def _is_made(sources: Sources, symbol: Symbol) -> bool:
    """Whether a variable of JavaScript's is what its value is, as no type is beside it.

    What facts keep of `f<A>(b)` is `f`.
    """
    if sources.family != "javascript" or symbol.kind not in _VARIABLES:
        return False
    before, colon, _ = symbol.signature.partition("=")[0].partition(":")
    return not colon or "{" in before or "[" in before


_VARIABLES = frozenset({SymbolKind.VARIABLE, SymbolKind.CONSTANT})


def _types_from_tree(sources: Sources, entity: Entity, depth: int) -> Types:
    """What a variable or attribute is assigned, where its file's tree can be had."""
    symbol = sources.symbol(entity)
    tree = sources.tree(entity.path)
    if symbol is None or tree is None:
        return ()
    bindings = [
        binding
        for binding in tree.bindings(symbol.name, symbol.line, symbol.column)
        if (binding.scope == "class") == (symbol.container >= 0)
    ]
    owner = sources.symbol(Entity(entity.path, symbol.container))
    if symbol.name == "default" and sources.family == "javascript":
        exported = tree.exported()
        return types_of(sources, exported, entity.path, depth + 1) if exported else ()
    if owner is not None and owner.kind in _VARIABLES:
        return _types_in_literal(sources, entity, owner, depth)
    if owner is not None:
        bindings += tree.attributes(symbol.name, owner.line, owner.column)
    bindings.sort(key=lambda binding: (binding.line, binding.column))
    found: Types = ()
    for binding in bindings[:_MAX_MEANINGS]:
        found = union(
            found, _types_of_binding(sources, entity.path, binding, depth + 1)
        )
    return found


def _types_in_literal(
    sources: Sources, entity: Entity, owner: Symbol, depth: int
) -> Types:
    """What a key of the object literal that a variable is holds."""
    symbol = sources.symbol(entity)
    tree = sources.tree(entity.path)
    if symbol is None or tree is None:
        return ()
    for binding in tree.bindings(owner.name, owner.line, owner.column):
        written = binding.value
        for part in written.parts if written and written.kind == "object" else ():
            if part.kind == "member" and part.text == symbol.name:
                return types_of(sources, part.parts[0], entity.path, depth + 1)
    return ()


def member_types(
    sources: Sources, owners: Types, name: str, depth: int, *, called: bool = False
) -> Types:
    """What a member of any of these may be; called: as what a call names."""
    return union(
        *(member_of(sources, one, name, depth, called=called) for one in owners)
    )


def member_of(
    sources: Sources, owner: Type, name: str, depth: int, *, called: bool = False
) -> Types:
    """What a member of one type may be; a method knows what it was taken from."""
    if owner.kind == "outside":
        return (OUTSIDE,)
    if not owner.path:
        held = held_by(owner, name)
        if held is not None:
            return held
        method = f"{owner.name}.{name}"
        return (Type("function", name=method, arguments=owner.arguments),)
    found: Types = ()
    declared = find_members(sources, owner, name)
    if sources.family == "javascript":
        from codanna_lsp.queries.receivers.javascript.members import special_member

        special = special_member(sources, owner, name, declared, depth + 1)
        if special is not None:
            return special
    for meaning in fitting(sources, declared, called=called):
        for one in types_of_meaning(sources, meaning, depth + 1):
            bound = owner._replace(kind="instance")
            is_method = one.kind == "function"
            found = union(found, (one._replace(owner=(bound,)) if is_method else one,))
    return found


def find_members(sources: Sources, owner: Type, name: str) -> tuple[Meaning, ...]:
    """What a member of a type is declared as."""
    if owner.kind == "module":
        rules = rules_of(sources, owner.path)
        module = Entity(owner.path, -1)
        return rules.find_exported(sources, module, name) if rules else ()
    if owner.kind == "function":
        return ()
    if owner.symbol < 0:
        return _members_of_object(sources, owner, name)
    above = owner.kind == "super"
    one = Entity(owner.path, owner.symbol)
    found: tuple[Meaning, ...] = find_inherited(sources, one, name, above=above)[0]
    found = found or find_embedded(sources, one, name)
    if not found and sources.family == "rust":
        return _dereferenced(sources, one, name)
    return found or _filled(sources, one, name)


def _dereferenced(sources: Sources, one: Entity, name: str) -> tuple[Meaning, ...]:
    """A member of what Rust's `impl Deref` of a type leads to."""
    key = ("dereferenced", one)
    if key in sources.busy or name in ("Target", "deref"):
        return ()
    if not find_inherited(sources, one, "deref")[0]:
        return ()
    sources.busy.add(key)
    try:
        for target in find_inherited(sources, one, "Target")[0][:1]:
            for inner in types_of_meaning(sources, target):
                found = find_members(sources, inner, name) if inner.path else ()
                if found:
                    return found
    finally:
        sources.busy.discard(key)
    return ()


def _filled(sources: Sources, one: Entity, name: str) -> tuple[Meaning, ...]:
    """What the code of a class or function assigns to its object."""
    if sources.family not in _FILLING:
        return ()  # the others declare every field; parsing a file would be in vain
    symbol = sources.symbol(one)
    tree = sources.tree(one.path) if symbol is not None else None
    if symbol is None or tree is None:
        return ()
    found = tree.attributes(name, symbol.line, symbol.column)
    return tuple(Local(one.path, binding) for binding in found[:1])


def _members_of_object(sources: Sources, owner: Type, name: str) -> tuple[Meaning, ...]:
    """A member of an object literal, by the place where the literal stands."""
    written: Expression | None = sources.memory.get((owner.path, owner.name))
    if written is not None and written.kind == "inline":
        from codanna_lsp.queries.receivers.javascript.members import inline_members

        return inline_members(sources, owner.path, written, name)
    for part in written.parts if written is not None else ():
        if part.kind == "member" and part.text == name:
            stop = part.column + len(name.encode())
            place = (part.line, part.column, stop, part.line, part.column, part.line)
            value = part.parts[0]
            local = Binding(name, "variable", "block", *place, stop, value=value)
            return (Local(owner.path, local),)
    return _spread(sources, owner.path, written, name) if written is not None else ()


def _spread(
    sources: Sources, path: str, written: Expression, name: str
) -> tuple[Meaning, ...]:
    """A member that an object literal takes over from another: `{ ...a }`."""
    for part in reversed(written.parts):
        if part.kind == "member" or not sources.step():
            continue
        for owner in types_of(sources, part, path, 1):
            found = find_members(sources, owner, name) if owner.path else ()
            if found:
                return found
    return ()


def call_types(sources: Sources, callees: Types, depth: int) -> Types:
    """What calling any of these gives."""
    found: Types = ()
    for one in callees:
        given: Types
        if one.kind == "class":
            given = (one._replace(kind="instance"),)
        elif one.kind == "function":
            given = results_of(sources, one, depth)
        elif one.kind == "instance" and one.path:
            called = member_of(sources, one, "__call__", depth)
            given = call_types(sources, called, depth + 1) if depth < MAX_DEPTH else ()
        elif one.kind == "outside":
            given = (OUTSIDE,)
        else:
            given = ()
        found = union(found, given)
    return found


def results_of(sources: Sources, function: Type, depth: int) -> Types:
    """What a function gives: as declared, else as its returns are."""
    if not function.path:
        if function.name == "callable":
            return union(*function.arguments[:1])
        return result_of(function)
    symbol = sources.symbol(Entity(function.path, function.symbol))
    if symbol is None or depth > MAX_DEPTH:
        return ()
    if symbol.type_text:
        written = parse_type(symbol.type_text, symbol.line, symbol.column)
        found = instances_of(
            sources, written, function.path, depth + 1, owner=function.owner
        )
        return found or (OUTSIDE,)
    tree = sources.tree(function.path)
    key = ("returns", function.path, function.symbol)
    if tree is None or key in sources.busy:
        return ()
    sources.busy.add(key)
    try:
        returned = tree.returns(symbol.line, symbol.column)
        found = union(
            *(types_of(sources, one, function.path, depth + 1) for one in returned)
        )
    finally:
        sources.busy.discard(key)
    return found
