"""C, C++, Go, Rust and Java in the live tree: expressions, and what a name is.

What differs between them is a table (see `static_families.py`); the walk is one.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tree_sitter import Node

from codanna_lsp.extraction.live.go_literals import key_owner, made_of
from codanna_lsp.extraction.live.python_syntax import (
    MAX_EXPRESSION_DEPTH,
    text_of,
    unknown,
)
from codanna_lsp.extraction.live.rust.values import (
    BRANCHES,
    branches_in,
    of_tokens,
    wrapped_in,
)
from codanna_lsp.extraction.live.static_own import is_built_in, made_by
from codanna_lsp.extraction.live.words import (
    OWN_MODULE,
    Expression,
    Occurrence,
    OccurrencePlace,
)

_MAX_TYPE = 200  # characters of a type


class Shapes(NamedTuple):
    """How a language writes expressions, by node types.

    members: of `a.b`, `a->b`, `a::b`: the fields of what stands before and the name.
    calls: the fields of what is called, or ("object", "name") of a method's call.
    inner: what has the type of its part, by that part's field ("" is the first).
    typed: what says its type, by that type's field.
    items, awaits: subscripts by the container's field; awaited parts.
    names: the types of plain names. imports: the statements that import.
    declares: the declarations whose field "name" is a definition.
    keys: what names a field of a made value: the field of the name, and how many
        nodes up what is made stands, and its field.
    literals: the kinds of literals, by node types, where functions have overloads.
    """

    names: frozenset[str]
    members: Mapping[str, tuple[str, str]]
    calls: Mapping[str, tuple[str, ...]]
    inner: Mapping[str, str]
    typed: Mapping[str, str]
    items: Mapping[str, str]
    imports: frozenset[str]
    declares: frozenset[str]
    keys: Mapping[str, tuple[str, str]]
    literals: Mapping[str, str]


def expression_in(shapes: Shapes, node: Node | None, depth: int = 0) -> Expression:
    """An expression as receivers need it; "unknown" below MAX_EXPRESSION_DEPTH."""
    if node is None:
        return Expression("unknown", "", 0, 0)
    if depth > MAX_EXPRESSION_DEPTH:
        return unknown(node)
    kind = node.type
    if kind in shapes.names:
        return Expression("name", text_of(node), *node.start_point)
    if kind in shapes.members:
        return _member(shapes, node, depth + 1)
    if kind in shapes.calls:
        return _call(shapes, node, depth + 1)
    if kind in shapes.typed:
        written = node.child_by_field_name(shapes.typed[kind])
        if kind == "composite_literal" and b"struct" in ((written or node).text or b""):
            return made_of(written or node)
        text = text_of(written)[:_MAX_TYPE]
        return Expression("type", text, *(written or node).start_point)
    if kind in shapes.items:
        inner = expression_in(shapes, _part(node, shapes.items[kind]), depth + 1)
        return Expression("item", "0", inner.line, inner.column, (inner,))
    if kind in shapes.inner:
        return expression_in(shapes, _part(node, shapes.inner[kind]), depth + 1)
    if kind in BRANCHES:
        given = branches_in(node, lambda end: expression_in(shapes, end, depth + 1))
        return given or unknown(node)
    return unknown(node)


def _part(node: Node, field: str) -> Node | None:
    if field:
        return node.child_by_field_name(field)
    children = [child for child in node.named_children if "comment" not in child.type]
    return children[0] if children else None


def _member(shapes: Shapes, node: Node, depth: int) -> Expression:
    before, name = member_of(shapes, node)
    if name is None:
        return unknown(node)
    if name.type in shapes.members:
        # C++ nests `a::b::c` to the right.
        inner_before, inner_name = member_of(shapes, name)
        owner = _joined(shapes, before, inner_before, depth)
        place = (inner_name or name).start_point
        return Expression("member", text_of(inner_name), *place, (owner,))
    if before is None:
        return Expression("name", text_of(name), *name.start_point)
    owner = _before(shapes, before, depth)
    if name.type == "integer_literal":
        return Expression("part", text_of(name), owner.line, owner.column, (owner,))
    return Expression("member", text_of(name), *name.start_point, (owner,))


def _before(shapes: Shapes, node: Node, depth: int = 0) -> Expression:
    """What stands before a member: `self::` of Rust is a module, `self.` no module."""
    parent = node.parent if node.type == "self" else None
    if parent is not None and parent.type.startswith("scoped_"):
        return Expression("name", OWN_MODULE, *node.start_point)
    return expression_in(shapes, node, depth)


def _joined(
    shapes: Shapes, outer: Node | None, inner: Node | None, depth: int
) -> Expression:
    before = expression_in(shapes, outer, depth)
    while inner is not None and inner.type in shapes.inner:  # C++'s `Box<int>::`
        inner = _part(inner, shapes.inner[inner.type])
    if inner is None:
        return before
    return Expression("member", text_of(inner), *inner.start_point, (before,))


def member_of(shapes: Shapes, node: Node) -> tuple[Node | None, Node | None]:
    """What stands before, and the name; by fields, or the first and last child."""
    first, last = shapes.members[node.type]
    name = node.child_by_field_name(last)
    before = node.child_by_field_name(first)
    if name is None and len(node.named_children) > 1:
        before, name = node.named_children[0], node.named_children[-1]
    return before, name


def _call(shapes: Shapes, node: Node, depth: int) -> Expression:
    fields = shapes.calls[node.type]
    callee = node.child_by_field_name(fields[-1])
    if (made := made_by(callee)) is not None:
        return made
    if (inner := wrapped_in(node)) is not None:
        return expression_in(shapes, inner, depth)
    given = node.child_by_field_name("arguments")
    if (
        "composite_literal" in shapes.typed
        and text_of(callee) in ("new", "make")
        and given is not None
        and given.named_children
    ):
        return made_of(given.named_children[0])  # Go's, which take a type
    if len(fields) == 2 and callee is not None:
        before = node.child_by_field_name(fields[0])
        made = Expression("name", text_of(callee), *callee.start_point)
        if before is not None:
            owner = expression_in(shapes, before, depth)
            made = Expression("member", made.text, *callee.start_point, (owner,))
    else:
        made = expression_in(shapes, callee, depth)
    return Expression("call", "", made.line, made.column, (made,))


def occurrence_in(shapes: Shapes, path: Sequence[Node]) -> Occurrence | None:
    """What the name at the end of a path is, or None."""
    node, parent = path[-1], path[-2]
    kind = parent.type
    if any(one.type in shapes.imports for one in path):
        return _imported(path)
    if node.type == "label_name":
        return _occurrence(node, "label")
    if kind == "package_clause" or is_built_in(path):
        return None  # Go's packages have many files
    if node.type not in shapes.names and "identifier" not in node.type:
        return None
    if kind == "destructor_name":
        path = path[:-1]
        node, parent = path[-1], path[-2]
        kind = parent.type
    if kind == "literal_element":
        owner = key_owner(path)
        if owner is not None:
            return _occurrence(node, "keyword", receiver=owner)
    elif kind == "field_designator":
        return _occurrence(node, "keyword", receiver=_designated(shapes, path))
    elif kind == "token_tree":
        return _in_macro(parent, node)
    elif kind == "macro_invocation":
        return _occurrence(node, "macro")
    elif kind in shapes.keys:
        field, made = shapes.keys[kind]
        if parent.child_by_field_name(field) == node or not field:
            return _key(shapes, path, made)
    if kind in shapes.calls and len(shapes.calls[kind]) == 2:
        before = parent.child_by_field_name(shapes.calls[kind][0])
        if parent.child_by_field_name(shapes.calls[kind][1]) == node:
            return _invoked(shapes, parent, node, before)
    if kind in shapes.members:
        before, name = member_of(shapes, parent)
        if name == node and before is not None:
            return _member_occurrence(shapes, path, before)
    if kind in _TAGGED and parent.child_by_field_name("body") is None:
        return _occurrence(node, "tag")
    if kind in shapes.declares and parent.child_by_field_name("name") == node:
        return _occurrence(node, "definition")
    if _is_parameter(path):
        return _occurrence(node, "definition")
    if kind in _LABELLED or node.type in ("label", "statement_identifier"):
        return _occurrence(node, "label")
    given = _given(shapes, path)
    plain = _occurrence(node, "name", called=given is not None)
    return plain._replace(given=given, in_type=plain.in_type or kind in shapes.members)


_LABELLED = frozenset(
    {"label", "labeled_statement", "break_statement", "continue_statement"}
)


def _invoked(shapes: Shapes, call: Node, name: Node, before: Node | None) -> Occurrence:
    """The name of a method that Java's `before.name(...)` or `name(...)` calls."""
    owner = expression_in(shapes, before) if before is not None else None
    place: OccurrencePlace = "name" if owner is None else "member"
    made = _occurrence(name, place, receiver=owner, called=True)
    return made._replace(given=given_to(shapes, call))


