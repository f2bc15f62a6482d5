"""C, C++, Go, Rust and Java in the live tree: what bindings are bound to."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from tree_sitter import Node

from codanna_lsp.extraction.live.python_syntax import text_of
from codanna_lsp.extraction.live.rust.patterns import implemented, rust_evidence
from codanna_lsp.extraction.live.rust.values import is_formatted, is_path_head
from codanna_lsp.extraction.live.scopes import (
    NOWHERE,
    USUAL,
    Evidence,
    Family,
    Path,
    bound,
    never_a_head,
    never_formatted,
    nothing,
)
from codanna_lsp.extraction.live.static_syntax import (
    Shapes,
    expression_in,
    occurrence_in,
)
from codanna_lsp.extraction.live.words import Binding, Expression, ScopeKind


class Declares(NamedTuple):
    """How a declaration says what it binds: the fields of its type and value.

    element: the value is iterated over.
    """

    type: str = ""
    value: str = ""
    element: bool = False


_UNSAID = frozenset({"auto", "var", "let", "const auto", "auto *", "auto &"})


def _evidence(
    shapes: Shapes, declarations: Mapping[str, Declares], path: Path
) -> Evidence:
    """What the name at the end of a path is bound to, by the declaration around it."""
    value: Node | None = None
    position, several = 0, False
    for index in range(len(path) - 2, -1, -1):
        node, child = path[index], path[index + 1]
        if node.type == "expression_list":
            position = node.named_children.index(child)
            several = len(node.named_children) > 1
        value = value or (
            node.child_by_field_name("value")
            if node.type in ("variable_declarator", "init_declarator")
            else None
        )
        fields = declarations.get(node.type)
        if fields is None:
            continue
        written = node.child_by_field_name(fields.type) if fields.type else None
        declared = text_of(written)
        if declared and declared not in _UNSAID:
            return Evidence(node, declared)
        value = value or (
            node.child_by_field_name(fields.value) if fields.value else None
        )
        taken = position if several or not fields.element else 0
        made = _value(shapes, value, fields, taken, several=several)
        return Evidence(node, value=made)
    return Evidence(path[-2])


def _value(
    shapes: Shapes,
    value: Node | None,
    fields: Declares,
    position: int,
    *,
    several: bool,
) -> Expression | None:
    if value is None:
        return None
    if value.type == "expression_list" and value.named_children:
        given = value.named_children
        value = given[position if len(given) > position else 0]
        if several and len(given) == 1:
            made = expression_in(shapes, value)
            if value.type not in shapes.calls:  # `value, ok := m[key]`
                return made if position == 0 and not fields.element else None
            return Expression("item", str(position), made.line, made.column, (made,))
    made = expression_in(shapes, value)
    if fields.element and position == 0 and shapes.items.get("index_expression"):
        return None  # Go's `for i := range xs`, and the `i` of `for i, x := range xs`.
    if fields.element and several:  # their `x`: of a map the value, not a key
        return Expression("item", "0", made.line, made.column, (made,))
    if fields.element:
        return Expression("element", "", made.line, made.column, (made,))
    return made


def _c_home(path: Path, capture: str) -> int:
    """Parameters of prototypes and fields bind nowhere that a body sees."""
    if capture == "type":  # of a body: `using key = int;`
        return USUAL
    lists = 0
    for index in range(len(path) - 2, -1, -1):
        kind = path[index].type
        if kind in ("compound_statement", "for_statement", "for_range_loop"):
            return USUAL
        if kind in ("function_definition", "lambda_expression", "catch_clause"):
            return index if lists == 1 else USUAL
        if kind == "preproc_function_def":
            return index
        if kind == "template_declaration":
            return index
        if kind == "parameter_list":
            lists += 1
        if kind in ("field_declaration", "type_definition") or lists > 1:
            return NOWHERE
        if kind == "declaration" and lists:
            return NOWHERE
    return USUAL


def _usual(_path: Path, _capture: str) -> int:
    return USUAL


def _go_home(path: Path, _capture: str) -> int:
    """A function's body is one scope with its parameters and named results."""
    for index in range(len(path) - 2, 0, -1):
        kind = path[index].type
        if kind == "block":
            return index - 1 if path[index - 1].type in _GO_FUNCTIONS else USUAL
        if kind in _GO_SCOPES:
            return USUAL
    return USUAL


