"""The live tree of an open file, by families of languages."""
