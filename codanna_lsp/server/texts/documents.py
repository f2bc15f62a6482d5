"""Documents: the texts that editors hold open, changed as the client says.

Invariant: `source` is the UTF-8 text after every change that was applied so far.
"""

import re

from codanna_lsp.server.texts.positions import Encoding, SourceText, bytes_of

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)")


class Document:
    """One open text; `path` is absolute, None where the URI names no file."""

    __slots__ = (
        "_digest",
        "_lines",
        "_source",
        "_text",
        "language_id",
        "path",
        "uri",
        "version",
    )

    def __init__(
        self, *, uri: str, path: str | None, language_id: str, version: int, text: str
    ) -> None:
        self.uri = uri
        self.path = path
        self.language_id = language_id
        self.version = version
        self._lines = _split(_encoded(text))
        self._source: bytes | None = None
        self._text: SourceText | None = None
        self._digest = b""

    @property
    def source(self) -> bytes:
        """The whole text as UTF-8."""
        if self._source is None:
            self._source = b"".join(self._lines)
        return self._source

    @property
    def digest(self) -> bytes:
        """The text's xxh3-128, which is the file's when it was saved so."""
        if not self._digest:
            from codanna_lsp.workspace.fingerprint import digest

            self._digest = digest(self.source)
        return self._digest

    @property
    def text(self) -> SourceText:
        """The text as something that positions can be converted with."""
        if self._text is None:
            self._text = SourceText(self.source, from_client=True)
        return self._text

    def replace(self, text: str) -> None:
        """Put another text in the place of the whole."""
        self._lines = _split(_encoded(text))
        self._forget()

    def edit(
        self,
        start: tuple[int, int],
        end: tuple[int, int],
        text: str,
        *,
        encoding: Encoding,
    ) -> None:
        """Replace what lies between two LSP positions; they are clamped to the text."""
        first, second = sorted((start, end))
        first_line, first_column = self._clamp(first, encoding)
        last_line, last_column = self._clamp(second, encoding)
        chunk = (
            self._lines[first_line][:first_column]
            + _encoded(text)
            + self._lines[last_line][last_column:]
        )
        # "\\r" and "\\n" that come together here are one line end.
        if (
            first_line > 0
            and chunk[:1] == b"\n"
            and self._lines[first_line - 1].endswith(b"\r")
        ):
            first_line -= 1
            chunk = self._lines[first_line] + chunk
        if last_line + 1 < len(self._lines):
            last_line += 1
            chunk += self._lines[last_line]
        pieces = _split(chunk)
        if last_line + 1 < len(self._lines):
            pieces.pop()  # the chunk ends with a line's end: nothing comes after it
        self._lines[first_line : last_line + 1] = pieces
        self._forget()

    def _clamp(self, position: tuple[int, int], encoding: Encoding) -> tuple[int, int]:
        line, units = position
        if line >= len(self._lines):
            last = len(self._lines) - 1
            return last, len(self._lines[last])
        text = self._lines[line]
        return line, bytes_of(text.rstrip(b"\r\n"), units, encoding)

    def _forget(self) -> None:
        self._source = None
        self._text = None
        self._digest = b""


def _encoded(text: str) -> bytes:
    # A lone surrogate is one unit in UTF-16 and becomes one "?" here.
    return text.encode("utf-8", "replace")


def _split(text: bytes) -> list[bytes]:
    """Lines with their ends; the last has none and may be empty."""
    if b"\r" in text:
        lines = _LINE.findall(text)
        lines.append(text[max(text.rfind(b"\r"), text.rfind(b"\n")) + 1 :])
        return lines
    lines = [part + b"\n" for part in text.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines
