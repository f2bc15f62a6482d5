"""C++, as data."""
