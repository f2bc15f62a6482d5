"""A language server that answers from a persistent index of the whole workspace."""
