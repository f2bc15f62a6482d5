"""Places in text: 0-based lines and UTF-8 byte columns, half-open."""

from typing import NamedTuple


class Span(NamedTuple):
    """A half-open stretch of one file's text."""

    start_line: int
    start_column: int
    stop_line: int
    stop_column: int


class Location(NamedTuple):
    """A span in a file; `path` is relative to the root."""

    path: str
    span: Span
