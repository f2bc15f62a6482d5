"""What an expression is: the types of receivers, from facts and live trees.

Invariant: never raises on what a source says; cycles and depth end in "not known".
"""

from collections.abc import Callable

from codanna_lsp.extraction.syntax_data import Binding, Expression
from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.queries.binding import (
    CLASS_KINDS,
    FUNCTION_KINDS,
    Entity,
    Local,
    Meaning,
    Names,
    Sources,
)
from codanna_lsp.queries.binding_names import meanings_at, owners_named
from codanna_lsp.queries.imports import rules_of
from codanna_lsp.queries.receivers_annotations import instances_of
from codanna_lsp.queries.receivers_calls import BUILT_IN_CALLS
from codanna_lsp.queries.receivers_members import find_inherited
from codanna_lsp.queries.receivers_types import (
    BUILT_IN_NAMES,
    JAVASCRIPT_NAMES,
    OUTSIDE,
    Type,
    TypeKind,
    Types,
    container,
    elements_of,
    item_of,
    list_of,
    result_of,
    union,
)
from codanna_lsp.queries.type_text import parse_type

MAX_DEPTH = 24
_MAX_MEANINGS = 4


def types_of(
    sources: Sources, expression: Expression, path: str, depth: int = 0
) -> Types:
    """What an expression of a file may be; () when that is not known."""
    if depth > MAX_DEPTH or not sources.step():
        return ()
    evaluate = _KINDS.get(expression.kind)
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
        return (Type("instance", entity.path, symbol.container),)
    if symbol.kind == SymbolKind.PROPERTY and "def " in symbol.signature[:10]:
        return results_of(sources, Type("function", *entity), depth)
    if symbol.type_text:
        written = parse_type(symbol.type_text, symbol.line, symbol.column)
        found = instances_of(sources, written, entity.path, depth + 1)
        if found:
            return found
    names = sources.names(entity.path)
    if names is not None and names.members(entity.symbol):
        return (Type("instance", *entity),)
    return _types_from_tree(sources, entity, depth)


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
    if owner is not None:
        bindings += tree.attributes(symbol.name, owner.line, owner.column)
    bindings.sort(key=lambda binding: (binding.line, binding.column))
    found: Types = ()
    for binding in bindings[:_MAX_MEANINGS]:
        found = union(
            found, _types_of_binding(sources, entity.path, binding, depth + 1)
        )
    return found


def member_types(sources: Sources, owners: Types, name: str, depth: int) -> Types:
    """What a member of any of these may be."""
    return union(*(_member_of(sources, one, name, depth) for one in owners))


def _member_of(sources: Sources, owner: Type, name: str, depth: int) -> Types:
    if owner.kind == "outside":
        return (OUTSIDE,)
    if not owner.path:
        method = f"{owner.name}.{name}"
        return (Type("function", name=method, arguments=owner.arguments),)
    found: Types = ()
    for meaning in find_members(sources, owner, name):
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
    return found or _filled(sources, one, name)


def _filled(sources: Sources, one: Entity, name: str) -> tuple[Meaning, ...]:
    """What the code of a class or function assigns to its object."""
    symbol = sources.symbol(one)
    tree = sources.tree(one.path) if symbol is not None else None
    if symbol is None or tree is None:
        return ()
    found = tree.attributes(name, symbol.line, symbol.column)
    return tuple(Local(one.path, binding) for binding in found[:1])


def _members_of_object(sources: Sources, owner: Type, name: str) -> tuple[Meaning, ...]:
    """A member of an object literal, by the place where the literal stands."""
    written: Expression | None = sources.memory.get((owner.path, owner.name))
    for part in written.parts if written is not None else ():
        if part.kind == "member" and part.text == name:
            stop = part.column + len(name.encode())
            place = (part.line, part.column, stop, part.line, part.column, part.line)
            value = part.parts[0]
            local = Binding(name, "variable", "block", *place, stop, value=value)
            return (Local(owner.path, local),)
    return ()


def _object(sources: Sources, expression: Expression, path: str, _depth: int) -> Types:
    name = f"object {expression.line}:{expression.column}"
    sources.memory[path, name] = expression
    return (Type("instance", path, -1, name),)


