"""Types as written: what an annotation says that a value is an instance of."""

from collections.abc import Iterable

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.model.symbol import Symbol, SymbolKind
from codanna_lsp.queries.binding.imports import rules_of
from codanna_lsp.queries.binding.meanings import meanings_at
from codanna_lsp.queries.binding.rows import rows_of
from codanna_lsp.queries.binding.sources import (
    CLASS_KINDS,
    Entity,
    Local,
    Meaning,
    Sources,
)
from codanna_lsp.queries.receivers.aliases import GIVEN, generic_alias
from codanna_lsp.queries.receivers.type_text import ANY_ITEM, parse_type
from codanna_lsp.queries.receivers.types import (
    BUILT_IN_NAMES,
    CONTAINER_NAMES,
    JAVASCRIPT_NAMES,
    OUTSIDE,
    RUST_WRAPPERS,
    Type,
    Types,
    container,
    elements_of,
    item_of,
    union,
)

_UNIONS = frozenset(
    "Optional Union NonNullable Partial Readonly Required NotRequired ClassVar"
    " Final InitVar Annotated ReadOnly TypeGuard Awaited Exclude Extract Pick Omit"
    " Box Result RefCell Mutex RwLock unique_ptr shared_ptr weak_ptr Rc Arc Option".split()
)
_FIRST_ONLY = frozenset({"Annotated", "Exclude", "Extract", "Pick", "Omit", "Result"})
_CLASSES = frozenset({"Type", "type"})
_OWN_TYPES = {"javascript": "this"}
_NOTHING = frozenset({"None", "Any", "Literal", "NoReturn", "Never", "undefined"})
MAX_DEPTH = 24


def instances_of(
    sources: Sources,
    written: Expression,
    path: str,
    depth: int,
    owner: Types = (),
) -> Types:
    """What a value of a written type is; a callee's text gives what calling it gives.

    owner: what `Self` stands for.
    """
    if depth > MAX_DEPTH or not sources.step():
        return ()
    depth += 1
    kind = written.kind
    if kind == "choice":
        return union(*_each(sources, written.parts, path, depth, owner))
    if kind == "item":
        return _generic(sources, written, path, depth, owner)
    if kind == "literal":
        return _quoted_or_tuple(sources, written, path, depth, owner)
    if kind == "function":
        given = _each(sources, written.parts, path, depth, ())
        return (Type("function", name="callable", arguments=given),)
    if kind == "name":
        return _named(sources, written, path, depth, owner)
    if kind == "value":
        return _evaluated(sources, written.parts[0], path, depth)
    if kind == "inline" and sources.family == "javascript":
        from codanna_lsp.queries.receivers.javascript.members import inline_type

        return inline_type(sources, written, path)
    if kind in ("member", "call"):
        return _instantiated(
            sources, _evaluated(sources, written, path, depth), path, depth
        )
    return ()


def _evaluated(
    sources: Sources, expression: Expression, path: str, depth: int
) -> Types:
    from codanna_lsp.queries.receivers.values import types_of

    return types_of(sources, expression, path, depth)


def _instantiated(sources: Sources, types: Types, _path: str, depth: int) -> Types:
    from codanna_lsp.queries.receivers.values import call_types

    classes = tuple(one for one in types if one.kind in ("class", "function"))
    others = tuple(one for one in types if one.kind not in ("class", "function"))
    return union(call_types(sources, classes, depth), others)


def _quoted_or_tuple(
    sources: Sources, written: Expression, path: str, depth: int, owner: Types
) -> Types:
    if written.text == "tuple":
        parts = _each(sources, written.parts, path, depth, owner)
        return (container("tuple", parts),)
    if written.text == "str" and written.parts:
        inner = written.parts[0]
        parsed = parse_type(inner.text, inner.line, inner.column)
        return instances_of(sources, parsed, path, depth, owner)
    return ()


