"""C, C++, Go, Rust and Java in the live tree: their scopes and shapes as tables."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from tree_sitter import Node

from codanna_lsp.extraction.scopes import (
    NOWHERE,
    USUAL,
    Evidence,
    Family,
    Path,
    bound,
)
from codanna_lsp.extraction.syntax_data import Binding, Expression, ScopeKind
from codanna_lsp.extraction.syntax_python import text_of
from codanna_lsp.extraction.syntax_static import Shapes, expression_in, occurrence_in


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
            return Expression("item", str(position), made.line, made.column, (made,))
    made = expression_in(shapes, value)
    if fields.element and position == 0 and shapes.items.get("index_expression"):
        return None  # Go's `for i := range xs`, and the `i` of `for i, x := range xs`.
    if fields.element:
        return Expression("element", "", made.line, made.column, (made,))
    return made


def _c_home(path: Path, _capture: str) -> int:
    """Parameters of prototypes and fields bind nowhere that a body sees."""
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


def _rust_home(path: Path, capture: str) -> int:
    """A pattern's upper-case names are constants; labels are no variables."""
    node, parent = path[-1], path[-2]
    if parent.type == "label":
        return NOWHERE
    is_type = parent.child_by_field_name("type") == node
    if parent.type == "tuple_struct_pattern" and is_type:
        return NOWHERE
    constant = capture == "variable" and text_of(node)[:1].isupper()
    return NOWHERE if constant and not parent.type.endswith("_item") else USUAL


