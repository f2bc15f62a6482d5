"""C, as data."""
