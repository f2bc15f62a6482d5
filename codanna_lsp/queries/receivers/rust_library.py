"""Rust: parts of tuples and variants, and what the library's own methods give.

Invariant: of an Option, a Result, a Box and their like only what is in them is known.
"""

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.queries.binding.meanings import meanings_at
from codanna_lsp.queries.binding.sources import CLASS_KINDS, Entity, Meaning, Sources
from codanna_lsp.queries.receivers.annotations import instances_of
from codanna_lsp.queries.receivers.type_text import parse_type
from codanna_lsp.queries.receivers.types import (
    Type,
    Types,
    container,
    elements_of,
    item_of,
    list_of,
    union,
)
from codanna_lsp.queries.receivers.values import (
    find_members,
    types_of,
    types_of_meaning,
)

# Methods that give what they are called on, or what is in it, whatever it is.
_SAME = frozenset(
    """
    as_deref as_deref_mut as_mut as_ref as_pin_mut as_slice as_mut_slice borrow
    borrow_mut by_ref clone cloned copied deref deref_mut expect filter get_mut get_or_insert_with
    get_ref inspect into insert into_inner lock map_err ok ok_or ok_or_else or or_else
    read replace take to_owned to_vec try_lock try_read try_write unwrap unwrap_or
    unwrap_or_default unwrap_or_else unwrap_unchecked write context with_context load
    unwrap_or_clone
    """.split()
)
_SAME_LISTS = _SAME - {"get_mut", "insert", "replace"} | frozenset(
    """
    chain collect cycle drain fuse into_iter iter iter_mut keys peekable rev skip
    skip_while split_at step_by take_while windows chunks
    """.split()
)
_MAKING = frozenset("default from from_iter from_str try_from".split())
_ITEMS = frozenset(
    """
    back back_mut entry find first first_mut front front_mut get get_mut last last_mut
    max max_by max_by_key min min_by min_by_key next next_back nth or_default or_insert
    or_insert_with peek peek_mut pop pop_back pop_front remove swap_remove
    """.split()
)


def library_results(owners: Types, name: str) -> Types:
    """What a method gives that none of these types declares in the workspace."""
    return union(*(_result(one, name) for one in owners))


def _result(one: Type, name: str) -> Types:
    if one.kind == "outside":
        return (one,)
    if one.kind == "class":
        made = one.path and name in _MAKING
        return (one._replace(kind="instance"),) if made else ()
    if one.path:
        return (one,) if name in _SAME else ()
    if one.name == "tuple" and name in _SAME_LISTS | _ITEMS | {"enumerate"}:
        return _result(list_of(union(*one.arguments)), name)  # `[T; 2]`
    if one.name == "tuple" or not one.arguments:
        return (one,) if name in _SAME else ()
    if one.name == "dict":
        return _of_map(one, name)
    if one.name != "list":
        return (one,) if name in _SAME else ()
    if name in _ITEMS:
        return elements_of(one)
    if name == "enumerate":
        return (list_of((container("tuple", ((), elements_of(one))),)),)
    return (one,) if name in _SAME_LISTS else ()


def _of_map(one: Type, name: str) -> Types:
    if name in ("iter", "iter_mut", "into_iter", "drain"):
        return (list_of((container("tuple", one.arguments[:2]),)),)
    if name in ("keys", "into_keys"):
        return (list_of(one.arguments[0]),)
    if name in ("values", "values_mut", "into_values"):
        return (list_of(one.arguments[-1]),)
    if name in _ITEMS:
        return one.arguments[-1]
    return (one,) if name in _SAME else ()


def handed(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """What `map` and its like hand to a closure: items, or what an Option holds."""
    owners = types_of(sources, expression.parts[0], path, depth)
    found: Types = ()
    for one in owners:
        if one.path:
            found = union(found, iterator_items(sources, one, depth) or (one,))
        elif one.name not in ("list", "dict"):
            found = union(found, (one,))
        elif one.name == "dict":
            found = union(found, (container("tuple", one.arguments[:2]),))
        else:
            found = union(found, elements_of(one))
    return found


def iterator_items(sources: Sources, one: Type, depth: int) -> Types:
    """What a type of the workspace gives when it is iterated: its `type Item = T`."""
    items = find_members(sources, one, "Item") if one.symbol >= 0 else ()
    return union(*(types_of_meaning(sources, item, depth) for item in items[:1]))


def part_of(sources: Sources, expression: Expression, path: str, depth: int) -> Types:
    """A field without a name: of a tuple, a tuple struct, or a variant."""
    inner = expression.parts[0]
    position = int(expression.text)
    for made in _constructors(sources, inner, path, depth):
        found = _positional(sources, made, position, depth)
        if found:
            return found
    found = ()
    for one in types_of(sources, inner, path, depth):
        if one.path:
            entity = Entity(one.path, one.symbol)
            found = union(found, _positional(sources, entity, position, depth))
        elif one.name == "tuple":
            found = union(found, item_of(one, expression.text))
    return found


def _constructors(
    sources: Sources, inner: Expression, path: str, depth: int
) -> tuple[Entity, ...]:
    """The variants and structs that an expression names."""
    found: tuple[Meaning, ...] = ()
    if inner.kind == "name":
        found = meanings_at(sources, path, inner.text, inner.line, inner.column)
    elif inner.kind == "member":
        for owner in types_of(sources, inner.parts[0], path, depth):
            found += find_members(sources, owner, inner.text) if owner.path else ()
    return tuple(
        one
        for one in found
        if isinstance(one, Entity)
        and (symbol := sources.symbol(one)) is not None
        and (symbol.kind == SymbolKind.ENUM_MEMBER or symbol.kind in CLASS_KINDS)
    )


def _positional(sources: Sources, one: Entity, position: int, depth: int) -> Types:
    symbol = sources.symbol(one) if one.symbol >= 0 else None
    if symbol is None:
        return ()
    fields = _fields_of(symbol.signature, symbol.name)
    if position >= len(fields):
        return ()
    written = parse_type(fields[position], symbol.line, symbol.column)
    return instances_of(sources, written, one.path, depth)


def _fields_of(signature: str, name: str) -> list[str]:
    """The types in the parentheses of `pub struct A<T>(pub B, C)` or `A(B, C)`."""
    rest = signature.partition(name)[2]
    level = 0
    fields: list[str] = []
    start = -1
    for index, sign in enumerate(rest):
        if sign == "{" and level == 0:
            break
        if sign in "(<[{":
            level += 1
            if sign == "(" and level == 1 and start < 0:
                start = index + 1
        elif sign in ")]}" or (sign == ">" and rest[index - 1] not in "-="):
            level -= 1
            if sign == ")" and level == 0 and start >= 0:
                fields.append(rest[start:index])
                break
        elif sign == "," and level == 1 and start >= 0:
            fields.append(rest[start:index])
            start = index + 1
    return [_without_visibility(field) for field in fields]


def _without_visibility(field: str) -> str:
    words = field.strip()
    while words.startswith("#["):
        words = words.partition("]")[2].strip()
    if words.startswith("pub("):
        return words.partition(")")[2].strip()
    return words.removeprefix("pub ").strip()
