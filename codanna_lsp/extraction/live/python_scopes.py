"""Python in the live tree: what bindings are bound to, which scopes are seen."""

from collections.abc import Sequence

from tree_sitter import Node

from codanna_lsp.extraction.live.python_syntax import expression_of, text_of
from codanna_lsp.extraction.live.scopes import USUAL, Evidence, Path
from codanna_lsp.extraction.live.words import Expression, ExpressionKind, ScopeKind

SCOPES: dict[str, ScopeKind] = {
    "module": "file",
    "function_definition": "function",
    "lambda": "function",
    "class_definition": "class",
    "list_comprehension": "block",
    "set_comprehension": "block",
    "dictionary_comprehension": "block",
    "generator_expression": "block",
}
COMPREHENSIONS = frozenset(t for t, kind in SCOPES.items() if kind == "block")
GROUPS = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "tuple", "list"})
_PARAMETERS = frozenset({"parameters", "lambda_parameters"})


def sees(path: Path, index: int) -> bool:
    """Whether a path's node at an index sees the scope just above it."""
    scope, child = path[index - 1], path[index]
    if scope.type in ("function_definition", "class_definition", "lambda"):
        if child == scope.child_by_field_name("body"):
            return True
        if child.type in _PARAMETERS and _is_parameter(path, index):
            return True
        return _names_typeparameter_evidence(scope, path[-1])
    if scope.type in COMPREHENSIONS and child.type == "for_in_clause":
        first = next((c for c in scope.children if c.type == "for_in_clause"), None)
        in_iterable = index + 1 < len(path) and path[index + 1] == (
            child.child_by_field_name("right")
        )
        return not (first == child and in_iterable)
    return True


def _is_parameter(path: Path, index: int) -> bool:
    """Whether a path leads from parameters, at an index, to the name of one of them."""
    for node, child in zip(path[index + 1 :], path[index + 2 :], strict=False):
        if node.type in _DEFAULTED:
            if node.child_by_field_name("name") != child:
                return False
        elif node.type == "typed_parameter":
            if node.named_children[0] != child:
                return False
        elif node.type not in _SPLATS:
            return False
    return True


_DEFAULTED = frozenset({"default_parameter", "typed_default_parameter"})
_SPLATS = frozenset({"list_splat_pattern", "dictionary_splat_pattern"})


def _names_typeparameter_evidence(scope: Node, use: Node) -> bool:
    """Heads see a scope's type parameters, and nothing else of it."""
    parameters = scope.child_by_field_name("type_parameters")
    if parameters is None:
        return False
    name = text_of(use)
    found = (
        text_of(child).partition(":")[0].strip("* ") for child in parameters.children
    )
    return name in found


def home_of(path: Path, capture: str) -> int:
    """Names of comprehensions stay in them; a walrus leaves them."""
    if not capture.startswith("variable"):
        return USUAL
    for index in range(len(path) - 2, -1, -1):
        kind = path[index].type
        if kind == "for_in_clause":
            return index - 1
        if kind not in GROUPS and kind != "list_splat_pattern":
            return USUAL
    return USUAL


def evidence_of(path: Path) -> Evidence:
    """What the name at the end of a path is bound to."""
    steps: list[tuple[str, Node]] = []
    for index in range(len(path) - 2, -1, -1):
        parent, child = path[index], path[index + 1]
        if parent.type in GROUPS:
            named = [n for n in parent.named_children if n.type != "comment"]
            steps.append((str(named.index(child)) if child in named else "", child))
        elif parent.type == "list_splat_pattern" and path[index - 1].type in GROUPS:
            steps.append(("*", child))
        elif parent.type in _TRANSPARENT:
            continue
        else:
            return _bound_by(path[: index + 1], child, steps)
    return Evidence(path[0])


def _bound_by(path: Path, child: Node, steps: Sequence[tuple[str, Node]]) -> Evidence:
    statement = path[-1]
    kind = statement.type
    if kind in _PARAMETERS:
        return parameter_evidence(path, child)
    if kind in ("default_parameter", "typed_default_parameter"):
        return parameter_evidence(path[:-1], statement)
    if kind in ("function_definition", "class_definition"):
        return Evidence(_with_decorators(path))
    if kind in ("assignment", "augmented_assignment"):
        return _assigned(path, steps)
    if kind in ("for_statement", "for_in_clause"):
        iterable = statement.child_by_field_name("right")
        value = wrapped("element", expression_of(iterable))
        return Evidence(statement, value=_unpacked(value, steps))
    if kind == "named_expression":
        value = expression_of(statement.child_by_field_name("value"))
        return Evidence(statement, value=value)
    if kind == "as_pattern":
        return _named_as(path, steps)
    return Evidence(statement)


