"""What JavaScript's patterns take apart, what callbacks are handed, what is wanted."""

from collections.abc import Callable, Sequence

from tree_sitter import Node

from codanna_lsp.extraction.live.javascript_syntax import (
    FUNCTIONS,
    called_by,
    expression_of,
    type_arguments,
)
from codanna_lsp.extraction.live.python_syntax import text_of, unknown
from codanna_lsp.extraction.live.words import (
    Expression,
)


def pattern_source(path: Sequence[Node]) -> Expression | None:
    """What the pattern at the end of a path takes apart."""
    steps: list[tuple[str, Node]] = []
    for index in range(len(path) - 1, 0, -1):
        child, parent = path[index], path[index - 1]
        kind = parent.type
        if kind == "pair_pattern":
            steps.append((text_of(parent.child_by_field_name("key")), child))
        elif kind == "array_pattern":
            steps.append((str(position_of(child, parent)), child))
        elif (
            kind in ("object_pattern", "assignment_pattern", "rest_pattern")
            or kind == "object_assignment_pattern"
        ):
            continue
        else:
            return taken_apart(path[:index], steps)
    return None


def taken_apart(
    path: Sequence[Node], steps: Sequence[tuple[str, Node]]
) -> Expression | None:
    """The value of a declaration at the end of a path, after steps into it."""
    statement = path[-1]
    declared = statement.child_by_field_name("type")
    value = statement.child_by_field_name("value")
    if declared is not None:
        written = text_of(declared).lstrip(": ")
        result = Expression("type", written, *declared.start_point)
    elif statement.type == "for_in_statement":
        inner = expression_of(statement.child_by_field_name("right"))
        result = Expression("element", "", inner.line, inner.column, (inner,))
    elif statement.type in ("formal_parameters", "required_parameter"):
        handed = handed_to(path)
        if handed is None:
            return None
        result = handed
    elif value is not None:
        result = expression_of(value)
    else:
        return None
    for key, node in reversed(steps):
        kind = "item" if key.isdigit() else "member"
        if kind == "item":
            result = Expression("item", key, *node.start_point, (result,))
        else:
            result = Expression("member", key, *node.start_point, (result,))
    return result


def handed_to(path: Sequence[Node]) -> Expression | None:
    """What a function's parameter is handed, where its own text does not say.

    That is by the function which it is given to, or by the type that is wanted where
    it stands: `const Panel: React.FC<Props> = (props) =>`.

    path: ends with the parameter, or with the parameters when it is one of them.
    """
    index = len(path) - 1
    position = 0
    while index > 0 and path[index].type not in FUNCTIONS:
        if path[index - 1].type == "formal_parameters":
            position = position_of(path[index], path[index - 1])
        index -= 1
    if index < 2:
        return None
    if path[index - 1].type == "arguments":
        argument = position_of(path[index], path[index - 1])
        return _argument(path[:index], f"callback {position} {argument}", argument)
    wanted = wanted_type(path[: index + 1])
    if wanted is None:
        return None
    text = f"handed {position}"
    return Expression("argument", text, wanted.line, wanted.column, (wanted,))


def position_of(child: Node, parent: Node) -> int:
    """How many commas stand before one of a node's children."""
    before = 0
    for one in parent.children:
        if one == child:
            return before
        before += one.type == ","
    return 0


def _argument(path: Sequence[Node], text: str, position: int) -> Expression:
    """An "argument" of the call whose arguments a path ends with; the call without it."""
    called = path[-2]
    callee = called_by(called)
    inner = expression_of(callee or called.child_by_field_name("constructor"))
    place = inner.line, inner.column
    given = [one for one in path[-1].named_children if one.type != "comment"]
    others = (
        unknown(one) if at == position or one.type in FUNCTIONS else expression_of(one)
        for at, one in enumerate(given[:_MAX_ARGUMENTS])
    )
    call = Expression("call", type_arguments(called), *place, (inner, *others))
    return Expression("argument", text, *place, (inner, call))


_MAX_ARGUMENTS = 6  # of a call, that others are told by