def _argument(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """What a callback is handed, or the parameter that an argument is given to."""
    callee = expression.parts[0]
    kind, _, position = expression.text.rpartition(" ")
    if not kind:
        return _parameter_types(sources, callee, path, int(position), depth)
    handed = _handed(sources, expression, path, depth)
    if handed or callee.kind != "member" or not kind.startswith("callback 0"):
        return handed
    owners = types_of(sources, callee.parts[0], path, depth)
    if callee.text == "then":
        return union(*(union(*o.arguments) for o in owners if o.name == "awaitable"))
    if callee.text not in _CALLING_METHODS:
        return ()
    values = (
        o.arguments[-1] if o.name == "dict" else elements_of(o)
        for o in owners
        if not o.path and o.arguments
    )
    return union(*values)


def _handed(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """What a function says that it hands to the callback at a place."""
    _, parameter, argument = expression.text.split(" ")
    callee = expression.parts[0]
    for one in _parameter_types(sources, callee, path, int(argument), depth):
        if one.name == "callable" and len(one.arguments) > int(parameter) + 1:
            return one.arguments[int(parameter) + 1]
    return ()


_CALLING_METHODS = frozenset(
    {
        "every",
        "filter",
        "find",
        "findIndex",
        "findLast",
        "flatMap",
        "forEach",
        "map",
        "some",
        "sort",
    }
)


def _parameter_types(
    sources: Sources, callee: Expression, path: str, position: int, depth: int
) -> Types:
    for one in types_of(sources, callee, path, depth):
        symbol = sources.symbol(Entity(one.path, one.symbol))
        if one.kind == "class":
            made = find_members(sources, one, "constructor")
            symbol = (
                sources.symbol(made[0])
                if made and isinstance(made[0], Entity)
                else None
            )
        tree = sources.tree(one.path) if symbol is not None else None
        if symbol is None or tree is None:
            continue
        parameters = tree.parameters(symbol.line, symbol.column)
        if position < len(parameters) and parameters[position].declared:
            given = parameters[position]
            written = parse_type(given.declared, given.line, given.column)
            return instances_of(sources, written, one.path, depth)
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
            called = _member_of(sources, one, "__call__", depth)
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


_OWN_OBJECT = {"rust": ("self", "Self"), "python": (), "go": ()}


def _name(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    name, line, column = expression.text, expression.line, expression.column
    if name in _OWN_OBJECT.get(sources.family, ("this", "super")):
        return _this(sources, expression, path)
    if name == "exports":
        return (Type("module", path),)
    tested = _tested(sources, name, expression, path, depth)
    if tested:
        return tested
    meanings = meanings_at(sources, path, name, line, column)
    for meaning in meanings[:_MAX_MEANINGS]:
        found = types_of_meaning(sources, meaning, depth)
        if found:
            return found
    if meanings:
        return ()
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
    tested = _tested(sources, _dotted(expression), expression, path, depth)
    if tested:
        return tested
    owners = types_of(sources, expression.parts[0], path, depth)
    return member_types(sources, owners, expression.text, depth)


def _dotted(expression: Expression) -> str:
    parts = [expression.text]
    inner = expression
    while inner.kind == "member":
        inner = inner.parts[0]
        parts.append(inner.text)
    return ".".join(reversed(parts)) if inner.kind == "name" else ""


def _call(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    callee = expression.parts[0]
    if callee.kind in ("name", "member"):
        special = _special_call(sources, expression, path, depth)
        if special is not None:
            return special
    return call_types(sources, types_of(sources, callee, path, depth), depth)


def _special_call(
    sources: Sources, expression: Expression, path: str, depth: int
) -> Types | None:
    callee, given = expression.parts[0], expression.parts[1:]
    name = callee.text
    if name == "super" and callee.kind == "name":
        return _this(sources, callee, path)
    if name in ("require", "import") and callee.kind == "name":
        return _required(sources, expression, path)
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


def _required(sources: Sources, expression: Expression, path: str) -> Types:
    """`require("x")`, and what `await import("x")` waits for."""
    rules = rules_of(sources, path)
    text = expression.parts[1].parts[:1] if len(expression.parts) > 1 else ()
    if rules is None or not text:
        return (OUTSIDE,)
    module = rules.find_module(sources, text[0].text, path)
    found: Types = (Type("module", module.path),) if module else (OUTSIDE,)
    if expression.parts[0].text == "import":
        return (container("Promise", (found,)),)
    return found


def _this(sources: Sources, expression: Expression, path: str) -> Types:
    """`this`, `super` and `super()`: by the class around them."""
    tree = sources.known_tree(path)
    names = sources.names(path)
    if tree is None or names is None:
        return ()
    for owner in tree.owners(expression.line, expression.column):
        if owner.kind == "class":
            index = names.symbol_at(owner.line, owner.column)
            kind: TypeKind = "super" if expression.text == "super" else "instance"
            return (Type(kind, path, index),) if index >= 0 else ()
    found = _this_of_function(sources, names, expression, path)
    if expression.text == "Self":
        return tuple(one._replace(kind="class") for one in found)
    return found


def _this_of_function(
    sources: Sources, names: Names, expression: Expression, path: str
) -> Types:
    """`this` outside of classes: what the function makes, or what holds it."""
    symbols = names.facts.symbols
    for index in names.around(expression.line, expression.column):
        symbol = symbols[index]
        if symbol.scope:
            own = [Entity(path, i) for i in names.top.get(symbol.scope, ())]
            owners = own or owners_named(sources, path, symbol.scope)
            return tuple(Type("instance", *owner) for owner in owners)
        if symbol.kind in CLASS_KINDS:
            return (Type("instance", path, index),)
        if symbol.container >= 0 and symbols[symbol.container].kind in _VARIABLES:
            return (Type("instance", path, symbol.container),)
        if symbol.kind in FUNCTION_KINDS:
            return (Type("instance", path, index),)
    return ()


_VARIABLES = frozenset({SymbolKind.VARIABLE, SymbolKind.CONSTANT})


def _new(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """`new F()`, of a class or of a function that fills `this`."""
    made = types_of(sources, expression.parts[0], path, depth)
    return tuple(
        one._replace(kind="instance") if one.kind in ("class", "function") else one
        for one in made
        if one.kind != "instance"
    )


def _own_class(
    sources: Sources, expression: Expression, path: str, _depth: int
) -> Types:
    names = sources.names(path)
    if names is None:
        return ()
    index = names.symbol_at(expression.line, expression.column)
    if index < 0:
        return ()
    if expression.kind == "self":
        return (Type("instance", path, index),)
    return (Type("class", path, index),)


def _item(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    owners = types_of(sources, expression.parts[0], path, depth)
    found: Types = ()
    for one in owners:
        if one.kind == "class":
            found = union(found, (one,))
        elif not one.path:
            found = union(found, item_of(one, expression.text))
        else:
            method = _member_of(sources, one, "__getitem__", depth)
            found = union(found, call_types(sources, method, depth))
            if not method and expression.text.isdigit():
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
        made = call_types(sources, _either(sources, one, _ITERATORS, depth), depth)
        for maker in made:
            if not maker.path:
                found = union(found, elements_of(maker))
            else:
                step = _either(sources, maker, _STEPS, depth)
                found = union(found, call_types(sources, step, depth))
        if not made:
            method = _member_of(sources, one, "__getitem__", depth)
            found = union(found, call_types(sources, method, depth))
    return found


_ITERATORS = ("__iter__", "__aiter__")
_STEPS = ("__next__", "__anext__")


def _either(sources: Sources, one: Type, names: tuple[str, ...], depth: int) -> Types:
    for name in names:
        found = _member_of(sources, one, name, depth)
        if found:
            return found
    return ()


def _element(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    owners = types_of(sources, expression.parts[0], path, depth)
    return iterated(sources, owners, depth)


def _enter(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    found: Types = ()
    for one in types_of(sources, expression.parts[0], path, depth):
        if not one.path:
            found = union(found, elements_of(one))
            continue
        method = _either(sources, one, ("__enter__", "__aenter__"), depth)
        entered = call_types(sources, method, depth)
        found = union(found, entered or (one,))
    return found


def _await(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    found: Types = ()
    for one in types_of(sources, expression.parts[0], path, depth):
        inner = union(*one.arguments) if one.name == "awaitable" else (one,)
        found = union(found, inner)
    return found


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
    written = parse_type(expression.text, expression.line, expression.column)
    return instances_of(sources, written, path, depth)


_Evaluate = Callable[[Sources, Expression, str, int], Types]
_KINDS: dict[str, _Evaluate] = {
    "name": _name,
    "member": _member,
    "call": _call,
    "new": _new,
    "self": _own_class,
    "class": _own_class,
    "item": _item,
    "element": _element,
    "enter": _enter,
    "await": _await,
    "literal": _literal,
    "choice": _choice,
    "instance": _instance,
    "function": _function,
    "type": _type,
    "object": _object,
    "argument": _argument,
}
