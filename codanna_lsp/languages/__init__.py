"""Languages as data: one folder a language."""