def wanted_type(path: Sequence[Node]) -> Expression | None:
    """The type that the expression at the end of a path should have, if that is said."""
    if len(path) > _MAX_PATH:
        return None
    for index in range(len(path) - 1, 0, -1):
        node, parent = path[index], path[index - 1]
        if parent.type in _SAME_TYPE:
            continue
        if parent.type == "ternary_expression":
            if parent.child_by_field_name("condition") == node:
                return None
            continue
        if parent.type == "binary_expression":
            operator = text_of(parent.child_by_field_name("operator"))
            if operator in ("??", "||", "&&"):
                continue
            return None
        if parent.type == "as_expression" and text_of(parent).endswith("as const"):
            continue
        return _wanted_by(path[: index + 1])
    return None


_MAX_PATH = 250  # nodes from the root down, which bounds the recursion

# What stands there has the type of what is around it.
_SAME_TYPE = frozenset({"parenthesized_expression", "spread_element"})


def _wanted_by(path: Sequence[Node]) -> Expression | None:
    node, parent = path[-1], path[-2]
    find = _WANTED.get(parent.type)
    if find is not None:
        return find(path)
    declared = parent.child_by_field_name("type")
    if declared is not None and parent.child_by_field_name("value") == node:
        return _type(declared)
    return None


def _type(declared: Node) -> Expression:
    return Expression("type", text_of(declared).lstrip(": "), *declared.start_point)


def _wanted_cast(path: Sequence[Node]) -> Expression | None:
    last = path[-2].named_children[-1]
    return _type(last) if last != path[-1] else None


def _wanted_argument(path: Sequence[Node]) -> Expression | None:
    position = position_of(path[-1], path[-2])
    return _argument(path[:-1], str(position), position)


def _wanted_element(path: Sequence[Node]) -> Expression | None:
    around = wanted_type(path[:-1])
    if around is None:
        return None
    position = str(position_of(path[-1], path[-2]))
    return Expression("item", position, around.line, around.column, (around,))


def _wanted_property(path: Sequence[Node]) -> Expression | None:
    """Of a pair's value, or of a method among the pairs."""
    node, parent = path[-1], path[-2]
    holder = path[:-2] if parent.type == "pair" else path[:-1]
    key = parent if parent.type == "pair" else node
    name = key.child_by_field_name("key") or key.child_by_field_name("name")
    around = wanted_type(holder)
    if around is None or name is None or name == node:
        return None
    text = text_of(name).strip("\"'")
    return Expression("member", text, *name.start_point, (around,))


def _wanted_object(path: Sequence[Node]) -> Expression | None:
    return _wanted_property(path) if path[-1].type == "method_definition" else None


def _wanted_right(path: Sequence[Node]) -> Expression | None:
    left = path[-2].child_by_field_name("left")
    if left is None or left == path[-1] or left.type in _APART:
        return None
    return expression_of(left)


_APART = frozenset({"object_pattern", "array_pattern"})


def _wanted_result(path: Sequence[Node]) -> Expression | None:
    """What the function around a `return` should give; `await`ed where it is async."""
    for index in range(len(path) - 2, 0, -1):
        function = path[index]
        if function.type not in FUNCTIONS:
            continue
        declared = function.child_by_field_name("return_type")
        if declared is not None:
            result = _type(declared)
        else:
            wanted = wanted_type(path[: index + 1])
            if wanted is None:
                return None
            result = Expression("call", "", wanted.line, wanted.column, (wanted,))
        if any(child.type == "async" for child in function.children[:2]):
            result = Expression("await", "", result.line, result.column, (result,))
        return result
    return None


def _wanted_body(path: Sequence[Node]) -> Expression | None:
    is_body = path[-2].child_by_field_name("body") == path[-1]
    return _wanted_result(path) if is_body else None


def _wanted_attribute(path: Sequence[Node]) -> Expression | None:
    """`{...}` of an element's attribute: what the component takes there."""
    if len(path) < 4 or path[-3].type != "jsx_attribute":
        return None
    name = path[-3].named_children[0]
    element = expression_of(path[-4].child_by_field_name("name"))
    return Expression("keyword", text_of(name), *name.start_point, (element,))


_WANTED: dict[str, Callable[[Sequence[Node]], Expression | None]] = {
    "as_expression": _wanted_cast,
    "satisfies_expression": _wanted_cast,
    "arguments": _wanted_argument,
    "array": _wanted_element,
    "pair": _wanted_property,
    "object": _wanted_object,
    "assignment_expression": _wanted_right,
    "return_statement": _wanted_result,
    "arrow_function": _wanted_body,
    "jsx_expression": _wanted_attribute,
}
