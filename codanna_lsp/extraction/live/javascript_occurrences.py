"""JavaScript and TypeScript in the live tree: what a name at a place is.

And what the conditions around it have made sure of.
"""

from collections.abc import Sequence

from tree_sitter import Node

from codanna_lsp.extraction.live.javascript_patterns import pattern_source, wanted_type
from codanna_lsp.extraction.live.javascript_syntax import (
    CLASSES,
    FUNCTIONS,
    MEMBERS,
    expression_of,
    member_parts,
)
from codanna_lsp.extraction.live.python_syntax import text_of
from codanna_lsp.extraction.live.words import (
    Expression,
    Occurrence,
    OccurrencePlace,
)


def occurrence_of(path: Sequence[Node]) -> Occurrence | None:
    """What the name or import string at the end of a path is, or None."""
    node, parent = path[-1], path[-2]
    kind = parent.type
    if node.type == "string_fragment":
        return _module_string(path)
    if kind in _IMPORTING:
        return _imported(path)
    if kind in MEMBERS and node == member_parts(parent)[1]:
        return _member_occurrence(path)
    if kind in ("pair", "pair_pattern") and node == parent.child_by_field_name("key"):
        return _key(path)
    if node.type == "shorthand_property_identifier_pattern":
        return _occurrence(node, "name", path)
    if kind == "jsx_attribute" and node == parent.named_children[0]:
        element = path[-3].child_by_field_name("name")
        return _occurrence(node, "keyword", path, receiver=expression_of(element))
    if kind in _TAGS and text_of(node)[:1].islower():
        return None  # an element of HTML
    if node.type == "statement_identifier":
        return _occurrence(node, "label", path)
    declares = parent.child_by_field_name("name") == node
    if declares and node.type in ("property_identifier", "private_property_identifier"):
        return _occurrence(node, "definition", path)
    if declares and kind in _DECLARES:
        return _occurrence(node, "definition", path)
    return _occurrence(node, "name", path)


_TAGS = frozenset(
    {"jsx_opening_element", "jsx_closing_element", "jsx_self_closing_element"}
)
_DECLARES = (
    FUNCTIONS
    | CLASSES
    | {
        "interface_declaration",
        "type_alias_declaration",
        "enum_declaration",
        "internal_module",
        "module",
        "function_signature",
    }
)


_IMPORTING = frozenset(
    {
        "import_clause",
        "import_specifier",
        "namespace_import",
        "export_specifier",
        "namespace_export",
        "import_require_clause",
    }
)


def _module_string(path: Sequence[Node]) -> Occurrence | None:
    if len(path) < 3:
        return None
    above = path[-3]
    is_source = above.child_by_field_name("source") == path[-2]
    called = path[-4].child_by_field_name("function") if len(path) > 3 else None
    required = above.type == "arguments" and text_of(called) in ("require", "import")
    if not is_source and not required:
        return None
    return _occurrence(path[-1], "module", path, module=text_of(path[-1]))


def _imported(path: Sequence[Node]) -> Occurrence:
    node, parent = path[-1], path[-2]
    source = None
    for above in reversed(path):
        source = source or above.child_by_field_name("source")
    module = text_of(source)[1:-1]
    if parent.type == "export_specifier" and source is None:
        if parent.child_by_field_name("name") == node:
            return _occurrence(node, "name", path)
        inner = parent.child_by_field_name("name")
        name = text_of(inner)
        return _occurrence(node, "name", path)._replace(original=name)
    if parent.type in ("namespace_import", "namespace_export", "import_require_clause"):
        return _occurrence(node, "module", path, module=module)
    original = "default"
    if parent.type.endswith("specifier"):
        original = text_of(parent.child_by_field_name("name"))
    return _occurrence(node, "imported", path, module=module, original=original)


def _member_occurrence(path: Sequence[Node]) -> Occurrence:
    node, parent, above = path[-1], path[-2], path[-3]
    receiver = expression_of(member_parts(parent)[0])
    assigned = above.type in (
        "assignment_expression",
        "augmented_assignment_expression",
    )
    if assigned and above.child_by_field_name("left") == parent:
        return _occurrence(node, "attribute", path, receiver=receiver)
    return _occurrence(node, "member", path, receiver=receiver)


def _key(path: Sequence[Node]) -> Occurrence:
    """A key of an object: of a pattern, a member of what is taken apart."""
    node, parent = path[-1], path[-2]
    if parent.type == "pair_pattern":
        value = pattern_source(path[:-2])
        return _occurrence(node, "member", path, receiver=value)
    written = wanted_type(path[:-2])
    if written is not None:
        written = _of_kind(path[-3], written)
    return _occurrence(node, "keyword", path, receiver=written)


_KINDS = frozenset({"kind", "mode", "status", "tag", "type", "variant"})


def _of_kind(literal: Node, wanted: Expression) -> Expression:
    """Of the types that an object literal may have, those that its kind tells."""
    for pair in literal.named_children[:_MAX_GIVEN]:
        key = pair.child_by_field_name("key")
        value = pair.child_by_field_name("value")
        if value is None or text_of(key) not in _KINDS:
            continue
        if value.type in ("string", "member_expression"):
            written = text_of(value).strip("\"'")
            place = pair.start_point
            text = f"{text_of(key)} {written}"
            kind = Expression("kind", text, *place, (wanted,))
            return Expression("choice", "operator", *place, (kind, wanted))
    return wanted