def _sees(path: Path, index: int) -> bool:
    """The iterated value of a loop does not see the loop's variable."""
    scope, child = path[index - 1], path[index]
    if scope.type in ("for_expression", "enhanced_for_statement"):
        return child != scope.child_by_field_name("value")
    return not (
        scope.type == "for_range_loop" and child == scope.child_by_field_name("right")
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


def _family(
    scopes: Mapping[str, ScopeKind],
    identifiers: frozenset[str],
    shapes: Shapes,
    declarations: Mapping[str, Declares],
    *,
    classes_enclose: bool,
) -> Family:
    homes = {"translation_unit": _c_home, "source_file": _usual, "program": _usual}
    root = next(iter(scopes))
    home = _rust_home if "closure_expression" in scopes else homes[root]
    return Family(
        scopes=scopes,
        identifiers=identifiers,
        evidence=partial(_evidence, shapes, declarations),
        sees=_sees,
        home=home,
        occurrence=partial(occurrence_in, shapes),
        parameters=partial(_parameters, shapes, declarations),
        classes_enclose=classes_enclose,
        ordered=True,
    )


def _blocks(*types: str) -> dict[str, ScopeKind]:
    return dict.fromkeys(types, "block")


def _functions(*types: str) -> dict[str, ScopeKind]:
    return dict.fromkeys(types, "function")


def _classes(*types: str) -> dict[str, ScopeKind]:
    return dict.fromkeys(types, "class")


GO = _family(
    {
        "source_file": "file",
        **_functions("function_declaration", "method_declaration", "func_literal"),
        **_blocks("block", "if_statement", "for_statement", "select_statement"),
        **_blocks("expression_switch_statement", "type_switch_statement"),
        **_blocks("expression_case", "type_case", "default_case", "communication_case"),
        **_classes("type_spec"),
    },
    frozenset(
        {
            "identifier",
            "type_identifier",
            "field_identifier",
            "package_identifier",
            "interpreted_string_literal_content",
        }
    ),
    Shapes(
        names=frozenset({"identifier", "type_identifier", "package_identifier"}),
        members={
            "selector_expression": ("operand", "field"),
            "qualified_type": ("package", "name"),
        },
        calls={"call_expression": ("function",)},
        inner={
            "parenthesized_expression": "",
            "unary_expression": "operand",
            "slice_expression": "operand",
        },
        typed={
            "composite_literal": "type",
            "type_assertion_expression": "type",
            "type_conversion_expression": "type",
        },
        items={"index_expression": "operand"},
        imports=frozenset({"import_declaration"}),
        declares=frozenset({"function_declaration", "method_declaration", "type_spec"}),
        keys={"literal_element": ("", "type")},
    ),
    {
        "parameter_declaration": Declares("type"),
        "variadic_parameter_declaration": Declares("type"),
        "short_var_declaration": Declares("", "right"),
        "var_spec": Declares("type", "value"),
        "const_spec": Declares("type", "value"),
        "range_clause": Declares("", "right", element=True),
        "type_switch_statement": Declares("", "value"),
        "receive_statement": Declares("", "right"),
    },
    classes_enclose=False,
)

RUST = _family(
    {
        "source_file": "file",
        **_functions("function_item", "closure_expression", "function_signature_item"),
        **_blocks("block", "for_expression", "if_expression", "while_expression"),
        **_blocks("match_arm", "mod_item"),
        **_classes("impl_item", "struct_item", "enum_item", "trait_item"),
    },
    frozenset(
        {
            "identifier",
            "type_identifier",
            "field_identifier",
            "shorthand_field_identifier",
        }
    ),
    Shapes(
        names=frozenset({"identifier", "type_identifier", "self", "crate", "super"}),
        members={
            "field_expression": ("value", "field"),
            "scoped_identifier": ("path", "name"),
            "scoped_type_identifier": ("path", "name"),
        },
        calls={"call_expression": ("function",)},
        inner={
            "parenthesized_expression": "",
            "reference_expression": "value",
            "unary_expression": "",
            "try_expression": "",
            "await_expression": "",
            "generic_function": "function",
            "generic_type": "type",
        },
        typed={"struct_expression": "name", "type_cast_expression": "type"},
        items={"index_expression": ""},
        imports=frozenset({"use_declaration"}),
        declares=frozenset(
            {
                "function_item",
                "function_signature_item",
                "struct_item",
                "enum_item",
                "trait_item",
                "mod_item",
                "macro_definition",
                "field_declaration",
                "enum_variant",
            }
        ),
        keys={
            "field_initializer": ("field", "name"),
            "field_pattern": ("name", "type"),
        },
    ),
    {
        "parameter": Declares("type"),
        "let_declaration": Declares("type", "value"),
        "let_condition": Declares("", ""),
        "for_expression": Declares("", "value", element=True),
        "const_item": Declares("type", "value"),
        "static_item": Declares("type", "value"),
        "tuple_pattern": Declares(),
        "tuple_struct_pattern": Declares(),
        "struct_pattern": Declares(),
        "match_arm": Declares(),
    },
    classes_enclose=False,
)

JAVA = _family(
    {
        "program": "file",
        **_functions("method_declaration", "constructor_declaration"),
        **_functions("lambda_expression", "compact_constructor_declaration"),
        **_classes("class_declaration", "interface_declaration", "enum_declaration"),
        **_classes("record_declaration", "annotation_type_declaration"),
        **_blocks("block", "constructor_body", "for_statement"),
        **_blocks("enhanced_for_statement", "try_with_resources_statement"),
        **_blocks("catch_clause", "switch_block_statement_group", "switch_rule"),
    },
    frozenset({"identifier", "type_identifier"}),
    Shapes(
        names=frozenset({"identifier", "type_identifier", "this", "super"}),
        members={
            "field_access": ("object", "field"),
            "scoped_identifier": ("scope", "name"),
            "scoped_type_identifier": ("scope", "name"),
            "method_reference": ("object", "name"),
        },
        calls={"method_invocation": ("object", "name")},
        inner={"parenthesized_expression": "", "generic_type": ""},
        typed={"object_creation_expression": "type", "cast_expression": "type"},
        items={"array_access": "array"},
        imports=frozenset({"import_declaration", "package_declaration"}),
        declares=frozenset(
            {
                "class_declaration",
                "interface_declaration",
                "enum_declaration",
                "record_declaration",
                "method_declaration",
                "constructor_declaration",
                "enum_constant",
            }
        ),
        keys={"element_value_pair": ("key", "name")},
    ),
    {
        "formal_parameter": Declares("type"),
        "spread_parameter": Declares("type"),
        "local_variable_declaration": Declares("type"),
        "field_declaration": Declares("type"),
        "enhanced_for_statement": Declares("type", "value", element=True),
        "resource": Declares("type", "value"),
        "instanceof_expression": Declares("right"),
    },
    classes_enclose=True,
)

C = _family(
    {
        "translation_unit": "file",
        **_functions("function_definition", "lambda_expression"),
        **_functions("preproc_function_def"),
        **_classes("class_specifier", "struct_specifier", "union_specifier"),
        **_blocks("compound_statement", "for_statement", "for_range_loop"),
        **_blocks("catch_clause", "template_declaration", "case_statement"),
        **_blocks("if_statement", "while_statement", "namespace_definition"),
    },
    frozenset(
        {
            "identifier",
            "type_identifier",
            "field_identifier",
            "namespace_identifier",
            "statement_identifier",
            "string_content",
            "system_lib_string",
        }
    ),
    Shapes(
        names=frozenset(
            {"identifier", "type_identifier", "namespace_identifier", "this"}
        ),
        members={
            "field_expression": ("argument", "field"),
            "qualified_identifier": ("scope", "name"),
        },
        calls={"call_expression": ("function",)},
        inner={
            "parenthesized_expression": "",
            "pointer_expression": "argument",
            "template_type": "name",
            "template_function": "name",
            "template_method": "name",
        },
        typed={
            "cast_expression": "type",
            "new_expression": "type",
            "compound_literal_expression": "type",
        },
        items={"subscript_expression": "argument"},
        imports=frozenset({"preproc_include"}),
        declares=frozenset(
            {"class_specifier", "struct_specifier", "enum_specifier", "enumerator"}
        ),
        keys={"field_designator": ("", "type")},
    ),
    {
        "parameter_declaration": Declares("type"),
        "optional_parameter_declaration": Declares("type"),
        "declaration": Declares("type", "value"),
        "for_range_loop": Declares("type", "right", element=True),
    },
    classes_enclose=True,
)