def _generic(
    sources: Sources, written: Expression, path: str, depth: int, owner: Types
) -> Types:
    base, arguments = written.parts[0], written.parts[1:]
    name = base.text
    packed = len(arguments) == 1 and arguments[0][:2] == ("literal", "tuple")
    if packed and name not in _CLASSES and sources.family == "python":
        arguments = arguments[0].parts
    is_wrapped = sources.family == "rust" and name in RUST_WRAPPERS and arguments
    if is_wrapped and (name == "Result" or not _is_ours(sources, base, path)):
        return instances_of(sources, arguments[0], path, depth, owner)
    if name in _NOTHING and sources.family != "rust":
        return ()
    if sources.family == "javascript":
        if written.text:
            return _indexed(sources, written, path, depth, owner)
        aliased = generic_alias(sources, base, arguments, path, depth)
        if aliased:
            return aliased
        known = _utility(sources, base, arguments, path, depth)
        if known is not None:
            return known
    if name in _FIRST_ONLY:
        arguments = arguments[:1]
    if name == "Callable":
        result = instances_of(sources, arguments[-1], path, depth) if arguments else ()
        return (Type("function", name="callable", arguments=(result,)),)
    if name not in _UNIONS | _CLASSES | CONTAINER_NAMES or _is_ours(
        sources, base, path
    ):
        given = _each(sources, arguments, path, depth, owner)
        found = instances_of(sources, base, path, depth, owner)
        return tuple(
            one._replace(arguments=given) if one.kind == "instance" else one
            for one in found
        )
    given = _each(sources, arguments, path, depth, owner)
    if name in _UNIONS:
        return union(*given)
    if name in _CLASSES:
        return tuple(one._replace(kind="class") for one in union(*given))
    return (container(name, given),)


def _utility(
    sources: Sources,
    base: Expression,
    arguments: tuple[Expression, ...],
    path: str,
    depth: int,
) -> Types | None:
    from codanna_lsp.queries.receivers.javascript.utility import utility_type

    if _is_ours(sources, base, path):
        return None
    return utility_type(sources, base.text, arguments, path, depth)


def _indexed(
    sources: Sources, written: Expression, path: str, depth: int, owner: Types
) -> Types:
    """TypeScript's `A["key"]`: what the property is."""
    from codanna_lsp.queries.receivers.values import member_types

    owners = instances_of(sources, written.parts[0], path, depth, owner)
    if written.text == ANY_ITEM:
        return union(*(elements_of(one) for one in owners))
    if written.text.isdigit():
        return union(*(item_of(one, written.text) for one in owners))
    return member_types(sources, owners, written.text, depth)


def _each(
    sources: Sources,
    written: Iterable[Expression],
    path: str,
    depth: int,
    owner: Types,
) -> tuple[Types, ...]:
    return tuple(instances_of(sources, one, path, depth, owner) for one in written)


def _is_ours(sources: Sources, base: Expression, path: str) -> bool:
    if base.kind != "name":
        return False
    found = meanings_at(sources, path, base.text, base.line, base.column)
    return any(isinstance(one, Entity) for one in found)


def _named(
    sources: Sources, written: Expression, path: str, depth: int, owner: Types
) -> Types:
    name = written.text
    if name in _NOTHING and sources.family != "rust":
        return ()
    if name == "Self" and sources.family == "rust" and not owner:
        owner = _evaluated(sources, written, path, depth)
        return tuple(one._replace(kind="instance") for one in owner)
    if name.startswith(GIVEN):
        known: Types = sources.memory[name]
        return known
    if name == _OWN_TYPES.get(sources.family, "Self") and owner:
        return owner
    meanings = meanings_at(sources, path, name, written.line, written.column)
    if sources.family == "c":
        meanings = _tags_first(sources, path, name, meanings)
    for meaning in meanings:
        found = _instance_of_meaning(sources, meaning, depth, owner)
        if found:
            return found
    if meanings or name in JAVASCRIPT_NAMES - CONTAINER_NAMES:
        return (OUTSIDE,)
    if name in CONTAINER_NAMES:
        return (container(name, ()),)
    if sources.family in _CLOSED_FAMILIES:
        return (OUTSIDE,)
    return (Type("instance", name=name),) if name in BUILT_IN_NAMES else ()


def _tags_first(
    sources: Sources, path: str, name: str, meanings: tuple[Meaning, ...]
) -> tuple[Meaning, ...]:
    """The types among what a name of C means: tags have a name space of their own.

    A variable may hide its own type: `struct request *request`.
    """
    rules = rules_of(sources, path)
    hidden = any(isinstance(one, Local) for one in meanings)
    seen = rules.starred_name(sources, path, name) if hidden and rules else ()
    types = tuple(
        one
        for one in (*meanings, *seen)
        if isinstance(one, Entity)
        and (symbol := sources.symbol(one)) is not None
        and (symbol.kind in CLASS_KINDS or symbol.kind == SymbolKind.TYPE_ALIAS)
    )
    return types or meanings


# What the workspace does not declare is the library's: nothing makes types at run time.
_CLOSED_FAMILIES = frozenset({"go", "java", "rust"})


