"""JavaScript and TypeScript in the live tree: scopes, and what bindings are bound to."""

from tree_sitter import Node

from codanna_lsp.extraction.live.javascript_occurrences import occurrence_of, tests_of
from codanna_lsp.extraction.live.javascript_patterns import (
    handed_to,
    position_of,
    taken_apart,
)
from codanna_lsp.extraction.live.javascript_syntax import (
    CLASSES,
    FUNCTIONS,
    expression_of,
    returned_by,
)
from codanna_lsp.extraction.live.python_syntax import text_of
from codanna_lsp.extraction.live.scopes import (
    NOWHERE,
    USUAL,
    Evidence,
    Family,
    Path,
    bound,
)
from codanna_lsp.extraction.live.words import Binding, Expression, ScopeKind

_SCOPES: dict[str, ScopeKind] = {
    "program": "file",
    **dict.fromkeys(FUNCTIONS, "function"),
    **dict.fromkeys(CLASSES, "class"),
    "interface_declaration": "class",
    "type_alias_declaration": "class",
    "function_signature": "function",
    "method_signature": "function",
    "abstract_method_signature": "function",
    "call_signature": "function",
    "construct_signature": "function",
    "function_type": "function",
    "constructor_type": "function",
    "index_signature": "block",
    "conditional_type": "block",
    "statement_block": "block",
    "class_static_block": "block",
    "for_statement": "block",
    "for_in_statement": "block",
    "catch_clause": "block",
    "switch_body": "block",
}
_PATTERNS = frozenset(
    {
        "object_pattern",
        "array_pattern",
        "pair_pattern",
        "rest_pattern",
        "assignment_pattern",
        "object_assignment_pattern",
    }
)


def _sees(path: Path, index: int) -> bool:
    scope, child = path[index - 1], path[index]
    if scope.type == "for_in_statement":
        return child != scope.child_by_field_name("right")
    return True


def _home(path: Path, capture: str) -> int:
    """A pattern binds where the declaration around it does."""
    if capture == "type_parameter" and path[-2].type == "infer_type":
        return _conditional_above(path)
    if capture != "variable":
        return USUAL
    for index in range(len(path) - 2, -1, -1):
        kind = path[index].type
        if kind in _PATTERNS:
            continue
        if kind == "variable_declarator":
            is_var = path[index - 1].type == "variable_declaration"
            return _function_above(path, index) if is_var else USUAL
        if kind == "for_in_statement":
            declares = path[index].child_by_field_name("kind")
            if declares is None:
                return NOWHERE
            return _function_above(path, index) if text_of(declares) == "var" else index
        if kind in ("assignment_expression", "expression_statement"):
            return NOWHERE
        return USUAL
    return USUAL


def _conditional_above(path: Path) -> int:
    """`infer K` binds in the conditional type whose condition it stands in."""
    for index in range(len(path) - 1, -1, -1):
        if path[index].type == "conditional_type":
            return index
    return USUAL


def _function_above(path: Path, index: int) -> int:
    for above in range(index, -1, -1):
        if _SCOPES.get(path[above].type) in ("function", "file"):
            return above
    return 0


_DECLARATIONS = FUNCTIONS | CLASSES


def evidence_of(path: Path) -> Evidence:
    """What the name at the end of a path is bound to."""
    steps: list[tuple[str, Node]] = []
    node = path[-1]
    if node.type == "shorthand_property_identifier_pattern":
        steps.append((text_of(node), node))
    for index in range(len(path) - 2, -1, -1):
        parent, child = path[index], path[index + 1]
        kind = parent.type
        if kind == "pair_pattern":
            steps.append((text_of(parent.child_by_field_name("key")), child))
        elif kind == "array_pattern":
            steps.append((str(position_of(child, parent)), child))
        elif kind not in _PATTERNS:
            return _bound_by(path[: index + 1], child, steps)
    return Evidence(path[0])


def _bound_by(path: Path, child: Node, steps: list[tuple[str, Node]]) -> Evidence:
    statement = path[-1]
    kind = statement.type
    if steps:
        return Evidence(statement, value=taken_apart(path, steps))
    if kind in ("variable_declarator", "required_parameter", "optional_parameter"):
        declared = text_of(statement.child_by_field_name("type")).lstrip(": ")
        value = statement.child_by_field_name("value")
        given = expression_of(value) if value is not None else None
        if kind != "variable_declarator" and not declared:
            given = given or handed_to(path)
        shown = path[-2] if path[-2].type.endswith("_declaration") else statement
        return Evidence(shown, declared, given)
    if kind in ("formal_parameters", "arrow_function"):
        inside = [*path, child] if kind == "formal_parameters" else path
        return Evidence(child, value=handed_to(inside))
    if kind == "for_in_statement":
        return Evidence(statement, value=taken_apart(path, ()))
    if kind == "type_parameter":
        constraint = statement.child_by_field_name("constraint")
        written = text_of(constraint).removeprefix("extends").strip()
        return Evidence(statement, written)
    exported = len(path) > 1 and path[-2].type == "export_statement"
    return Evidence(path[-2] if exported else statement)


