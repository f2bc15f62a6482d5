"""What JavaScript's patterns take apart, and what callbacks are handed."""

import re
from collections.abc import Sequence

from tree_sitter import Node

from codanna_lsp.extraction.live.javascript_syntax import FUNCTIONS, expression_of
from codanna_lsp.extraction.live.python_syntax import (
    text_of,
)
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
            steps.append((str(parent.named_children.index(child)), child))
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
    """What a callback's parameter is handed by the function that it is given to.

    A component's is what its type says: `const Panel: React.FC<Props> = (props) =>`.

    path: ends with the parameter, or with the parameters when it is one of them.
    """
    index = len(path) - 1
    position = 0
    while index > 0 and path[index].type not in FUNCTIONS:
        if path[index - 1].type == "formal_parameters":
            position = path[index - 1].named_children.index(path[index])
        index -= 1
    if index > 0 and path[index - 1].type == "variable_declarator" and position == 0:
        return _component_props(path[index - 1].child_by_field_name("type"))
    if index < 2 or path[index - 1].type != "arguments":
        return None
    called = path[index - 2]
    callee = called.child_by_field_name("function")
    inner = expression_of(callee or called.child_by_field_name("constructor"))
    argument = path[index - 1].named_children.index(path[index])
    text = f"callback {position} {argument}"
    return Expression("argument", text, inner.line, inner.column, (inner,))


_COMPONENT = re.compile(
    r":\s*(?:React\.)?(?:FC|VFC|FunctionComponent)<(.+)>", re.DOTALL
)


def _component_props(written: Node | None) -> Expression | None:
    found = _COMPONENT.fullmatch(text_of(written)) if written is not None else None
    if written is None or found is None:
        return None
    return Expression("type", found[1], *written.start_point)
