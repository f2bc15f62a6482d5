"""Python in the live tree: expressions, and what an identifier is."""

from collections.abc import Iterable, Sequence

from tree_sitter import Node

from codanna_lsp.extraction.live.words import (
    Expression,
    Occurrence,
    OccurrencePlace,
)

MAX_EXPRESSION_DEPTH = 40
_MAX_PARTS = 12
_MAX_KEY = 80  # characters of a subscript's key


def text_of(node: Node | None) -> str:
    """A node's text; bytes that are no UTF-8 are replaced."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def unknown(node: Node) -> Expression:
    """An expression that says nothing."""
    return Expression("unknown", "", *node.start_point)


_LITERALS = {
    "string": "str",
    "concatenated_string": "str",
    "integer": "int",
    "float": "float",
    "true": "bool",
    "false": "bool",
    "comparison_operator": "bool",
    "not_operator": "bool",
    "none": "None",
    "list": "list",
    "tuple": "tuple",
    "expression_list": "tuple",
    "set": "set",
    "dictionary": "dict",
    "list_comprehension": "list",
    "set_comprehension": "set",
    "dictionary_comprehension": "dict",
    "generator_expression": "Iterator",
}


def expression_of(node: Node | None, depth: int = 0) -> Expression:
    """An expression as receivers need it; "unknown" below MAX_EXPRESSION_DEPTH."""
    if node is None:
        return Expression("unknown", "", 0, 0)
    if depth > MAX_EXPRESSION_DEPTH:
        return unknown(node)
    kind = node.type
    if kind == "identifier":
        return Expression("name", text_of(node), *node.start_point)
    if kind == "dotted_name":
        return _dotted(node.named_children)
    if kind in _LITERALS:
        return _literal(node, depth)
    build = _BUILDERS.get(kind)
    return build(node, depth + 1) if build else unknown(node)


def _dotted(names: Iterable[Node]) -> Expression:
    result: Expression | None = None
    for name in names:
        if result is None:
            result = Expression("name", text_of(name), *name.start_point)
        else:
            result = Expression("member", text_of(name), *name.start_point, (result,))
    return result or Expression("unknown", "", 0, 0)


def _attribute(node: Node, depth: int) -> Expression:
    name = node.child_by_field_name("attribute")
    inner = expression_of(node.child_by_field_name("object"), depth)
    if name is None:
        return unknown(node)
    return Expression("member", text_of(name), *name.start_point, (inner,))


def _call(node: Node, depth: int) -> Expression:
    callee = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    parts = [expression_of(callee, depth)]
    if arguments is not None and arguments.type == "argument_list":
        given = [n for n in arguments.named_children if n.type != "comment"]
        for argument in given[:_MAX_PARTS]:
            if argument.type in ("keyword_argument", "list_splat"):
                break
            parts.append(expression_of(argument, depth))
    elif arguments is not None:
        parts.append(expression_of(arguments, depth))
    callee_place = parts[0].line, parts[0].column
    return Expression("call", "", *callee_place, tuple(parts))


def _subscript(node: Node, depth: int) -> Expression:
    value = expression_of(node.child_by_field_name("value"), depth)
    keys = node.children_by_field_name("subscript")[:_MAX_PARTS]
    parts = (value, *(expression_of(key, depth) for key in keys))
    text = text_of(keys[0])[:_MAX_KEY] if len(keys) == 1 else ""
    return Expression("item", text, *node.start_point, parts)


def _literal(node: Node, depth: int) -> Expression:
    name = _LITERALS[node.type]
    parts: list[Expression] = []
    children = [n for n in node.named_children if n.type != "comment"]
    if node.type.endswith("comprehension") or name == "Iterator":
        body = node.child_by_field_name("body")
        children = [body] if body is not None else []
    if node.type == "string":
        written = text_of(node)[:_MAX_KEY].strip("\"'")
        parts = [Expression("type", written, *node.start_point)]
    elif name in ("list", "tuple", "set", "Iterator"):
        parts = [expression_of(n, depth + 1) for n in children[:_MAX_PARTS]]
    elif name == "dict" and children and children[0].type == "pair":
        pair = children[0]
        parts = [
            expression_of(pair.child_by_field_name(field), depth + 1)
            for field in ("key", "value")
        ]
    return Expression("literal", name, *node.start_point, tuple(parts))


def _choice(node: Node, depth: int) -> Expression:
    parts = [expression_of(n, depth) for n in node.named_children]
    if node.type == "conditional_expression" and len(parts) == 3:
        parts = [parts[0], parts[2]]
    return Expression("choice", "", *node.start_point, tuple(parts))


def _binary(node: Node, depth: int) -> Expression:
    """An operator gives what its left side's class answers; `%` on text gives text."""
    left = expression_of(node.child_by_field_name("left"), depth)
    operator = text_of(node.child_by_field_name("operator"))
    if operator == "|":
        right = expression_of(node.child_by_field_name("right"), depth)
        return Expression("choice", "", *node.start_point, (left, right))
    special = _OPERATORS.get(operator)
    if special is None:
        return left
    member = Expression("member", special, *node.start_point, (left,))
    call = Expression("call", "", *node.start_point, (member,))
    return Expression("choice", "operator", *node.start_point, (call, left))


_OPERATORS = {
    "+": "__add__",
    "-": "__sub__",
    "*": "__mul__",
    "/": "__truediv__",
    "//": "__floordiv__",
    "%": "__mod__",
    "&": "__and__",
    "@": "__matmul__",
}


