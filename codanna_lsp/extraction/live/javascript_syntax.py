"""JavaScript and TypeScript in the live tree: expressions."""

from collections.abc import Callable

from tree_sitter import Node

from codanna_lsp.extraction.live.python_syntax import (
    MAX_EXPRESSION_DEPTH,
    text_of,
    unknown,
)
from codanna_lsp.extraction.live.words import (
    Expression,
)

_MAX_PARTS = 12


_MAX_KEY = 80  # characters of a subscript's key


_NAMES = frozenset(
    {
        "identifier",
        "property_identifier",
        "private_property_identifier",
        "type_identifier",
        "shorthand_property_identifier",
        "this",
        "super",
        "import",
    }
)


_LITERALS = {
    "string": "str",
    "template_string": "str",
    "number": "number",
    "true": "boolean",
    "false": "boolean",
    "null": "None",
    "undefined": "None",
    "regex": "RegExp",
}


_INNER = frozenset(
    {"parenthesized_expression", "non_null_expression", "sequence_expression"}
)


MEMBERS = frozenset(
    {"member_expression", "nested_identifier", "nested_type_identifier"}
)


def expression_of(node: Node | None, depth: int = 0) -> Expression:
    """An expression as receivers need it; "unknown" below MAX_EXPRESSION_DEPTH."""
    if node is None:
        return Expression("unknown", "", 0, 0)
    if depth > MAX_EXPRESSION_DEPTH:
        return unknown(node)
    kind = node.type
    if kind in _NAMES:
        return Expression("name", text_of(node), *node.start_point)
    if kind in MEMBERS:
        return _member(node, depth + 1)
    if kind in _LITERALS:
        return _literal(node)
    if kind in _INNER:
        children = [n for n in node.named_children if n.type != "comment"]
        return expression_of(children[-1], depth + 1) if children else unknown(node)
    build = _BUILDERS.get(kind)
    return build(node, depth + 1) if build else unknown(node)


def _literal(node: Node) -> Expression:
    name = _LITERALS[node.type]
    parts: tuple[Expression, ...] = ()
    if node.type == "string":
        written = text_of(node)[1:-1][:_MAX_KEY]
        parts = (Expression("type", written, *node.start_point),)
    return Expression("literal", name, *node.start_point, parts)


def _member(node: Node, depth: int) -> Expression:
    before, name = member_parts(node)
    if name is None:
        return unknown(node)
    inner = expression_of(before, depth)
    return Expression("member", text_of(name), *name.start_point, (inner,))


def member_parts(node: Node) -> tuple[Node | None, Node | None]:
    """The object and the name of a member expression, in any of its forms."""
    name = node.child_by_field_name("property") or node.child_by_field_name("name")
    before = node.child_by_field_name("object") or node.child_by_field_name("module")
    if name is None and node.named_children:
        name = node.named_children[-1]
    if before is None and len(node.named_children) > 1:
        before = node.named_children[0]
    return before, name


def _call(node: Node, depth: int) -> Expression:
    function = called_by(node)
    callee = expression_of(function, depth)
    arguments = node.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    parts = (expression_of(n, depth) for n in given[:_MAX_PARTS] if n.type != "comment")
    place = callee.line, callee.column
    made = Expression("call", type_arguments(node), *place, (callee, *parts))
    if function != node.child_by_field_name("function"):
        return Expression("await", "", *place, (made,))
    return made


def called_by(node: Node) -> Node | None:
    """What a call calls.

    The grammar reads `await f<A>(b)` as the call of `await f`.
    """
    callee = node.child_by_field_name("function")
    if callee is None or callee.type != "await_expression":
        return callee
    is_handed = node.child_by_field_name("type_arguments") is not None
    return callee.named_children[0] if is_handed and callee.named_children else callee


def type_arguments(node: Node) -> str:
    """`A, B` of a call's `f<A, B>(...)`, or ""."""
    given = node.child_by_field_name("type_arguments")
    return text_of(given)[1:-1].strip() if given is not None else ""


def _new(node: Node, depth: int) -> Expression:
    made = expression_of(node.child_by_field_name("constructor"), depth)
    arguments = node.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    parts = (expression_of(n, depth) for n in given[:_MAX_PARTS] if n.type != "comment")
    place = made.line, made.column
    return Expression("new", type_arguments(node), *place, (made, *parts))


def _subscript(node: Node, depth: int) -> Expression:
    value = expression_of(node.child_by_field_name("object"), depth)
    key = text_of(node.child_by_field_name("index"))[:_MAX_KEY]
    if len(key) > 1 and key[0] == key[-1] and key[0] in "\"'":
        return Expression("member", key[1:-1], *node.start_point, (value,))
    return Expression("item", key, *node.start_point, (value,))