_TAGGED = frozenset(f"{word}_specifier" for word in "class struct union enum".split())


def _designated(shapes: Shapes, path: Sequence[Node]) -> Expression | None:
    """Whose field a designator of C names: what is declared, or a field of that."""
    fields: list[Node] = []
    for index in range(len(path) - 4, -1, -1):
        node = path[index]
        if node.type == "initializer_pair":
            outer = node.child_by_field_name("designator")
            if outer is not None and outer.type == "field_designator":
                fields.append(outer.named_children[-1])
        written = node.child_by_field_name("type")
        if written is not None and (
            node.type in shapes.typed or node.type == "declaration"
        ):
            text = text_of(written)[:_MAX_TYPE]
            made = Expression("type", text, *written.start_point)
            for field in reversed(fields):
                place = field.start_point
                made = Expression("member", text_of(field), *place, (made,))
            return made
    return None


def _is_parameter(path: Sequence[Node]) -> bool:
    """Whether the name at the end of a path is a parameter of C's or C++'s."""
    for index in range(len(path) - 2, -1, -1):
        node, child = path[index], path[index + 1]
        if node.type in ("parameter_declaration", "optional_parameter_declaration"):
            declarator = node.child_by_field_name("declarator")
            return declarator is not None and declarator == child
        if node.type not in _DECLARATORS or node.child_by_field_name("size") == child:
            return False
    return False


