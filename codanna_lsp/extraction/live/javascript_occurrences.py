"""JavaScript and TypeScript in the live tree: what a name at a place is."""

from collections.abc import Sequence

from tree_sitter import Node

from codanna_lsp.extraction.live.javascript_patterns import pattern_source
from codanna_lsp.extraction.live.javascript_syntax import (
    CLASSES,
    FUNCTIONS,
    MEMBERS,
    expression_of,
    member_parts,
)
from codanna_lsp.extraction.live.python_syntax import (
    text_of,
)
from codanna_lsp.extraction.live.words import (
    Expression,
    Occurrence,
    OccurrencePlace,
)


def occurrence_of(path: Sequence[Node]) -> Occurrence | None:
    """What the name or import string at the end of a path is, or None."""
    node, parent = path[-1], path[-2]
    kind = parent.type
    if node.type == "string_fragment":
        return _module_string(path)
    if kind in _IMPORTING:
        return _imported(path)
    if kind in MEMBERS and node == member_parts(parent)[1]:
        return _member_occurrence(path)
    if kind in ("pair", "pair_pattern") and node == parent.child_by_field_name("key"):
        return _key(path)
    if node.type == "shorthand_property_identifier_pattern":
        return _occurrence(node, "name", path)
    if kind == "jsx_attribute" and node == parent.named_children[0]:
        element = path[-3].child_by_field_name("name")
        return _occurrence(node, "keyword", path, receiver=expression_of(element))
    if kind in _TAGS and text_of(node)[:1].islower():
        return None  # an element of HTML
    if node.type == "statement_identifier":
        return _occurrence(node, "label", path)
    declares = parent.child_by_field_name("name") == node
    if declares and node.type in ("property_identifier", "private_property_identifier"):
        return _occurrence(node, "definition", path)
    if declares and kind in _DECLARES:
        return _occurrence(node, "definition", path)
    return _occurrence(node, "name", path)


_TAGS = frozenset(
    {"jsx_opening_element", "jsx_closing_element", "jsx_self_closing_element"}
)
_DECLARES = (
    FUNCTIONS
    | CLASSES
    | {
        "interface_declaration",
        "type_alias_declaration",
        "enum_declaration",
        "internal_module",
        "module",
        "function_signature",
    }
)


_IMPORTING = frozenset(
    {
        "import_clause",
        "import_specifier",
        "namespace_import",
        "export_specifier",
        "namespace_export",
        "import_require_clause",
    }
)


def _module_string(path: Sequence[Node]) -> Occurrence | None:
    if len(path) < 3:
        return None
    above = path[-3]
    is_source = above.child_by_field_name("source") == path[-2]
    called = path[-4].child_by_field_name("function") if len(path) > 3 else None
    required = above.type == "arguments" and text_of(called) in ("require", "import")
    if not is_source and not required:
        return None
    return _occurrence(path[-1], "module", path, module=text_of(path[-1]))


def _imported(path: Sequence[Node]) -> Occurrence:
    node, parent = path[-1], path[-2]
    source = None
    for above in reversed(path):
        source = source or above.child_by_field_name("source")
    module = text_of(source)[1:-1]
    if parent.type == "export_specifier" and source is None:
        if parent.child_by_field_name("name") == node:
            return _occurrence(node, "name", path)
        inner = parent.child_by_field_name("name")
        name = text_of(inner)
        return _occurrence(node, "name", path)._replace(original=name)
    if parent.type in ("namespace_import", "namespace_export", "import_require_clause"):
        return _occurrence(node, "module", path, module=module)
    original = "default"
    if parent.type.endswith("specifier"):
        original = text_of(parent.child_by_field_name("name"))
    return _occurrence(node, "imported", path, module=module, original=original)


def _member_occurrence(path: Sequence[Node]) -> Occurrence:
    node, parent, above = path[-1], path[-2], path[-3]
    receiver = expression_of(member_parts(parent)[0])
    assigned = above.type in (
        "assignment_expression",
        "augmented_assignment_expression",
    )
    if assigned and above.child_by_field_name("left") == parent:
        return _occurrence(node, "attribute", path, receiver=receiver)
    return _occurrence(node, "member", path, receiver=receiver)


def _key(path: Sequence[Node]) -> Occurrence:
    """A key of an object: of a pattern, a member of what is taken apart."""
    node, parent = path[-1], path[-2]
    if parent.type == "pair_pattern":
        value = pattern_source(path[:-2])
        return _occurrence(node, "member", path, receiver=value)
    written = wanted_type(path[:-2])
    return _occurrence(node, "keyword", path, receiver=written)


def wanted_type(path: Sequence[Node]) -> Expression | None:
    """The type that an object literal at the end of a path is declared to have."""
    node, parent = path[-1], path[-2]
    declared = parent.child_by_field_name("type")
    if declared is not None and parent.child_by_field_name("value") == node:
        written = text_of(declared).lstrip(": ")
        return Expression("type", written, *declared.start_point)
    if parent.type in ("as_expression", "satisfies_expression"):
        last = parent.named_children[-1]
        return Expression("type", text_of(last), *last.start_point)
    if parent.type == "arguments" and node in parent.named_children:
        position = str(parent.named_children.index(node))
        callee = path[-3].child_by_field_name("function")
        callee = callee or path[-3].child_by_field_name("constructor")
        inner = expression_of(callee)
        return Expression("argument", position, inner.line, inner.column, (inner,))
    return None


def _occurrence(
    node: Node,
    place: OccurrencePlace,
    path: Sequence[Node],
    *,
    receiver: Expression | None = None,
    module: str = "",
    original: str = "",
) -> Occurrence:
    (line, column), (_, end_column) = node.start_point, node.end_point
    above = path[-3] if path[-2].type in MEMBERS and len(path) > 2 else path[-2]
    return Occurrence(
        text_of(node),
        place,
        line,
        column,
        end_column,
        receiver,
        module,
        original,
        in_type=node.type == "type_identifier",
        is_called=above.type in ("call_expression", "new_expression"),
    )
