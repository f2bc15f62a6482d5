"""C, C++, Go, Rust and Java as tables: their scopes, shapes and declarations."""

from codanna_lsp.extraction.live.static_scopes import Declares, static_family
from codanna_lsp.extraction.live.static_syntax import (
    Shapes,
)
from codanna_lsp.extraction.live.words import ScopeKind


def _blocks(*types: str) -> dict[str, ScopeKind]:
    return dict.fromkeys(types, "block")


def _functions(*types: str) -> dict[str, ScopeKind]:
    return dict.fromkeys(types, "function")


def _classes(*types: str) -> dict[str, ScopeKind]:
    return dict.fromkeys(types, "class")


GO = static_family(
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
            "label_name",
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
        keys={},
        literals={},
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


RUST = static_family(
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
        literals={},
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
    classes_enclose=True,
)


JAVA = static_family(
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
        literals={
            "string_literal": "string",
            "character_literal": "char",
            "decimal_integer_literal": "int",
            "hex_integer_literal": "int",
            "octal_integer_literal": "int",
            "binary_integer_literal": "int",
            "decimal_floating_point_literal": "float",
            "true": "bool",
            "false": "bool",
            "null_literal": "null",
            "class_literal": "class",
            "lambda_expression": "function",
            "method_reference": "function",
        },
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


C = static_family(
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
        keys={},
        literals={
            "string_literal": "string",
            "raw_string_literal": "string",
            "concatenated_string": "string",
            "char_literal": "char",
            "number_literal": "int",
            "true": "bool",
            "false": "bool",
            "null": "null",
            "lambda_expression": "function",
        },
    ),
    {
        "parameter_declaration": Declares("type"),
        "optional_parameter_declaration": Declares("type"),
        "declaration": Declares("type", "value"),
        "for_range_loop": Declares("type", "right", element=True),
    },
    classes_enclose=True,
)
