"""The words: frozen data that every room speaks, without I/O."""
