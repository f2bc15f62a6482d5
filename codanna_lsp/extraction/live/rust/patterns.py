"""Rust in the live tree: what a pattern takes out of what it is matched with.

Invariant: a step through `Some`, `Ok`, `&`, `ref` and `mut` changes no type, for the
types of receivers do not tell an Option from what is in it.
"""

from itertools import pairwise

from tree_sitter import Node

from codanna_lsp.extraction.live.python_syntax import text_of
from codanna_lsp.extraction.live.scopes import Evidence, Path
from codanna_lsp.extraction.live.static_syntax import Shapes, expression_in
from codanna_lsp.extraction.live.words import Expression

_MAX_TYPE = 200  # characters of a type
_TRANSPARENT = frozenset({"Some", "Ok"})
# Methods that hand what they are called on, or one of its items, to a closure; and
# which of the closure's parameters that is.
_FIRST = frozenset(
    """
    all and_then any filter filter_map find find_map flat_map for_each inspect
    is_none_or is_ok_and is_some_and map map_or map_or_else max_by_key min_by_key
    partition position retain rposition skip_while sort_by sort_by_key sort_unstable_by
    sort_unstable_by_key take_while then_some try_for_each
    """.split()
)
_BOTH = frozenset("max_by min_by sort_by sort_unstable_by dedup_by".split())
_SECOND = frozenset("fold try_fold".split())


def rust_evidence(shapes: Shapes, path: Path) -> Evidence:
    """What the name at the end of a path is bound to, through the patterns around it."""
    for index in range(len(path) - 2, -1, -1):
        node, child = path[index], path[index + 1]
        if node.type not in _CARRIERS:
            continue
        steps = path[index + 1 :]
        if node.type == "closure_parameters":
            handed = _handed(shapes, path[: index + 1], child)
            value = _taken(handed, shapes, steps)
            return Evidence(node, value=value)
        if node.type == "type_parameter":
            return Evidence(node, _bounds_of(path[: index + 1], text_of(path[-1])))
        written = node.child_by_field_name(_CARRIERS[node.type])
        if written is not None and written != child:
            if steps[0] == path[-1]:
                return Evidence(node, text_of(written))
            made = Expression(
                "type", text_of(written)[:_MAX_TYPE], *written.start_point
            )
            return Evidence(node, value=_taken(made, shapes, steps))
        matched = _matched(shapes, path, index)
        return Evidence(node, value=_taken(matched, shapes, steps))
    return Evidence(path[-2])


# What carries a pattern, and the field of the type that may be written beside it.
_CARRIERS = {
    "parameter": "type",
    "let_declaration": "type",
    "let_condition": "-",
    "for_expression": "-",
    "match_arm": "-",
    "closure_parameters": "-",
    "const_item": "type",
    "static_item": "type",
    "type_parameter": "bounds",
}


def _matched(shapes: Shapes, path: Path, index: int) -> Expression | None:
    """What the pattern at an index of a path is matched with."""
    node = path[index]
    if node.type == "match_arm":
        node = path[index - 2]
    value = node.child_by_field_name("value")
    if value is None:
        return None
    made = expression_in(shapes, value)
    if node.type == "for_expression":
        return Expression("element", "", made.line, made.column, (made,))
    return made


def _bounds_of(path: Path, name: str) -> str:
    """What `T: A`, or `where T: A`, says of the type parameter at the end of a path."""
    bounds = path[-1].child_by_field_name("bounds")
    item = path[-3] if len(path) > 2 else path[-1]
    for child in item.named_children if bounds is None else ():
        for one in child.named_children if child.type == "where_clause" else ():
            left = one.child_by_field_name("left")
            if left is not None and text_of(left) == name:
                bounds = one.child_by_field_name("bounds")
    return text_of(bounds)[:_MAX_TYPE]


def _taken(made: Expression | None, shapes: Shapes, steps: Path) -> Expression | None:
    """What a pattern takes out of a value; steps: its nodes down to the name."""
    for node, child in pairwise(steps):
        if made is None:
            return None
        kind = node.type
        if kind == "slice_pattern":
            made = Expression("element", "", made.line, made.column, (made,))
        elif kind == "tuple_pattern":
            made = _part(made, _position(node, child))
        elif kind == "tuple_struct_pattern":
            made = _of_variant(made, shapes, node, child)
        elif kind == "struct_pattern":
            written = node.child_by_field_name("type")
            owner = expression_in(shapes, written)
            made = owner if owner.kind != "unknown" else made
        elif kind == "field_pattern":
            field = node.child_by_field_name("name") or child
            place = field.start_point
            made = Expression("member", text_of(field), *place, (made,))
    return made


def _of_variant(
    made: Expression, shapes: Shapes, node: Node, child: Node
) -> Expression | None:
    written = node.child_by_field_name("type")
    name = text_of(written).rpartition("::")[2]
    if name in _TRANSPARENT:
        return made
    if name == "Err":
        return None
    return _part(expression_in(shapes, written), _position(node, child))


def _position(node: Node, child: Node) -> int:
    """How many parts stand before one in a pattern; -1 behind `..`."""
    before = node.children[: node.children.index(child)]
    if any(one.type == "remaining_field_pattern" for one in before):
        return -1
    return sum(one.type == "," for one in before)


def _part(made: Expression, position: int) -> Expression | None:
    if position < 0:
        return None
    return Expression("part", str(position), made.line, made.column, (made,))


def _handed(shapes: Shapes, path: Path, child: Node) -> Expression | None:
    """What a method hands to the closure at the end of a path, or its written type."""
    if child.type == "parameter" or len(path) < 4:
        return None
    position = path[-1].named_children.index(child)
    arguments, call = path[-3], path[-4]
    if arguments.type != "arguments" or call.type != "call_expression":
        return None
    callee = call.child_by_field_name("function")
    if callee is None or callee.type != "field_expression":
        return None
    name = text_of(callee.child_by_field_name("field"))
    fits = (position == 0 and name in _FIRST) or (position < 2 and name in _BOTH)
    if not fits and not (position == 1 and name in _SECOND):
        return None
    made = expression_in(shapes, callee.child_by_field_name("value"))
    return Expression("handed", name, made.line, made.column, (made,))


def implemented(shapes: Shapes, node: Node) -> Expression | None:
    """The trait of the `impl` around a node."""
    above: Node | None = node
    while above is not None and above.type != "impl_item":
        above = above.parent
    trait = above.child_by_field_name("trait") if above is not None else None
    return expression_in(shapes, trait) if trait is not None else None
