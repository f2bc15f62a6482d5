"""Members of classes: the method resolution order across files, and what it finds.

Invariant: classes that inherit from themselves, and orders that C3 refuses, end in a
plain depth-first order.
"""

import re
from posixpath import dirname

from codanna_lsp.extraction.live.words import Binding, Occurrence
from codanna_lsp.index.view import SymbolRow
from codanna_lsp.model.relation import RelationKind
from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.queries.binding.imports import rules_of
from codanna_lsp.queries.binding.meanings import meanings_at
from codanna_lsp.queries.binding.names import FUNCTION_KINDS
from codanna_lsp.queries.binding.rows import rows_of
from codanna_lsp.queries.binding.sources import (
    CLASS_KINDS,
    Entity,
    Local,
    Meaning,
    Sources,
)

MAX_CLASSES = 64  # of one order


def class_order(sources: Sources, start: Entity) -> tuple[tuple[Entity, ...], bool]:
    """A class and its bases in C3 order; and whether all bases are known."""
    bases: dict[Entity, list[Entity]] = {}
    whole = True
    pending = [start]
    while pending and len(bases) < MAX_CLASSES:
        one = pending.pop()
        if one in bases:
            continue
        found, known = bases_of(sources, one)
        bases[one] = [base for base in found if base != one]
        whole = whole and known
        pending.extend(bases[one])
    merged = _linearised(start, bases)
    return merged, whole


def bases_of(sources: Sources, start: Entity) -> tuple[list[Entity], bool]:
    """The bases that a class names, in order; and whether each was found."""
    names = sources.names(start.path)
    if names is None:
        return [], False
    found: list[Entity] = []
    whole = True
    for relation in names.facts.relations:
        if relation.source != start.symbol:
            continue
        if relation.kind not in (RelationKind.EXTENDS, RelationKind.IMPLEMENTS):
            continue
        if relation.target == "object":
            continue
        base = _class_named(
            sources,
            start.path,
            [*relation.receiver.replace("::", ".").split("."), relation.target],
            relation.line,
            relation.column,
        )
        if base is None and sources.family == "javascript":
            from codanna_lsp.queries.receivers.javascript.bases import written_bases

            written = written_bases(sources, start, relation)
            whole = whole and bool(written)
            found += written
        elif base is None:
            whole = False
        else:
            found.append(base)
    return found, whole


def find_in_class(sources: Sources, one: Entity, name: str) -> tuple[Entity, ...]:
    """What a class itself declares under a name, without its bases."""
    names = sources.names(one.path)
    if names is None:
        return ()
    symbols = names.facts.symbols
    symbol = symbols[one.symbol]
    inside = names.members(one.symbol).get(name, ())
    # A namespace holds the text of `Shape::Shape() {}`, and Shape the constructor.
    own = tuple(i for i in inside if symbols[i].scope in ("", symbol.name))
    if not own or sources.family == "rust":
        # A field of Rust's does not hide a method.
        scoped = names.scoped(symbol.name).get(name, ())
        beside = [i for i in scoped if symbols[i].container == symbol.container]
        own = (*own, *(beside or scoped))
        if not own and sources.family in ("go", "rust", "c"):
            return _in_other_files(sources, one, symbol.name, name)
    return tuple(Entity(one.path, index) for index in own)


def fitting(
    sources: Sources, found: tuple[Meaning, ...], *, called: bool
) -> tuple[Meaning, ...]:
    """Of members of one name, the methods for a call and the fields for none.

    Only in Java and Rust, where a type has one of each; all, where none fits.
    """
    if len(found) < 2 or sources.family not in ("java", "rust"):
        return found
    fit = tuple(
        one
        for one in found
        if isinstance(one, Entity)
        and (symbol := sources.symbol(one)) is not None
        and (symbol.kind in FUNCTION_KINDS) == called
    )
    return fit or found


def fitting_plainly(
    sources: Sources, found: tuple[Meaning, ...], occurrence: Occurrence
) -> tuple[Meaning, ...]:
    """As `fitting`, for a name that stands alone; in Rust only a path's head is no value.

    `handler` may be a module and a function; in `handler::make()` it is the module.
    """
    called = occurrence.is_called
    if sources.family == "c":
        return _typedef_first(sources, found, occurrence.name)
    if sources.family == "rust":
        called = not occurrence.in_type
    return fitting(sources, found, called=called)


def _typedef_first(
    sources: Sources, found: tuple[Meaning, ...], name: str
) -> tuple[Meaning, ...]:
    """In C a struct's own name stands behind `struct` alone: `typedef struct a {} a;`."""
    if len(found) < 2:
        return found
    first = sources.symbol(found[0]) if isinstance(found[0], Entity) else None
    if first is None or first.kind not in CLASS_KINDS:
        return found
    for one in found[1:]:
        symbol = sources.symbol(one) if isinstance(one, Entity) else None
        if symbol is None or symbol.kind != SymbolKind.TYPE_ALIAS:
            continue
        if _TYPEDEF.match(symbol.signature) and f" {name}" in symbol.signature:
            return (one, *(other for other in found if other != one))
    return found


_TYPEDEF = re.compile(r"typedef\s+(?:const\s+)?(?:struct|union|enum)\b")


def _in_other_files(
    sources: Sources, one: Entity, owner: str, name: str
) -> tuple[Entity, ...]:
    """Members that other files declare for a type: methods, `impl`s, C++ bodies."""
    folder = dirname(one.path)
    rows = [
        row
        for row in rows_of(sources, name, sources.family)
        if (row.container[-1:] == (owner,) or _is_enumerator(sources, row, owner))
        and (sources.family != "go" or dirname(row.path) == folder)
    ]
    return tuple(Entity(row.path, row.index) for row in rows)


