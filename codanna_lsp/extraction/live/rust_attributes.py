"""Rust's attributes: which of their names the language itself gives a meaning."""

from collections.abc import Sequence

from tree_sitter import Node

from codanna_lsp.extraction.live.python_syntax import text_of

_BUILT_IN = frozenset(
    """
    allow automatically_derived bench cfg cfg_attr cold default deny deprecated doc
    expect export_name feature forbid global_allocator ignore inline link link_name
    macro_export macro_use must_use no_main no_mangle no_std non_exhaustive path
    panic_handler repr should_panic target_feature test track_caller unsafe warn
    """.split()
)


def is_built_in(path: Sequence[Node]) -> bool:
    """Whether the name at the end of a path is no name of a program.

    That is an attribute that Rust knows and what it is given, as in `#[cfg(test)]`, and
    the key in `#[serde(rename = "x")]`. Derived traits and macros are names.
    """
    for index, node in enumerate(path):
        if node.type == "attribute":
            first = node.named_children[0]
            if text_of(first) in _BUILT_IN:
                return True
            after = path[-1].next_sibling
            is_key = after is not None and after.type == "="
            return is_key and path[-1] != first and index < len(path) - 2
    return False