_DECLARATORS = frozenset(f"{w}_declarator" for w in "pointer reference array".split())


def _in_macro(tokens: Node, node: Node) -> Occurrence:
    """A name among the tokens that are handed to a macro of Rust."""
    at = tokens.children.index(node)
    before = text_of(tokens.children[at - 1]) if at else ""
    after = [text_of(one)[:1] for one in tokens.children[at + 1 : at + 3]]
    if before in (".", "::"):
        called = after[:1] == ["("]
        owner = of_tokens(tokens.children[:at])
        return _occurrence(node, "member", receiver=owner, called=called)
    is_macro = after in (["!", "("], ["!", "["], ["!", "{"])
    return _occurrence(node, "macro" if is_macro else "name")


def _member_occurrence(
    shapes: Shapes, path: Sequence[Node], before: Node
) -> Occurrence:
    owner = _before(shapes, before)
    above = path[-3] if len(path) > 2 else path[-2]
    if above.type in shapes.members and above.type == path[-2].type:
        outer, name = member_of(shapes, above)
        if name == path[-2] and outer is not None:
            owner = _joined(shapes, outer, before, 0)
    callee = above.child_by_field_name(shapes.calls.get(above.type, ("-",))[-1])
    called = callee == path[-2] or path[-2].type == "method_reference"
    made = _occurrence(path[-1], "member", receiver=owner, called=called)
    return made._replace(given=_given(shapes, path))


def _given(shapes: Shapes, path: Sequence[Node]) -> tuple[Expression, ...] | None:
    """What a call hands over whose callee ends in the name at the end of a path."""
    for index in range(len(path) - 2, -1, -1):
        node, child = path[index], path[index + 1]
        if node.type in shapes.calls:
            callee = node.child_by_field_name(shapes.calls[node.type][-1])
            return given_to(shapes, node) if callee == child else None
        if node.type not in shapes.members and node.type not in _TEMPLATES:
            return None
        if node.named_children[-1] != child and node.type in shapes.members:
            return None
    return None


_TEMPLATES = frozenset({"template_function", "template_method"})


def given_to(shapes: Shapes, call: Node) -> tuple[Expression, ...] | None:
    """The arguments of a call: literals by their kinds, the rest as expressions."""
    arguments = call.child_by_field_name("arguments")
    if arguments is None or not shapes.literals:
        return None
    nodes = [one for one in arguments.named_children if "comment" not in one.type]
    return tuple(_argument(shapes, one) for one in nodes[:_MAX_ARGUMENTS])


_MAX_ARGUMENTS = 64


def _argument(shapes: Shapes, node: Node) -> Expression:
    if node.type == "unary_expression" and node.named_child_count == 1:
        inner = node.named_children[0]  # `-1L`
        node = inner if inner.type in shapes.literals else node
    kind = shapes.literals.get(node.type)
    text = text_of(node)
    if node.type == "array_creation_expression":  # Java's `new int[3]`
        made = text.partition("{")[0].removeprefix("new")
        return Expression("type", made[:_MAX_TYPE], *node.start_point)
    if kind is None:
        return expression_in(shapes, node)
    if kind == "int" and text[-1:] in "lL":
        kind = "long"
    elif kind == "int" and "." in text:
        kind = "float"
    return Expression("literal", kind, *node.start_point)


def _key(shapes: Shapes, path: Sequence[Node], made: str) -> Occurrence:
    for node in reversed(path[:-1]):
        written = node.child_by_field_name(made)
        if written is not None and (node.type in shapes.typed or node.type in _FILLED):
            text = text_of(written)[:_MAX_TYPE]
            receiver = Expression("type", text, *written.start_point)
            return _occurrence(path[-1], "keyword", receiver=receiver)
    return _occurrence(path[-1], "keyword")


_FILLED = frozenset({"struct_pattern", "annotation"})  # they name fields, too


def _imported(path: Sequence[Node]) -> Occurrence:
    """A part of an import: the path up to and with this name.

    Rust's lists are unfolded: in `use a::{b::c}` the path at `c` is `a::b::c`.
    """
    node = path[-1]
    parts = [text_of(node)]
    for index in range(len(path) - 2, -1, -1):
        before = path[index].child_by_field_name("path")
        before = before or path[index].child_by_field_name("scope")
        if before is not None and before != path[index + 1]:
            parts.append(text_of(before))
    separator = "." if path[0].type == "program" else "::"
    return _occurrence(node, "module", module=separator.join(reversed(parts)))


def _occurrence(
    node: Node,
    place: OccurrencePlace,
    *,
    receiver: Expression | None = None,
    module: str = "",
    called: bool = False,
) -> Occurrence:
    (line, column), (_, end_column) = node.start_point, node.end_point
    return Occurrence(
        text_of(node),
        place,
        line,
        column,
        end_column,
        receiver,
        module,
        in_type="type" in node.type,
        is_called=called,
    )
