"""Byte offsets to lines and columns.

Invariant: a line ends at a line feed and nowhere else, as Tree-sitter has it.
"""

from itertools import accumulate


def line_starts(source: bytes) -> list[int]:
    """The offset at which each line starts; the line of an offset by `bisect`."""
    lengths = [len(line) + 1 for line in source.split(b"\n")]
    lengths.pop()
    return list(accumulate(lengths, initial=0))