_GO_FUNCTIONS = frozenset(
    {"function_declaration", "method_declaration", "func_literal"}
)
_GO_SCOPES = _GO_FUNCTIONS | {
    "if_statement",
    "for_statement",
    "expression_switch_statement",
    "type_switch_statement",
    "expression_case",
    "type_case",
    "default_case",
    "communication_case",
}


def _rust_home(path: Path, capture: str) -> int:
    """A pattern's upper-case names are constants; labels are no variables.

    What an impl or a trait holds is seen through `Self::` alone.
    """
    node, parent = path[-1], path[-2]
    if parent.type == "label":
        return NOWHERE
    around = path[-4].type if len(path) > 3 else ""
    if parent.type.endswith("_item") and around in ("impl_item", "trait_item"):
        return NOWHERE
    is_type = parent.child_by_field_name("type") == node
    if parent.type == "tuple_struct_pattern" and is_type:
        return NOWHERE
    constant = capture == "variable" and text_of(node)[:1].isupper()
    return NOWHERE if constant and not parent.type.endswith("_item") else USUAL


def _sees(path: Path, index: int) -> bool:
    """The iterated value of a loop does not see the loop's variable."""
    scope, child = path[index - 1], path[index]
    if scope.type in ("if_expression", "while_expression"):
        return not _is_matched(path, index)
    if scope.type in ("for_expression", "enhanced_for_statement"):
        return child != scope.child_by_field_name("value")
    return not (
        scope.type == "for_range_loop" and child == scope.child_by_field_name("right")
    )


def _is_matched(path: Path, index: int) -> bool:
    """Whether a use is the value of Rust's `if let p = value`, not behind it."""
    first = path[index]
    if first.type != "let_condition":
        return False  # of `a && let p = b` all is seen: a later part may use an earlier
    return len(path) > index + 1 and path[index + 1] == first.child_by_field_name(
        "value"
    )


def _parameters(
    shapes: Shapes, declarations: Mapping[str, Declares], path: Path
) -> list[Binding]:
    """The parameters of the function at the end of a path, by their first name."""
    parameters = path[-1].child_by_field_name("parameters")
    found: list[Binding] = []
    for child in parameters.named_children if parameters is not None else ():
        field = child.child_by_field_name("name") or child.child_by_field_name(
            "pattern"
        )
        if field is not None:
            evidence = _evidence(shapes, declarations, [*path, child, field])
            found.append(bound(field, "parameter", "function", evidence))
    return found


def static_family(
    scopes: Mapping[str, ScopeKind],
    identifiers: frozenset[str],
    shapes: Shapes,
    declarations: Mapping[str, Declares],
    *,
    classes_enclose: bool,
) -> Family:
    """A family of languages out of its tables."""
    homes = {"translation_unit": _c_home, "source_file": _go_home, "program": _usual}
    root = next(iter(scopes))
    is_rust = "closure_expression" in scopes
    home = _rust_home if is_rust else homes[root]
    evidence = (
        partial(rust_evidence, shapes)
        if is_rust
        else partial(_evidence, shapes, declarations)
    )
    return Family(
        scopes=scopes,
        identifiers=identifiers,
        evidence=evidence,
        sees=_sees,
        home=home,
        occurrence=partial(occurrence_in, shapes),
        parameters=partial(_parameters, shapes, declarations),
        is_formatted=is_formatted if is_rust else never_formatted,
        is_path_head=is_path_head if is_rust else never_a_head,
        implemented=partial(implemented, shapes) if is_rust else nothing,
        classes_enclose=classes_enclose,
        ordered=True,
        first_declares=home is _go_home,
    )
