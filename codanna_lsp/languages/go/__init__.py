"""Go, as data."""