def _inner(node: Node, depth: int) -> Expression:
    children = [n for n in node.named_children if n.type != "comment"]
    return expression_of(children[0], depth) if children else unknown(node)


def _named(node: Node, depth: int) -> Expression:
    return expression_of(node.child_by_field_name("value"), depth)


def _await(node: Node, depth: int) -> Expression:
    inner = _inner(node, depth)
    return Expression("await", "", inner.line, inner.column, (inner,))


def _lambda(node: Node, depth: int) -> Expression:
    body = expression_of(node.child_by_field_name("body"), depth)
    return Expression("function", "", *node.start_point, (body,))


_BUILDERS = {
    "attribute": _attribute,
    "call": _call,
    "subscript": _subscript,
    "boolean_operator": _choice,
    "conditional_expression": _choice,
    "binary_operator": _binary,
    "parenthesized_expression": _inner,
    "as_pattern": _inner,
    "list_splat": _inner,
    "type": _inner,
    "keyword_argument": _named,
    "named_expression": _named,
    "await": _await,
    "lambda": _lambda,
}


def occurrence_of(path: Sequence[Node]) -> Occurrence | None:
    """What the identifier at the end of a path is, or None when it is no name."""
    node, parent = path[-1], path[-2]
    kind = parent.type
    if kind == "attribute" and node == parent.child_by_field_name("attribute"):
        # An unfinished `x.` takes the next line for its member.
        if any(child.type == "ERROR" for child in parent.children):
            return _occurrence(node, "name")
        return _member(path)
    if kind == "keyword_argument" and node == parent.child_by_field_name("name"):
        call = path[-4] if len(path) >= 4 else parent
        if call.type == "class_definition":
            return _occurrence(node, "keyword", receiver=_subclassing(call))
        return _occurrence(node, "keyword", receiver=expression_of(_callee(call)))
    if kind == "keyword_pattern" and node == parent.named_children[0]:
        receiver = expression_of(path[-4].named_children[0])
        return _occurrence(node, "keyword", receiver=receiver)
    if any(n.type in _IMPORTS for n in path[-4:]):
        return _imported(path)
    if kind in ("dotted_name", "type") and parent.named_children[0] != node:
        before = parent.named_children[: parent.named_children.index(node)]
        return _occurrence(node, "member", receiver=_dotted(before))
    if kind == "member_type" and parent.named_children[0] != node:
        receiver = expression_of(parent.named_children[0])
        return _occurrence(node, "member", receiver=receiver)
    return _occurrence(node, "name", path=path)


def _subclassing(declared: Node) -> Expression | None:
    """What takes the keywords in the head of a class: `__init_subclass__` of a base."""
    heads = declared.child_by_field_name("superclasses")
    bases = heads.named_children if heads is not None else []
    if not bases or bases[0].type == "keyword_argument":
        return None
    base = expression_of(bases[0])
    return Expression("member", "__init_subclass__", base.line, base.column, (base,))


_IMPORTS = frozenset(
    {"import_statement", "import_from_statement", "future_import_statement"}
)


def _callee(call: Node) -> Node | None:
    return call.child_by_field_name("function")


def _member(path: Sequence[Node]) -> Occurrence:
    node, parent = path[-1], path[-2]
    receiver = expression_of(parent.child_by_field_name("object"))
    above = path[-3] if len(path) > 2 else parent
    called = above.type == "call" and _callee(above) == parent
    assigned = above.type in ("assignment", "augmented_assignment") and (
        above.child_by_field_name("left") == parent
    )
    if assigned:
        return _occurrence(node, "attribute", receiver=receiver)
    return _occurrence(node, "member", receiver=receiver, called=called)


def _imported(path: Sequence[Node]) -> Occurrence:
    """A name of an import statement: of its module, taken from it, or its alias."""
    index = next(i for i in range(len(path)) if path[i].type in _IMPORTS)
    statement, node = path[index], path[-1]
    module = text_of(statement.child_by_field_name("module_name"))
    item = path[index + 1]
    aliased = item.type == "aliased_import"
    dotted = item.child_by_field_name("name") if aliased else item
    if statement.type == "import_statement" or dotted is None:
        if aliased and node == item.child_by_field_name("alias"):
            return _occurrence(node, "module", module=text_of(dotted))
        return _occurrence(node, "module", module=_up_to(dotted or item, node))
    if item == statement.child_by_field_name("module_name"):
        return _occurrence(node, "module", module=_up_to(item, node))
    return _occurrence(node, "imported", module=module, original=text_of(dotted))


def _up_to(dotted: Node, node: Node) -> str:
    stop = node.end_byte - dotted.start_byte
    return (dotted.text or b"")[:stop].decode("utf-8", "replace")


def _occurrence(
    node: Node,
    place: OccurrencePlace,
    *,
    path: Sequence[Node] | None = None,
    receiver: Expression | None = None,
    module: str = "",
    original: str = "",
    called: bool = False,
) -> Occurrence:
    (line, column), (_, end_column) = node.start_point, node.end_point
    in_type = False
    if path is not None:
        above = path[-2]
        called = above.type == "call" and _callee(above) == node
        in_type = any(n.type == "type" for n in path[-6:])
        if place == "name" and _names_declaration(above, node):
            place = "definition"
    return Occurrence(
        text_of(node),
        place,
        line,
        column,
        end_column,
        receiver,
        module,
        original,
        in_type,
        called,
    )


def _names_declaration(above: Node, node: Node) -> bool:
    return above.type in ("function_definition", "class_definition") and (
        above.child_by_field_name("name") == node
    )
