"""Packed facts: their columns, their shape, and what can be read without unpacking all."""
