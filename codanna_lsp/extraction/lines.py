"""Byte offsets to lines and columns.

Invariant: a line ends at a line feed and nowhere else, as Tree-sitter has it.
"""

from itertools import accumulate, count
from operator import add


def line_starts(source: bytes) -> list[int]:
    """The offset at which each line starts; the line of an offset by `bisect`."""
    if b"\r" not in source:
        starts = list(accumulate(map(len, source.splitlines(keepends=True)), initial=0))
        if source[-1:] != b"\n":
            starts.pop()
        return starts or [0]
    lengths = accumulate(map(len, source.split(b"\n")), initial=0)
    starts = list(map(add, lengths, count()))  # each line feed before counts as one
    starts.pop()
    return starts
