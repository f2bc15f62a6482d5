"""Byte offsets to lines and columns.

Invariant: a line ends at a line feed and nowhere else, as Tree-sitter has it.
"""

from itertools import accumulate


def line_starts(source: bytes) -> list[int]:
    """The offset at which each line starts; the line of an offset by `bisect`."""
    starts = list(accumulate(map(len, source.split(b"\n")), _after, initial=0))
    starts.pop()
    return starts


def _after(start: int, length: int) -> int:
    return start + length + 1
