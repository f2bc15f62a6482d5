"""Questions: LSP-free, one file a question, pure functions of a View."""
