"""What a name means at a place of a file: its bindings, imports and declarations."""

from codanna_lsp.extraction.live.words import Binding, Occurrence
from codanna_lsp.model.symbol import Symbol, SymbolKind
from codanna_lsp.queries.binding.imports import module_text, rules_of
from codanna_lsp.queries.binding.imports_rust import seen_from
from codanna_lsp.queries.binding.names import FUNCTION_KINDS
from codanna_lsp.queries.binding.rows import rows_of
from codanna_lsp.queries.binding.sources import (
    CLASS_KINDS,
    Entity,
    Local,
    Meaning,
    Sources,
)

_MAX_BINDINGS = 8


def meanings_at(
    sources: Sources, path: str, name: str, line: int, column: int
) -> tuple[Meaning, ...]:
    """What a name means at a place, the likeliest first; through imports."""
    tree = sources.known_tree(path)
    if tree is None:
        return _declared_at(sources, path, name, line)
    found: dict[Meaning, None] = {}
    for binding in tree.bindings(name, line, column)[:_MAX_BINDINGS]:
        found.update(dict.fromkeys(meanings_of(sources, path, binding)))
    if found:
        return tuple(found)
    inherited = inherited_at(sources, path, name, line, column)
    if inherited:
        return inherited
    rules = rules_of(sources, path)
    if sources.family == "rust":
        return seen_from(sources, path, name, line)
    seen = rules.starred_name(sources, path, name) if rules else ()
    return _in_sight(sources, path, seen, line) if sources.family == "c" else seen


def _in_sight(
    sources: Sources, path: str, found: tuple[Meaning, ...], line: int
) -> tuple[Meaning, ...]:
    """With what C++ declares inside of another function of the file at the end."""
    if len(found) < 2 or found[0].path != path:
        return found
    names = sources.names(path)
    functions = [
        symbol
        for symbol in (names.facts.symbols if names is not None else ())
        if symbol.kind in FUNCTION_KINDS and symbol.stop_line > symbol.start_line
    ]

    def is_hidden(one: Meaning) -> bool:
        if not isinstance(one, Entity) or one.path != path:
            return False
        symbol = sources.symbol(one)
        if symbol is None:
            return False
        return any(
            other.start_line < symbol.line <= other.stop_line
            and not other.start_line <= line <= other.stop_line
            for other in functions
        )

    return tuple(sorted(found, key=is_hidden))


def meanings_of(sources: Sources, path: str, binding: Binding) -> tuple[Meaning, ...]:
    """What a binding stands for: what it imports, the symbol that it is, or itself."""
    if binding.kind == "import":
        found = imported_at(sources, path, binding.line, binding.column)
        return found or (Local(path, binding),)
    names = sources.names(path)
    item = names.import_at(binding.line, binding.column) if names else None
    rules = rules_of(sources, path) if item is not None else None
    if item is not None and rules is not None:
        found = rules.resolve_import(sources, item, path)
        return found or (Local(path, binding),)
    if names is not None and binding.kind != "parameter":
        index = names.symbol_at(binding.line, binding.column)
        if index >= 0:
            return (Entity(path, index),)
    return (Local(path, binding),)


def methods_at(
    sources: Sources, path: str, name: str, line: int, column: int
) -> tuple[Meaning, ...]:
    """What a called name of Java means at a place: methods only, all overloads."""
    found = inherited_at(sources, path, name, line, column)
    rules = rules_of(sources, path) if not found else None
    return rules.starred_name(sources, path, name) if rules else found


def inherited_at(
    sources: Sources, path: str, name: str, line: int, column: int
) -> tuple[Meaning, ...]:
    """In Java and C++: what the classes around a place declare or inherit."""
    from codanna_lsp.queries.receivers.members import find_inherited, find_overloads

    names = sources.names(path)
    if names is None or sources.family not in ("java", "c"):
        return ()
    symbols = names.facts.symbols
    for index in names.around(line, column):
        symbol = symbols[index]
        owners = [Entity(path, index)] if symbol.kind in CLASS_KINDS else []
        scope = symbol.scope or _fixture_of(symbol)
        if scope and not owners:
            owners = owners_named(sources, path, scope)
        for owner in owners:
            if ("enclosing", owner) in sources.busy:
                continue
            sources.busy.add(("enclosing", owner))
            found, _ = find_inherited(sources, owner, name)
            found = tuple(
                dict.fromkeys((*found, *find_overloads(sources, owner, name)))
            )
            found = tuple(one for one in found if not _constructs(sources, one))
            sources.busy.discard(("enclosing", owner))
            if found:
                return found
    return ()


def _constructs(sources: Sources, one: Entity) -> bool:
    """A constructor bears its class's name, which stands for the class."""
    symbol = sources.symbol(one)
    return symbol is not None and symbol.kind == SymbolKind.CONSTRUCTOR


def _fixture_of(symbol: Symbol) -> str:
    """The class whose method a test of GoogleTest becomes: `TEST_F(Fixture, Name)`."""
    if symbol.name not in _TEST_MACROS:
        return ""
    given = symbol.signature.partition("(")[2]
    return given.partition(",")[0].strip()


_TEST_MACROS = frozenset({"TEST_F", "TEST_P", "TYPED_TEST", "TYPED_TEST_P"})