def _is_enumerator(sources: Sources, row: SymbolRow, owner: str) -> bool:
    """Whether an owner's enum declares it: C++ sees it in the owner itself, too."""
    is_member = sources.family == "c" and row.kind == SymbolKind.ENUM_MEMBER
    return is_member and row.container[-2:-1] == (owner,)


def find_inherited(
    sources: Sources, one: Entity, name: str, *, above: bool = False
) -> tuple[tuple[Entity, ...], bool]:
    """A member in method resolution order; and whether the order is wholly known.

    What declares it (a method, a class, an annotated field) comes before what only
    assigns it, even further up: that is what its type is taken from.
    above: without the class itself, as `super()` asks.
    """
    order, whole = class_order(sources, one)
    assigned: tuple[Entity, ...] = ()
    for owner in order[1:] if above else order:
        found = find_in_class(sources, owner, name)
        declared = tuple(e for e in found if _is_declared(sources, e))
        if declared:
            return declared, whole
        assigned = assigned or found
    return assigned, whole


def find_overloads(
    sources: Sources, one: Entity, name: str, *, above: bool = False
) -> tuple[Entity, ...]:
    """In Java, the methods of a name in a class and in all that it inherits from.

    Nearest first; an overload further up is hidden by none of another signature.
    """
    if sources.family != "java":
        return ()
    order, _ = class_order(sources, one)
    found = dict.fromkeys(
        entity
        for owner in (order[1:] if above else order)
        for entity in find_in_class(sources, owner, name)
        if (symbol := sources.symbol(entity)) is not None
        and symbol.kind in FUNCTION_KINDS
    )
    return tuple(found)


def find_embedded(sources: Sources, start: Entity, name: str) -> tuple[Local, ...]:
    """Go's field without a name of its own: what embeds `*pkg.Base` has a field Base."""
    order = class_order(sources, start)[0] if sources.family == "go" else ()
    for one in order:
        names = sources.names(one.path)
        for relation in names.facts.relations if names is not None else ():
            if relation.source != one.symbol or relation.target != name:
                continue
            if relation.kind == RelationKind.EXTENDS:
                stop = relation.column + len(name.encode())
                place = (relation.line, relation.column, stop)
                full = (*place[:2], relation.line, stop)
                written = f"{relation.receiver}.{name}".removeprefix(".")
                field = Binding(name, "variable", "class", *place, *full, written)
                return (Local(one.path, field),)
    return ()


def _is_declared(sources: Sources, entity: Entity) -> bool:
    symbol = sources.symbol(entity)
    if sources.family not in ("python", "javascript"):
        return True
    if symbol is None or symbol.kind not in (SymbolKind.FIELD, SymbolKind.VARIABLE):
        return True
    head, colon, _ = symbol.signature.partition(":")
    return bool(colon) and "=" not in head


def _class_named(
    sources: Sources, path: str, parts: list[str], line: int, column: int
) -> Entity | None:
    steps = [part for part in parts if part]
    found: tuple[Meaning, ...] = meanings_at(sources, path, steps[0], line, column)
    for step in steps[1:]:
        owner = next((one for one in found if isinstance(one, Entity)), None)
        if owner is None:
            return None
        if owner.symbol >= 0:
            found = tuple(find_in_class(sources, owner, step))
        else:
            rules = rules_of(sources, owner.path)
            found = rules.find_exported(sources, owner, step) if rules else ()
    for one in found:
        if isinstance(one, Entity):
            symbol = sources.symbol(one)
            if symbol is not None and symbol.kind in CLASS_KINDS:
                return one
    return None


def _linearised(start: Entity, bases: dict[Entity, list[Entity]]) -> tuple[Entity, ...]:
    """C3 (Barrett et al. 1996), bottom up; depth first where C3 has no answer."""
    depth_first: dict[Entity, None] = {}
    pending = [start]
    while pending:
        one = pending.pop()
        if one not in depth_first:
            depth_first[one] = None
            pending.extend(reversed(bases.get(one, [])))
    orders: dict[Entity, list[Entity]] = {}
    whole = _order(start, bases, orders, limit=len(depth_first))
    return tuple(orders[start]) if whole else tuple(depth_first)


def _order(
    one: Entity,
    bases: dict[Entity, list[Entity]],
    orders: dict[Entity, list[Entity]],
    *,
    limit: int,
) -> bool:
    """Order a class after its bases, without recursion; false on a cycle."""
    pending = [one]
    for _ in range(limit * limit + limit):
        if not pending:
            return True
        current = pending[-1]
        missing = [b for b in bases.get(current, []) if b not in orders]
        if any(b in pending for b in missing):
            return False
        if missing:
            pending.append(missing[0])
            continue
        direct = bases.get(current, [])
        merged = _merge([*(list(orders[b]) for b in direct), list(direct)])
        if merged is None:
            return False
        orders[current] = [current, *merged]
        pending.pop()
    return False


def _merge(lists: list[list[Entity]]) -> list[Entity] | None:
    merged: list[Entity] = []
    rest = [one for one in lists if one]
    while rest:
        for candidate in rest:
            head = candidate[0]
            if not any(head in other[1:] for other in rest):
                break
        else:
            return None
        merged.append(head)
        rest = [[e for e in one if e != head] for one in rest]
        rest = [one for one in rest if one]
    return merged
