"""Java, as data."""
