"""What one static language writes in a way of its own: attributes, casts."""

from collections.abc import Sequence

from tree_sitter import Node

from codanna_lsp.extraction.live.python_syntax import text_of
from codanna_lsp.extraction.live.words import Expression

_MAX_TYPE = 200  # characters of a type
_MAKERS = frozenset(
    """
    const_cast dynamic_cast dynamic_pointer_cast make_shared make_unique
    reinterpret_cast static_cast static_pointer_cast
    """.split()
)


def made_by(callee: Node | None) -> Expression | None:
    """What C++'s `static_cast<T>(...)` and `std::make_unique<T>(...)` give."""
    while callee is not None and callee.type == "qualified_identifier":
        callee = callee.child_by_field_name("name")
    if callee is None or callee.type != "template_function":
        return None
    given = callee.child_by_field_name("arguments")
    name = text_of(callee.child_by_field_name("name"))
    if name not in _MAKERS or given is None or not given.named_children:
        return None
    written = given.named_children[0]
    return Expression("type", text_of(written)[:_MAX_TYPE], *written.start_point)


_BUILT_IN = frozenset(
    """
    allow automatically_derived bench cfg cfg_attr cold default deny deprecated doc
    expect export_name feature forbid global_allocator ignore inline link link_name
    macro_export macro_use must_use no_main no_mangle no_std non_exhaustive path
    panic_handler repr should_panic target_feature test track_caller unsafe warn
    """.split()
)


_DERIVES = frozenset(
    "Clone Copy Debug Default Eq Hash Ord PartialEq PartialOrd".split()
)


def is_built_in(path: Sequence[Node]) -> bool:
    """Whether the name at the end of a path is no name of a program.

    That is an attribute that Rust knows and what it is given, as in `#[cfg(test)]`, and
    the key in `#[serde(rename = "x")]`. Derived traits and macros are names, but for
    those that the compiler derives itself.
    """
    for index, node in enumerate(path):
        if node.type == "attribute":
            first = node.named_children[0]
            if text_of(first) in _BUILT_IN:
                return True
            if text_of(first) == "derive" and text_of(path[-1]) in _DERIVES:
                return True
            after = path[-1].next_sibling
            is_key = after is not None and after.type == "="
            return is_key and path[-1] != first and index < len(path) - 2
    return False
