"""Places in files as people write them: `path:line:column`, from 1, in characters.

The index counts from 0 and in bytes of UTF-8; the lines themselves are read here to
tell one from the other.
"""

import re
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.cli.terminal import one_line
from codanna_lsp.errors import QuestionError
from codanna_lsp.extraction.lines import with_line_feeds
from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.settings import Settings
from codanna_lsp.workspace.fingerprint import read_source

_PLACE = re.compile(
    r"(?P<file>.+?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?:?", re.DOTALL
)


class GivenPlace(NamedTuple):
    """A place as a user gave it; line and column from 1."""

    file: Path
    line: int
    column: int


class Lines:
    """The lines of a workspace's files, read once each while one command runs."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root = root
        self._limit = settings.max_file_size_bytes
        self._lines: dict[str, list[bytes]] = {}

    def text(self, path: str) -> bytes:
        """The file's text as UTF-8; b"" when it cannot be read."""
        source = read_source(str(self._root), path, limit=self._limit)
        return b"" if isinstance(source, str) else source.text

    def line(self, path: str, number: int) -> bytes:
        """One line, counted from 0, without its end; b"" when there is none."""
        if path not in self._lines:
            text = with_line_feeds(self.text(path))
            self._lines[path] = text.split(b"\n") if text else []
        lines = self._lines[path]
        return lines[number] if 0 <= number < len(lines) else b""

    def has(self, path: str, number: int) -> bool:
        """Whether the file can be read and has this line, counted from 0."""
        self.line(path, 0)
        return 0 <= number < len(self._lines[path])

    def column(self, path: str, line: int, column: int) -> int:
        """The character column from 1 of a byte column from 0."""
        before = self.line(path, line)[:column]
        characters = len(before.decode("utf-8", errors="replace"))
        # In a line that is gone since it was indexed, bytes are the best there is.
        return characters + column - len(before) + 1

    def shown(self, path: str, line: int, column: int) -> str:
        """`path:line:column` for people, of a line and a byte column from 0."""
        return f"{path}:{line + 1}:{self.column(path, line, column)}"

    def byte_column(self, path: str, line: int, column: int) -> int:
        """The byte column from 0 of a character column from 1."""
        text = self.line(path, line).decode("utf-8", errors="surrogateescape")
        return len(text[: column - 1].encode("utf-8", errors="surrogateescape"))


def read_place(text: str) -> GivenPlace:
    """`FILE:LINE:COLUMN` taken apart.

    Raises:
        QuestionError: it has another form, or counts from 0.
    """
    found = _PLACE.fullmatch(text)
    if found is None or found["column"] is None:
        raise QuestionError(
            f"{text!r} is no place in a file",
            advice="write FILE:LINE:COLUMN, counted from 1, as in src/app.py:12:5",
        )
    line, column = int(found["line"]), int(found["column"])
    if line < 1 or column < 1:
        raise QuestionError(
            f"{text!r} counts from 0", advice="lines and columns are counted from 1"
        )
    return GivenPlace(Path(found["file"]), line, column)


def kind_name(kind: int) -> str:
    """A symbol kind in words: `class`, `enum member`."""
    return SymbolKind(kind).name.lower().replace("_", " ")


def path_from_here(root: Path, path: str) -> str:
    """A path of the index as it is opened from the current folder, on one line."""
    here = Path.cwd()
    whole = root / path
    return one_line(
        str(whole.relative_to(here) if whole.is_relative_to(here) else whole)
    )
