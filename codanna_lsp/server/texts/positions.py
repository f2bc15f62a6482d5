"""Positions: byte columns inside, UTF-8, UTF-16 or UTF-32 units outside.

A line ends at a line feed, a carriage return or both, as LSP says. Inside the package
lines end at line feeds only, as the parser counts them; `SourceText` converts.

Invariant: a position past the end of a line or of the text is clamped, never an error.
Invariant: a column never points into the middle of a character.
"""

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")

BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_CONTINUATION = bytes(range(0x80, 0xC0))
_FOUR_BYTE_HEADS = bytes(range(0xF0, 0xF8))


def choose_encoding(offered: object) -> Encoding:
    """The first encoding a client offers that we speak; UTF-16 when it offers none."""
    if isinstance(offered, list):
        for name in offered:  # pyright: ignore[reportUnknownVariableType]
            for known in ENCODINGS:
                if name == known:
                    return known
    return "utf-16"


def units_of(text: bytes, encoding: Encoding) -> int:
    """How many units of the encoding this UTF-8 text has."""
    if encoding == "utf-8" or text.isascii():
        return len(text)
    characters = len(text.translate(None, _CONTINUATION))
    if encoding == "utf-32":
        return characters
    return characters + len(text) - len(text.translate(None, _FOUR_BYTE_HEADS))


def bytes_of(line: bytes, units: int, encoding: Encoding) -> int:
    """The byte column of a column in units, clamped to the line, on a character."""
    column = min(max(units, 0), len(line))
    if line[:column].isascii():
        return column
    if encoding == "utf-8":
        while column < len(line) and 0x80 <= line[column] < 0xC0:
            column -= 1
        return column
    seen = 0
    for column, byte in enumerate(line):
        if 0x80 <= byte < 0xC0:
            continue
        seen += 2 if byte >= 0xF0 and encoding == "utf-16" else 1
        if seen > units:
            return column
    return len(line)


class SourceText:
    """A file's UTF-8 text, seen in both ways of counting lines.

    `source` is without a byte order mark, as extraction counts. Clients show none
    either when they read the file; a mark in a text that they sent is a character.
    """

    __slots__ = ("_inner", "_mark_bytes", "_outer", "source")

    def __init__(self, source: bytes, *, from_client: bool = False) -> None:
        self._mark_bytes = 0
        if source.startswith(BOM):
            source = source[len(BOM) :]
            self._mark_bytes = len(BOM) if from_client else 0
        self.source = source
        self._outer: list[int] | None = None
        self._inner: list[int] | None = None

    @property
    def is_plain(self) -> bool:
        """True when every encoding and both ways of counting lines agree."""
        return (
            self.source.isascii()
            and not self._mark_bytes
            and self.source.count(b"\r") == self.source.count(b"\r\n")
        )

    def to_client(self, line: int, column: int, encoding: Encoding) -> tuple[int, int]:
        """Our line and byte column as LSP's line and column."""
        inner = self._inner_starts()
        if line >= len(inner):
            offset = len(self.source)
        else:
            # A column past the line's end stays before its "\n".
            last = inner[line + 1] - 1 if line + 1 < len(inner) else len(self.source)
            offset = min(inner[line] + column, last)
        outer = self._outer_starts()
        line = bisect_right(outer, offset) - 1
        before = self.source[outer[line] : offset].rstrip(b"\r\n")
        return line, units_of(before, encoding) + self._mark_units(line, encoding)

    def from_client(
        self, line: int, column: int, encoding: Encoding
    ) -> tuple[int, int]:
        """LSP's line and column as our line and byte column."""
        outer = self._outer_starts()
        if line >= len(outer):
            offset = len(self.source)
        else:
            stop = outer[line + 1] if line + 1 < len(outer) else len(self.source)
            text = self.source[outer[line] : stop].rstrip(b"\r\n")
            column -= self._mark_units(line, encoding)
            offset = outer[line] + bytes_of(text, column, encoding)
        inner = self._inner_starts()
        ours = bisect_right(inner, offset) - 1
        return ours, offset - inner[ours]

    def _mark_units(self, line: int, encoding: Encoding) -> int:
        if line or not self._mark_bytes:
            return 0
        return self._mark_bytes if encoding == "utf-8" else 1

    def _inner_starts(self) -> list[int]:
        if self._inner is None:
            ends = accumulate(len(part) + 1 for part in self.source.split(b"\n"))
            self._inner = [0, *ends]
            self._inner.pop()
        return self._inner

    def _outer_starts(self) -> list[int]:
        if self._outer is None:
            if b"\r" in self.source:
                ends = [match.end() for match in _LINE_END.finditer(self.source)]
                self._outer = [0, *ends]
            else:
                self._outer = self._inner_starts()
        return self._outer