def _occurrence(
    node: Node,
    place: OccurrencePlace,
    path: Sequence[Node],
    *,
    receiver: Expression | None = None,
    module: str = "",
    original: str = "",
) -> Occurrence:
    (line, column), (_, end_column) = node.start_point, node.end_point
    above = path[-3] if path[-2].type in MEMBERS and len(path) > 2 else path[-2]
    return Occurrence(
        text_of(node),
        place,
        line,
        column,
        end_column,
        receiver,
        module,
        original,
        in_type=node.type == "type_identifier",
        is_called=above.type in ("call_expression", "new_expression"),
        given=_given(above),
    )


def _given(call: Node) -> tuple[Expression, ...] | None:
    """A call's arguments; of a function no more than that it is one."""
    if call.type != "call_expression":
        return None
    arguments = call.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    return tuple(
        Expression("function", "", *one.start_point)
        if one.type in FUNCTIONS
        else expression_of(one)
        for one in given[:_MAX_GIVEN]
        if one.type != "comment"
    )


_MAX_GIVEN = 12  # arguments that an overload is chosen by


def tests_of(path: Sequence[Node], name: str) -> list[Expression]:
    """What `name` is, by the conditions that a use at the end of a path stands behind.

    `name instanceof C`, `isC(name)`, `name.kind === "c"`; around it, or before it where
    the other case has left: `if (!isC(name)) return;`.
    """
    found: list[Expression] = []
    for index in range(len(path) - 2, -1, -1):
        node, child = path[index], path[index + 1]
        if node.type in _BLOCKS:
            found += _left_before(child, name)
        if node.type in FUNCTIONS:
            break
        condition = node.child_by_field_name("condition")
        if node.type in ("if_statement", "ternary_expression"):
            if child == node.child_by_field_name("consequence"):
                found += _made_sure(condition, name, holds=True)
            elif child == node.child_by_field_name("alternative"):
                found += _made_sure(condition, name, holds=False)
        elif node.type == "binary_expression":
            operator = text_of(node.child_by_field_name("operator"))
            if operator in ("&&", "||") and child == node.child_by_field_name("right"):
                left = node.child_by_field_name("left")
                found += _made_sure(left, name, holds=operator == "&&")
        elif node.type == "switch_case" and child != node.child_by_field_name("value"):
            found += _made_sure_by_case(path[: index + 1], name)
    return found


_BLOCKS = frozenset({"statement_block", "program", "switch_case"})
_LEAVING = frozenset(
    {"return_statement", "throw_statement", "continue_statement", "break_statement"}
)
_MAX_BEFORE = 40  # statements of a block that are looked at


def _left_before(child: Node, name: str) -> list[Expression]:
    found: list[Expression] = []
    statement = child.prev_named_sibling
    for _ in range(_MAX_BEFORE):
        if statement is None:
            break
        if statement.type == "if_statement" and _leaves(statement):
            condition = statement.child_by_field_name("condition")
            found += _made_sure(condition, name, holds=False)
        statement = statement.prev_named_sibling
    return found


def _leaves(statement: Node) -> bool:
    body = statement.child_by_field_name("consequence")
    if body is not None and body.type == "statement_block":
        body = body.named_children[-1] if body.named_children else None
    return body is not None and body.type in _LEAVING


def _made_sure(condition: Node | None, name: str, *, holds: bool) -> list[Expression]:
    """What a condition says of a name, when it holds or when it does not."""
    found: list[Expression] = []
    pending = [(condition, holds)]
    while pending:
        node, true = pending.pop()
        if node is None:
            continue
        if node.type == "parenthesized_expression":
            pending.extend((one, true) for one in node.named_children)
        elif node.type == "unary_expression" and text_of(node).startswith("!"):
            pending.append((node.child_by_field_name("argument"), not true))
        elif node.type == "call_expression" and true:
            found += _predicate(node, name)
        elif node.type == "binary_expression":
            operator = text_of(node.child_by_field_name("operator"))
            left = node.child_by_field_name("left")
            right = node.child_by_field_name("right")
            if operator == ("&&" if true else "||"):
                pending += [(left, true), (right, true)]
            elif operator == "instanceof" and true and text_of(left) == name:
                made = expression_of(right)
                place = made.line, made.column
                found.append(Expression("instance", "", *place, (made,)))
            elif operator in (("===", "==") if true else ("!==", "!=")):
                found += _kind_of(left, right, name)
    return found


def _predicate(call: Node, name: str) -> list[Expression]:
    arguments = call.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    if not given or text_of(given[0]) != name:
        return []
    callee = expression_of(call.child_by_field_name("function"))
    return [Expression("predicate", "", callee.line, callee.column, (callee,))]


def _kind_of(left: Node | None, right: Node | None, name: str) -> list[Expression]:
    """`name.kind === "c"`: what of the name's types has such a kind."""
    if left is None or right is None or left.type != "member_expression":
        return []
    holder, key = member_parts(left)
    if holder is None or key is None or text_of(holder) != name:
        return []
    if right.type not in ("string", "member_expression"):
        return []
    written = text_of(right).strip("\"'")
    inner = expression_of(holder)
    text = f"{text_of(key)} {written}"
    return [Expression("kind", text, *key.start_point, (inner,))]


def _made_sure_by_case(path: Sequence[Node], name: str) -> list[Expression]:
    """`switch (name.kind) { case "c": ... }`."""
    case = path[-1]
    for node in reversed(path[:-1]):
        if node.type == "switch_statement":
            value = node.child_by_field_name("value")
            while value is not None and value.type == "parenthesized_expression":
                value = value.named_children[0] if value.named_children else None
            return _kind_of(value, case.child_by_field_name("value"), name)
    return []
