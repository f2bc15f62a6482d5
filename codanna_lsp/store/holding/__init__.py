"""The index folder: where it is, whose it is, who writes it."""
