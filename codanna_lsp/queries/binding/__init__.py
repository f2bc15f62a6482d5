"""Names to what they stand for, through imports, out of the index."""
