"""Positions: byte columns inside, UTF-8, UTF-16 or UTF-32 units outside.

A line ends at a line feed, a carriage return or both, as LSP says. Inside the package
a carriage return of its own is a line feed, so that both count alike.

Invariant: a position past the end of a line or of the text is clamped, never an error.
Invariant: a column never points into the middle of a character.
"""

from itertools import accumulate
from typing import Literal

from codanna_lsp.extraction.lines import with_line_feeds

Encoding = Literal["utf-8", "utf-16", "utf-32"]

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")

BOM = b"\xef\xbb\xbf"
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
    """A file's UTF-8 text, as both sides count in it.

    `source` is without a carriage return that ends a line, and without a byte order mark, as extraction counts. Clients show none
    either when they read the file; a mark in a text that they sent is a character.
    """

    __slots__ = ("_mark_bytes", "_starts", "source")

    def __init__(self, source: bytes, *, from_client: bool = False) -> None:
        self._mark_bytes = 0
        if source.startswith(BOM):
            source = source[len(BOM) :]
            self._mark_bytes = len(BOM) if from_client else 0
        self.source = with_line_feeds(source)
        self._starts: list[int] | None = None

    @property
    def is_plain(self) -> bool:
        """True when every encoding gives the same columns."""
        return self.source.isascii() and not self._mark_bytes

    def to_client(self, line: int, column: int, encoding: Encoding) -> tuple[int, int]:
        """Our line and byte column as LSP's line and column."""
        starts = self._line_starts()
        if line >= len(starts):
            line, column = len(starts) - 1, len(self.source)
        start = starts[line]
        before = self.source[start : min(start + column, self._stop_of(line))]
        before = before.rstrip(b"\r")
        return line, units_of(before, encoding) + self._mark_units(line, encoding)

    def from_client(
        self, line: int, column: int, encoding: Encoding
    ) -> tuple[int, int]:
        """LSP's line and column as our line and byte column."""
        starts = self._line_starts()
        if line >= len(starts):
            last = len(starts) - 1
            return last, len(self.source) - starts[last]
        text = self.source[starts[line] : self._stop_of(line)].rstrip(b"\r")
        column -= self._mark_units(line, encoding)
        return line, bytes_of(text, column, encoding)

    def _stop_of(self, line: int) -> int:
        """Where a line's line feed is, or the text ends."""
        starts = self._line_starts()
        return starts[line + 1] - 1 if line + 1 < len(starts) else len(self.source)

    def _mark_units(self, line: int, encoding: Encoding) -> int:
        if line or not self._mark_bytes:
            return 0
        return self._mark_bytes if encoding == "utf-8" else 1

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            ends = accumulate(len(part) + 1 for part in self.source.split(b"\n"))
            self._starts = [0, *ends]
            self._starts.pop()
        return self._starts