def _instance_of_meaning(
    sources: Sources, meaning: Meaning, depth: int, owner: Types
) -> Types:
    if isinstance(meaning, Local):
        return _alias(sources, meaning, depth, owner)
    symbol = sources.symbol(meaning)
    if symbol is None:
        return ()
    if symbol.kind in CLASS_KINDS:
        return (Type("instance", *meaning),)
    names = sources.names(meaning.path)
    has_own = names is not None and bool(names.members(meaning.symbol))
    if symbol.kind == SymbolKind.TYPE_ALIAS and (has_own or sources.family == "go"):
        # `type T []E` has methods of its own, and E's for its elements; of TypeScript
        # `type T = E & { own: string }`.
        beneath = _aliased(sources, meaning, symbol, depth, owner)
        itself: Types = (Type("instance", *meaning),)
        if sources.family == "javascript":  # what is beneath tells cases of it apart
            return union(beneath, itself)
        return union(itself, beneath)
    if symbol.kind == SymbolKind.TYPE_PARAMETER:
        return _parameter(sources, meaning, symbol, depth, owner)
    if symbol.kind in (SymbolKind.VARIABLE, SymbolKind.CONSTANT, SymbolKind.TYPE_ALIAS):
        found = _aliased(sources, meaning, symbol, depth, owner)
        if found:
            return found
    return _instantiated(sources, _meant(sources, meaning, depth), meaning.path, depth)


def _meant(sources: Sources, meaning: Meaning, depth: int) -> Types:
    from codanna_lsp.queries.receivers.values import types_of_meaning

    return types_of_meaning(sources, meaning, depth)


def _aliased(
    sources: Sources, entity: Entity, symbol: Symbol, depth: int, owner: Types
) -> Types:
    """A type alias: what its value, read as a type, is."""
    says = symbol.kind == SymbolKind.TYPE_ALIAS and symbol.type_text
    if says and symbol.type_text not in ("TypeAlias", "NewType"):
        written = parse_type(symbol.type_text, symbol.line, symbol.column)
        if sources.family == "c" and written[:2] == ("name", symbol.name):
            return _opaque(sources, entity, symbol.name)
        return instances_of(sources, written, entity.path, depth, owner)
    if sources.family == "c":
        return _declared_inside(sources, entity, symbol)
    if sources.family == "go":
        return ()
    names = sources.names(entity.path)
    if sources.family == "javascript" and names and names.members(entity.symbol):
        return ()
    tree = sources.tree(entity.path)
    if tree is None:
        return ()
    for binding in tree.bindings(symbol.name, symbol.line, symbol.column):
        found = _alias(sources, Local(entity.path, binding), depth, owner)
        if found:
            return found
    return ()


def _opaque(sources: Sources, alias: Entity, name: str) -> Types:
    """The struct of `typedef struct name name;`, whose fields another file may keep."""
    rows = [row for row in rows_of(sources, name, "c") if row.kind in CLASS_KINDS]
    near = [row for row in rows if row.path == alias.path] or [
        row for row in rows if sources.known_tree(row.path) is not None
    ]
    if not near:
        rules = rules_of(sources, alias.path)
        seen = rules.starred_name(sources, alias.path, name) if rules else ()
        near = [row for row in rows if Entity(row.path, row.index) in seen] or rows
    return tuple(Type("instance", row.path, row.index) for row in near[:1])


def _declared_inside(sources: Sources, entity: Entity, alias: Symbol) -> Types:
    """The struct that a typedef declares as well: `typedef struct a {...} A`."""
    names = sources.names(entity.path)
    start = alias.start_line, alias.start_column
    stop = alias.stop_line, alias.stop_column
    for index, symbol in enumerate(names.facts.symbols if names is not None else ()):
        place = symbol.start_line, symbol.start_column
        if symbol.kind in CLASS_KINDS and start <= place < stop:
            return (Type("instance", entity.path, index),)
    return ()


def _alias(sources: Sources, meaning: Local, depth: int, owner: Types) -> Types:
    binding = meaning.binding
    if binding.kind == "type_parameter" and binding.declared:
        written = parse_type(binding.declared, binding.line, binding.column)
        return instances_of(sources, written, meaning.path, depth, owner)
    value = binding.value
    if binding.kind == "parameter" or value is None:
        return ()
    if value.kind == "call":
        return _instantiated(
            sources, _meant(sources, meaning, depth), meaning.path, depth
        )
    if meaning in sources.busy:
        return ()
    sources.busy.add(meaning)
    try:
        return instances_of(sources, value, meaning.path, depth, owner)
    finally:
        sources.busy.discard(meaning)


def _parameter(
    sources: Sources, entity: Entity, symbol: Symbol, depth: int, owner: Types
) -> Types:
    """A type variable: its owner's argument, or its bound."""
    if owner and owner[0].arguments:
        return owner[0].arguments[0]
    bound = symbol.signature.partition("bound=")[2].partition(")")[0]
    if owner and bound:
        return owner
    written = parse_type(bound, symbol.line, symbol.column)
    return instances_of(sources, written, entity.path, depth) if bound else ()
