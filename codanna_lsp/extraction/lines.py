"""Byte offsets to lines and columns.

Invariant: a line ends at a line feed and nowhere else, as Tree-sitter has it. A text
goes through `with_line_feeds` before anything counts in it.
"""

import re
from itertools import accumulate, count
from operator import add

_LONE_RETURN = re.compile(rb"\r(?!\n)")


def with_line_feeds(source: bytes) -> bytes:
    """A text with a line feed for each carriage return that ends a line of its own.

    LSP counts such a line, grammars do not: a comment would swallow all that follows.
    """
    if b"\r" in source and source.count(b"\r") != source.count(b"\r\n"):
        return _LONE_RETURN.sub(b"\n", source)
    return source


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