def _function_of(path: Path) -> Node:
    """The function that a declaration at the end of a path declares."""
    node = path[-1]
    value = node.child_by_field_name("value")
    if value is not None and value.type in FUNCTIONS:
        return value
    right = node.child_by_field_name("right")
    return right if right is not None and right.type in FUNCTIONS else node


def _parameters_of(path: Path) -> list[Binding]:
    function = _function_of(path)
    parameters = function.child_by_field_name("parameters")
    single = function.child_by_field_name("parameter")
    children = parameters.named_children if parameters is not None else []
    found: list[Binding] = []
    for child in [single] if single is not None else children:
        name = child.child_by_field_name("pattern") or child
        stars = int(name.type == "rest_pattern")
        if name.type in ("assignment_pattern", "rest_pattern") and name.named_children:
            name = name.named_children[0]
        declared = text_of(child.child_by_field_name("type")).lstrip(": ")
        inside = [*path, function, *([parameters] if parameters is not None else [])]
        handed = handed_to([*inside, child]) if not declared else None
        evidence = Evidence(child, declared, handed, stars)
        found.append(bound(name, "parameter", "function", evidence))
    return found


def _returns_of(path: Path) -> list[Expression]:
    function = _function_of(path)
    declared = function.child_by_field_name("return_type")
    if declared is not None:
        written = text_of(declared).lstrip(": ")
        return [Expression("type", written, *declared.start_point)]
    body = function.child_by_field_name("body")
    if body is None:
        return []
    if body.type != "statement_block":
        return [expression_of(body)]
    return returned_by(body)


def _attributes_of(path: Path, name: str) -> list[Binding]:
    """Assignments to `this.name` in a class."""
    wanted = f"this.{name}".encode()
    owner = path[-1]
    found: list[Binding] = []
    pending = [owner] if wanted in (owner.text or b"") else []
    while pending:
        node = pending.pop()
        if node.type == "assignment_expression":
            left = node.child_by_field_name("left")
            if left is not None and left.text == wanted:
                property_name = left.child_by_field_name("property")
                value = expression_of(node.child_by_field_name("right"))
                evidence = Evidence(node, value=value)
                if property_name is not None:
                    found.append(bound(property_name, "variable", "class", evidence))
        elif node.type in ("public_field_definition", "field_definition"):
            _field(node, name, found)
        if node.type not in CLASSES or node == owner:
            pending.extend(reversed(node.named_children))
    return found


def _field(node: Node, name: str, found: list[Binding]) -> None:
    key = node.child_by_field_name("name") or node.child_by_field_name("property")
    value = node.child_by_field_name("value")
    if key is not None and value is not None and text_of(key) == name:
        evidence = Evidence(node, value=expression_of(value))
        found.append(bound(key, "variable", "class", evidence))


def _exported(root: Node) -> Expression | None:
    """What top-level code assigns to `module.exports`, through chains of `=`.

    Or the expression that it exports by default.
    """
    for statement in root.named_children:
        default = statement.child_by_field_name("value")
        if statement.type == "export_statement" and default is not None:
            return expression_of(default)
        node = statement.named_children[0] if statement.named_children else None
        if node is not None and node.type == "variable_declarator":
            value = node.child_by_field_name("value")
            if value is not None and b"module.exports" in (value.text or b"")[:200]:
                return expression_of(node.child_by_field_name("name"))
        while node is not None and node.type == "assignment_expression":
            right = node.child_by_field_name("right")
            if text_of(node.child_by_field_name("left")) == "module.exports":
                while right is not None and right.type == "assignment_expression":
                    right = right.child_by_field_name("right")
                name = right.child_by_field_name("name") if right is not None else None
                return expression_of(name or right)  # of a class or function: its name
            node = right
    return None


JAVASCRIPT = Family(
    scopes=_SCOPES,
    identifiers=frozenset(
        {
            "identifier",
            "property_identifier",
            "private_property_identifier",
            "type_identifier",
            "shorthand_property_identifier",
            "shorthand_property_identifier_pattern",
            "statement_identifier",
            "string_fragment",
        }
    ),
    evidence=evidence_of,
    sees=_sees,
    home=_home,
    occurrence=occurrence_of,
    parameters=_parameters_of,
    returns=_returns_of,
    attributes=_attributes_of,
    tests=tests_of,
    exported=_exported,
    classes_enclose=True,
)