def owners_named(sources: Sources, path: str, scope: str) -> list[Entity]:
    """The types that a member's scope ("C", "ns::C") may name, as a file sees them.

    Through one typedef of C++'s: `typedef Base Fixture;`.
    """
    found, aliased = _types_named(sources, path, scope)
    for one, text in () if found else aliased:
        found += _types_named(sources, one.path, text)[0]
    return found


def _types_named(
    sources: Sources, path: str, scope: str
) -> tuple[list[Entity], list[tuple[Entity, str]]]:
    """The classes of a name, and the aliases with what they stand for."""
    rules = rules_of(sources, path)
    plain = scope.rpartition("::")[2].rpartition(".")[2]
    types: list[Entity] = []
    aliases: list[tuple[Entity, str]] = []
    for one in rules.starred_name(sources, path, plain) if rules else ():
        symbol = sources.symbol(one) if isinstance(one, Entity) else None
        if isinstance(one, Entity) and symbol is not None:
            if symbol.kind in CLASS_KINDS:
                types.append(one)
            elif symbol.kind == SymbolKind.TYPE_ALIAS and symbol.type_text:
                aliases.append((one, symbol.type_text))
    return types, aliases


def tagged(sources: Sources, path: str, one: Occurrence) -> tuple[Entity, ...]:
    """What C's `struct name` means in a file: no variable, and a struct rather than a
    typedef of that name.

    What is only declared ahead, by a file that includes no more of it, is the one type
    of that name in the namespaces around.
    """
    name = one.name
    rules = rules_of(sources, path)
    found: dict[Entity, SymbolKind] = {}
    for seen in rules.starred_name(sources, path, name) if rules else ():
        symbol = sources.symbol(seen) if isinstance(seen, Entity) else None
        if isinstance(seen, Entity) and symbol is not None:
            found[seen] = SymbolKind(symbol.kind)
    types = [entity for entity, kind in found.items() if kind in CLASS_KINDS]
    types += [e for e, kind in found.items() if kind == SymbolKind.TYPE_ALIAS]
    return tuple(types) or _declared_ahead(sources, path, one)


def _declared_ahead(sources: Sources, path: str, one: Occurrence) -> tuple[Entity, ...]:
    names = sources.names(path)
    around = names.around(one.line, one.column) if names is not None else []
    symbols = names.facts.symbols if names is not None else ()
    holders = tuple(symbols[index].name for index in reversed(around))
    found = [
        Entity(row.path, row.index)
        for row in rows_of(sources, one.name, "c")
        if row.kind in CLASS_KINDS and row.container == holders
    ]
    return tuple(found) if len(found) == 1 else ()


def class_of(sources: Sources, found: Meaning, name: str) -> Meaning:
    """In Java the class of a file that bears the name, rather than the file."""
    names = sources.names(found.path)
    if names is None or not isinstance(found, Entity) or found.symbol >= 0:
        return found
    inside = names.top.get(name)
    return Entity(found.path, inside[0]) if inside else found


def typed_import(sources: Sources, path: str, bindings: list[Binding]) -> Binding:
    """Of several imports of one name, one that leads into the workspace."""
    for binding in bindings:
        if binding.kind != "import" or imported_at(
            sources, path, binding.line, binding.column
        ):
            return binding
    return bindings[0]


def imported_at(
    sources: Sources, path: str, line: int, column: int
) -> tuple[Meaning, ...]:
    """What the name of an import statement at a place was taken from."""
    tree = sources.tree(path)
    rules = rules_of(sources, path)
    occurrence = tree.occurrence(line, column) if tree is not None else None
    if occurrence is None or rules is None:
        return ()
    written = module_text(sources, path, occurrence.module, line)
    if occurrence.place == "imported":
        return rules.import_name(sources, written, occurrence.original, path)
    names = sources.names(path)
    item = names.import_at(line, column) if names is not None else None
    if item is not None:
        found = rules.resolve_import(sources, item, path)
        if found:
            return found
    if occurrence.place != "module":
        return ()
    module = rules.find_module(sources, written, path)
    if module is not None:
        return (module,)
    before, separator, last = written.rpartition("::")
    if not separator:
        before, separator, last = written.rpartition(".")
    return rules.import_name(sources, before, last, path) if separator else ()


def _declared_at(
    sources: Sources, path: str, name: str, line: int
) -> tuple[Meaning, ...]:
    """By facts alone: what the classes around a line declare, then the file."""
    names = sources.names(path)
    if names is None:
        return ()
    symbols = names.facts.symbols
    for index in names.members_named(name):
        around = symbols[index].container
        if around < 0 or symbols[around].kind not in CLASS_KINDS:
            continue
        owner = symbols[around]
        inside = owner.start_line <= line <= owner.stop_line
        if inside and symbols[index].kind in CLASS_KINDS:
            return (Entity(path, index),)
    if sources.family == "javascript":  # `export *` binds nothing in the file itself
        from codanna_lsp.queries.binding.imports_javascript import own_name

        return own_name(sources, path, name)
    rules = rules_of(sources, path)
    return rules.find_exported(sources, Entity(path, -1), name) if rules else ()


def is_elsewhere(
    sources: Sources, path: str, meaning: Meaning, binding: Binding
) -> bool:
    """Whether a meaning is not the binding itself under another name."""
    if isinstance(meaning, Local):
        return meaning.binding != binding
    symbol = sources.symbol(meaning)
    if symbol is None or meaning.path != path or sources.family != "javascript":
        return True
    return (symbol.line, symbol.column) != (binding.line, binding.column)
