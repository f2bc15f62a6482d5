"""JavaScript, as data."""