def _await(node: Node, depth: int) -> Expression:
    children = node.named_children
    inner = expression_of(children[0] if children else None, depth)
    return Expression("await", "", inner.line, inner.column, (inner,))


def _typed(node: Node, depth: int) -> Expression:
    """`x as T`, `x satisfies T`, `<T>x`."""
    children = node.named_children
    if node.type == "type_assertion" and len(children) == 2:
        children = children[::-1]
    if len(children) < 2 or node.type == "satisfies_expression":
        return expression_of(children[0] if children else None, depth)
    written = text_of(children[1])
    if written in ("const", "any", "unknown"):
        return expression_of(children[0], depth)
    return Expression("type", written, *children[1].start_point)


def _choice(node: Node, depth: int) -> Expression:
    fields = ("consequence", "alternative")
    if node.type == "binary_expression":
        if text_of(node.child_by_field_name("operator")) not in ("||", "??", "&&"):
            return Expression("literal", "number", *node.start_point)
        fields = ("left", "right")
    parts = tuple(expression_of(node.child_by_field_name(f), depth) for f in fields)
    return Expression("choice", "", *node.start_point, parts)


def _assignment(node: Node, depth: int) -> Expression:
    return expression_of(node.child_by_field_name("right"), depth)


def _array(node: Node, depth: int) -> Expression:
    given = [n for n in node.named_children if n.type != "comment"][:_MAX_PARTS]
    parts = tuple(
        Expression(
            "element", "", *n.start_point, (expression_of(n.named_children[0], depth),)
        )
        if n.type == "spread_element" and n.named_children
        else expression_of(n, depth)
        for n in given
    )
    return Expression("literal", "list", *node.start_point, parts)


def _object(node: Node, depth: int) -> Expression:
    parts: list[Expression] = []
    for child in node.named_children:
        name = child.child_by_field_name("key") or child.child_by_field_name("name")
        if child.type == "shorthand_property_identifier":
            name, value = child, expression_of_shorthand(child)
        elif child.type == "method_definition":
            value = _function(child, depth)
        elif child.type == "spread_element" and child.named_children:
            parts.append(expression_of(child.named_children[0], depth))
            continue
        else:
            value = expression_of(child.child_by_field_name("value"), depth)
        if name is not None:
            key = text_of(name).strip("\"'")
            parts.append(Expression("member", key, *name.start_point, (value,)))
    return Expression("object", "", *node.start_point, tuple(parts))


def expression_of_shorthand(node: Node) -> Expression:
    """`a` of `{ a }`, as the variable that it is."""
    return Expression("name", text_of(node), *node.start_point)


def _function(node: Node, depth: int) -> Expression:
    """A function: what it returns, as declared or as its text is; then what it takes."""
    declared = node.child_by_field_name("return_type")
    body = node.child_by_field_name("body")
    if declared is not None:
        written = text_of(declared).lstrip(": ")
        result = Expression("type", written, *declared.start_point)
    elif body is None:
        return Expression("function", "", *node.start_point)
    else:
        results = [expression_of(body, depth)]
        if body.type == "statement_block":
            results = returned_by(body, depth)
        result = Expression("choice", "", *node.start_point, tuple(results))
    taken = _taken(node.child_by_field_name("parameters"))
    return Expression("function", "", *node.start_point, (result, *taken))


def _taken(parameters: Node | None) -> list[Expression]:
    """The types of parameters as written; "unknown" of those that have none."""
    found: list[Expression] = []
    for one in parameters.named_children[:_MAX_PARTS] if parameters else ():
        declared = one.child_by_field_name("type")
        if one.type == "comment":
            continue
        if declared is None:
            found.append(unknown(one))
        else:
            written = text_of(declared).lstrip(": ")
            found.append(Expression("type", written, *declared.start_point))
    return found


FUNCTIONS = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "generator_function",
        "arrow_function",
        "method_definition",
    }
)


CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})


def returned_by(body: Node, depth: int = 0) -> list[Expression]:
    """What a block returns, without what its inner functions do."""
    found: list[Expression] = []
    pending = [body]
    while pending:
        node = pending.pop()
        if node.type == "return_statement" and node.named_children:
            found.append(expression_of(node.named_children[0], depth))
        elif node.type not in FUNCTIONS and node.type not in CLASSES:
            pending.extend(reversed(node.named_children))
    return found[:_MAX_PARTS]


_BUILDERS: dict[str, Callable[[Node, int], Expression]] = {
    "call_expression": _call,
    "new_expression": _new,
    "subscript_expression": _subscript,
    "await_expression": _await,
    "as_expression": _typed,
    "satisfies_expression": _typed,
    "type_assertion": _typed,
    "ternary_expression": _choice,
    "binary_expression": _choice,
    "assignment_expression": _assignment,
    "array": _array,
    "object": _object,
    "arrow_function": _function,
    "function_expression": _function,
    "generator_function": _function,
}
