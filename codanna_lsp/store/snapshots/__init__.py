"""The first store: a generation's columns and packed facts in one mapped file."""
