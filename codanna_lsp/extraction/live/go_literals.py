"""Go's composite literals: what they make, and whose fields their keys name."""

from collections.abc import Sequence

from tree_sitter import Node

from codanna_lsp.extraction.live.python_syntax import text_of
from codanna_lsp.extraction.live.words import Expression

_MAX_TYPE = 200  # characters of a type
_MAX_DEPTH = 16  # of types in types
_ELEMENTS = {
    "slice_type": "element",
    "array_type": "element",
    "implicit_length_array_type": "element",
    "map_type": "value",
}


def made_of(written: Node, depth: int = 0) -> Expression:
    """A value of a type, the fields of an anonymous struct included."""
    place = written.start_point
    while written.type in ("pointer_type", "parenthesized_type"):
        written = written.named_children[0]
    if depth < _MAX_DEPTH:
        inner = written.child_by_field_name(_ELEMENTS.get(written.type, "-"))
        if inner is not None and written.type == "map_type":
            key = written.child_by_field_name("key") or inner
            parts = (made_of(key, depth + 1), made_of(inner, depth + 1))
            return Expression("literal", "dict", *place, parts)
        if inner is not None:
            return Expression("literal", "list", *place, (made_of(inner, depth + 1),))
        if written.type == "struct_type":
            return Expression("object", "", *place, _fields(written, depth))
    return Expression("type", text_of(written)[:_MAX_TYPE], *place)


def _fields(struct: Node, depth: int) -> tuple[Expression, ...]:
    return tuple(
        Expression("member", text_of(name), *name.start_point, (value,))
        for group in struct.named_children
        for field in group.named_children
        if (written := field.child_by_field_name("type")) is not None
        for value in (made_of(written, depth + 1),)
        for name in field.children_by_field_name("name")
    )


def key_owner(path: Sequence[Node]) -> Expression | None:
    """Whose field the key at the end of a path names; None where it is no field's name.

    Inner literals leave their type out: in `[]T{{a: 1}}` the key is T's.
    """
    if len(path) < 4 or path[-3].child_by_field_name("key") != path[-2]:
        return None
    levels = 0
    written: Node | None = None
    for node in reversed(path[:-3]):
        if node.type == "literal_value":
            levels += 1
        if node.type == "composite_literal":
            written = node.child_by_field_name("type")
            break
    for _ in range(levels - 1):
        while written is not None and written.type == "pointer_type":
            written = written.named_children[0]
        field = _ELEMENTS.get(written.type) if written is not None else None
        if written is None or field is None:
            return None
        written = written.child_by_field_name(field)
    if written is None or written.type in _ELEMENTS:
        return None
    return made_of(written)
