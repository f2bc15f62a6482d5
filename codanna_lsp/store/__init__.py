"""The index on disk: the only room that writes files."""
