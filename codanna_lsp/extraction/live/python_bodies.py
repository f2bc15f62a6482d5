"""What Python's functions and classes hold in the live tree, below their heads."""

from collections.abc import Iterator

from tree_sitter import Node

from codanna_lsp.extraction.live.python_scopes import (
    COMPREHENSIONS,
    GROUPS,
    SCOPES,
    evidence_of,
    home_of,
    instance_of,
    parameter_evidence,
    sees,
    wrapped,
)
from codanna_lsp.extraction.live.python_syntax import (
    expression_of,
    occurrence_of,
    text_of,
)
from codanna_lsp.extraction.live.scopes import Family, Path, bound, path_to
from codanna_lsp.extraction.live.words import Binding, Expression


def parameters_of(path: Path) -> list[Binding]:
    """The parameters of the function that a path ends with."""
    function = path[-1]
    parameters = function.child_by_field_name("parameters")
    found: list[Binding] = []
    for child in parameters.named_children if parameters is not None else ():
        name = child.child_by_field_name("name") or child
        while name.type != "identifier" and name.named_children:
            name = name.named_children[0]
        if name.type == "identifier":
            evidence = parameter_evidence([*path, parameters], child)  # type: ignore[list-item]
            found.append(bound(name, "parameter", "function", evidence))
    return found


def decorators_of(path: Path) -> list[Expression]:
    """The decorators of the declaration that a path ends with."""
    if len(path) < 2 or path[-2].type != "decorated_definition":
        return []
    found = (n for n in path[-2].named_children if n.type == "decorator")
    return [expression_of(n.named_children[0]) for n in found if n.named_children]


_NESTED = frozenset({"function_definition", "class_definition", "lambda"})


def _within(node: Node) -> Iterator[Node]:
    """The nodes of a body in source order, without what nested functions hold."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if current.type not in _NESTED or current == node:
            pending.extend(reversed(current.named_children))


def returns_of(path: Path) -> list[Expression]:
    """What a function returns; of a generator, an Iterator of what it yields."""
    body = path[-1].child_by_field_name("body")
    if body is None or path[-1].type != "function_definition":
        return []
    returned: list[Expression] = []
    yielded: list[Expression] = []
    for node in _within(body):
        if node.type == "return_statement" and node.named_children:
            returned.append(expression_of(node.named_children[0]))
        elif node.type == "yield":
            children = node.named_children
            value = expression_of(children[0] if children else node)
            if any(child.type == "from" for child in node.children):
                value = wrapped("element", value)
            yielded.append(value)
    if yielded:
        place = path[-1].start_point
        return [
            Expression("literal", "Iterator", *place, tuple(yielded[:_MOST_VALUES]))
        ]
    return returned[:_MOST_VALUES]


def attributes_of(path: Path, name: str) -> list[Binding]:
    """Assignments to `self.name` and `cls.name` in the methods of a class."""
    found: list[Binding] = []
    wanted = name.encode()
    body = path[-1].child_by_field_name("body")
    for statement in body.named_children if body is not None else ():
        method = statement.child_by_field_name("definition") or statement
        if method.type != "function_definition" or wanted not in (method.text or b""):
            continue
        parameters = method.child_by_field_name("parameters")
        first = parameters.named_children[:1] if parameters is not None else []
        receiver = text_of(first[0]).partition(":")[0] if first else ""
        target = f"{receiver}.{name}".encode()
        if receiver and target in (method.text or b""):
            _collect_attribute(method, target, found)
    return found


def _collect_attribute(method: Node, target: bytes, found: list[Binding]) -> None:
    for node in _within(method):
        if node.type != "attribute" or node.text != target:
            continue
        inner = path_to(method, node)
        above = inner[-2]
        attribute = node.child_by_field_name("attribute")
        assigned = above.child_by_field_name("left") == node
        grouped = above.type in GROUPS or above.type == "as_pattern_target"
        if not (assigned or grouped) or not any(n.type in _BINDERS for n in inner):
            continue
        evidence = evidence_of(inner)
        if attribute is not None and evidence.statement != inner[0]:
            found.append(bound(attribute, "variable", "class", evidence))


_BINDERS = frozenset(
    {"assignment", "augmented_assignment", "for_statement", "as_pattern_target"}
)
_MOST_VALUES = 8


def tests_of(path: Path, name: str) -> list[Expression]:
    """`isinstance(name, C)` in conditions around a use, innermost first."""
    found: list[Expression] = []
    for index in range(len(path) - 2, -1, -1):
        node, child = path[index], path[index + 1]
        if node.type in ("if_statement", "elif_clause", "while_statement"):
            if child == node.child_by_field_name("consequence") or (
                child == node.child_by_field_name("body")
            ):
                found += _instance_tests(node.child_by_field_name("condition"), name)
        elif node.type == "boolean_operator" and "and" in _operators(node):
            if child == node.child_by_field_name("right"):
                found += _instance_tests(node.child_by_field_name("left"), name)
        elif node.type == "conditional_expression":
            parts = node.named_children
            if len(parts) == 3 and child == parts[0]:
                found += _instance_tests(parts[1], name)
        elif node.type == "block":
            found += _asserted(node, child, name)
        elif node.type in COMPREHENSIONS:
            clauses = [n for n in node.named_children if n.type == "if_clause"]
            for clause in clauses:
                if child != clause and clause.named_children:
                    found += _instance_tests(clause.named_children[0], name)
        elif node.type == "function_definition":
            break
    return found


def _operators(node: Node) -> set[str]:
    return {child.type for child in node.children if not child.is_named}


def _asserted(block: Node, child: Node, name: str) -> list[Expression]:
    found: list[Expression] = []
    for statement in block.named_children:
        if statement == child:
            break
        if statement.type == "assert_statement" and statement.named_children:
            found += _instance_tests(statement.named_children[0], name)
        elif statement.type == "if_statement":
            found += _otherwise_left(statement, name)
    return found


_LEAVING = frozenset(
    {"return_statement", "raise_statement", "continue_statement", "break_statement"}
)


def _otherwise_left(statement: Node, name: str) -> list[Expression]:
    """`if not isinstance(name, C): return` tells of what comes after it."""
    condition = statement.child_by_field_name("condition")
    body = statement.child_by_field_name("consequence")
    last = body.named_children[-1:] if body is not None else []
    if condition is None or condition.type != "not_operator" or not last:
        return []
    if last[0].type not in _LEAVING or not condition.named_children:
        return []
    return _instance_tests(condition.named_children[0], name)


def _instance_tests(condition: Node | None, name: str) -> list[Expression]:
    found: list[Expression] = []
    pending = [condition]
    while pending:
        node = pending.pop()
        if node is None:
            continue
        if node.type == "parenthesized_expression" or (
            node.type == "boolean_operator" and "and" in _operators(node)
        ):
            pending.extend(node.named_children)
        elif node.type == "call" and (node.text or b"").startswith(b"isinstance"):
            arguments = node.child_by_field_name("arguments")
            given = arguments.named_children if arguments is not None else []
            if len(given) == 2 and text_of(given[0]) == name:
                found.append(instance_of(given[1]))
    return found


PYTHON = Family(
    scopes=SCOPES,
    identifiers=frozenset({"identifier"}),
    evidence=evidence_of,
    sees=sees,
    home=home_of,
    occurrence=occurrence_of,
    parameters=parameters_of,
    returns=returns_of,
    attributes=attributes_of,
    decorators=decorators_of,
    tests=tests_of,
)
