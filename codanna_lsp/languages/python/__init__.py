"""Python, as data."""