def _assigned(path: Path, steps: Sequence[tuple[str, Node]]) -> Evidence:
    statement = path[-1]
    declared = statement.child_by_field_name("type")
    right = statement.child_by_field_name("right")
    while right is not None and right.type == "assignment":
        right = right.child_by_field_name("right")
    value = None if right is None else _unpacked(expression_of(right), steps)
    if statement.type == "augmented_assignment":
        value = None
    shown = path[-2] if path[-2].type == "expression_statement" else statement
    return Evidence(shown, text_of(declared) if declared else "", value)


def _named_as(path: Path, steps: Sequence[tuple[str, Node]]) -> Evidence:
    statement = path[-1]
    subject = statement.named_children[0] if statement.named_children else None
    value = expression_of(subject)
    above = path[-2].type
    if above == "with_item":
        return Evidence(statement, value=_unpacked(wrapped("enter", value), steps))
    if above.startswith("except"):
        return Evidence(statement, value=instance_of(subject))
    if subject is not None and subject.type == "case_pattern":
        pattern = subject.named_children[0] if subject.named_children else None
        if pattern is not None and pattern.type == "class_pattern":
            named = expression_of(pattern.named_children[0])
            return Evidence(statement, value=wrapped("instance", named))
    return Evidence(statement)


def instance_of(caught: Node | None) -> Expression:
    """An instance of a class, or of one of a tuple of classes."""
    if caught is not None and caught.type == "tuple":
        parts = tuple(instance_of(n) for n in caught.named_children[:8])
        return Expression("choice", "", *caught.start_point, parts)
    return wrapped("instance", expression_of(caught))


def parameter_evidence(path: Path, child: Node) -> Evidence:
    """A parameter; the first of a method is its object or its class."""
    declared = child.child_by_field_name("type")
    default = child.child_by_field_name("value")
    value = None if default is None else expression_of(default)
    pattern = child if child.type != "typed_parameter" else child.named_children[0]
    text = text_of(declared) if declared is not None else ""
    stars = _STARS.get(pattern.type, 0)
    if stars:
        text = f"list[{text}]" if stars == 1 else f"dict[str, {text}]"
    elif declared is None:
        value = _receiver(path, child) or value
    return Evidence(child, text, value, stars)


_TRANSPARENT = frozenset(
    {
        "as_pattern_target",
        "case_pattern",
        "dotted_name",
        "type",
        "typed_parameter",
        "list_splat_pattern",
        "dictionary_splat_pattern",
    }
)
_STARS = {"list_splat_pattern": 1, "dictionary_splat_pattern": 2}


def _receiver(path: Path, child: Node) -> Expression | None:
    function = path[-2]
    parameters = path[-1].named_children
    if function.type != "function_definition" or not parameters:
        return None
    if parameters[0] != child or len(path) < 4:
        return None
    around = path[-3]
    decorators = ""
    above = 4
    if around.type == "decorated_definition":
        decorators = " ".join(
            text_of(n) for n in around.named_children if n.type == "decorator"
        )
        above = 5
    if len(path) < above or path[-above].type != "class_definition":
        return None
    if "staticmethod" in decorators:
        return None
    name = path[-above].child_by_field_name("name")
    if name is None:
        return None
    of_class = "classmethod" in decorators or _is_implicit_class_method(function)
    text, place = text_of(name), name.start_point
    if of_class:
        return Expression("class", text, *place)
    return Expression("self", text, *place)


def _is_implicit_class_method(function: Node) -> bool:
    name = function.child_by_field_name("name")
    return name is not None and text_of(name) in (
        "__new__",
        "__init_subclass__",
        "__class_getitem__",
    )


def _with_decorators(path: Path) -> Node:
    above = path[-2] if len(path) > 1 else path[-1]
    return above if above.type == "decorated_definition" else path[-1]


def _unpacked(value: Expression, steps: Sequence[tuple[str, Node]]) -> Expression:
    for key, node in reversed(steps):
        if key == "*":
            continue
        value = Expression("item", key, *node.start_point, (value,))
    return value


def wrapped(kind: ExpressionKind, inner: Expression) -> Expression:
    """An expression made of one other, at its place."""
    return Expression(kind, "", inner.line, inner.column, (inner,))
