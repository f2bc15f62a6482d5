"""Text to facts: the only room that imports tree_sitter."""
