"""Bringing both stores to the next generation, in a process of its own."""
