"""Texts as clients see them: open documents, positions, URIs."""
