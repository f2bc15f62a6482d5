"""Sources: the texts of one root's files, as the client sees them.

Invariant: an open document's text wins over the file on disk.
Invariant: no file outside the root is read; a file over the size limit has no text.
"""

import os
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from codanna_lsp.server.texts import uris
from codanna_lsp.server.texts.documents import Document
from codanna_lsp.server.texts.positions import Encoding, SourceText

if TYPE_CHECKING:
    from codanna_lsp.extraction.syntax import SyntaxTree
    from codanna_lsp.indexing.own_parsing import OwnParsing

MAX_KEPT_TEXTS = 64
MAX_KEPT_TEXT_BYTES = 1 << 20
MAX_KEPT_TREES = 32
MAX_PLAIN_FILES = 200_000
MAX_KEPT_URIS = 20_000


class Columns(NamedTuple):
    """LSP's line and columns of a name that stands on one line."""

    line: int
    start: int
    end: int


class Sources:
    """The open documents and the files of one root.

    `path` is the root as the client spells it, `real` the same without links.
    """

    def __init__(
        self, path: str, *, max_file_size: int, own_parsing: "Callable[[], OwnParsing]"
    ) -> None:
        self.path = path.rstrip("/") or "/"
        self.real = os.path.realpath(path)
        self.max_file_size = max_file_size
        self._own_parsing = own_parsing
        self.documents: dict[str, Document] = {}
        # Without a slash at its end, which for "/" leaves nothing but the scheme.
        self.base_uri = uris.from_path(f"{self.path.rstrip('/')}/x")[: -len("/x")]
        self._texts: OrderedDict[str, tuple[tuple[int, int], SourceText]] = (
            OrderedDict()
        )
        self._uris: dict[str, str] = {}
        self._plain: dict[str, tuple[int, int]] = {}
        self._trees: OrderedDict[str, tuple[bytes, SyntaxTree | None]] = OrderedDict()

    def relative(self, path: str) -> str | None:
        """An absolute path as one relative to the root; None when it lies outside."""
        for base in (self.path, self.real):
            prefix = base if base.endswith("/") else base + "/"
            if path.startswith(prefix):
                inner = os.path.normpath(path[len(prefix) :])
                if inner != "." and not inner.startswith(".."):
                    return inner
        return None

    def uri_of(self, path: str) -> str:
        """The URI of a file of the root; an open document's as its client spells it."""
        uri = self._uris.get(path)
        if uri is None:
            if len(self._uris) >= MAX_KEPT_URIS:
                self._uris.clear()
            uri = self.base_uri + uris.from_path("/" + path)[len("file://") :]
            self._uris[path] = uri
        if path in self.documents:
            return self.documents[path].uri
        return uri

    def text(self, path: str) -> SourceText | None:
        """A file's text; None when there is none to be had."""
        document = self.documents.get(path)
        if document is not None:
            return document.text
        stamp = self._stamp(path)
        if stamp is None:
            return None
        kept = self._texts.get(path)
        if kept is not None and kept[0] == stamp:
            self._texts.move_to_end(path)
            return kept[1]
        source = self._read(path)
        if source is None:
            return None
        text = SourceText(source)
        if text.is_plain:
            if len(self._plain) >= MAX_PLAIN_FILES:
                self._plain.clear()
            self._plain[path] = stamp
        if len(source) <= MAX_KEPT_TEXT_BYTES:
            self._texts[path] = (stamp, text)
            self._texts.move_to_end(path)
            if len(self._texts) > MAX_KEPT_TEXTS:
                self._texts.popitem(last=False)
        return text

    def tree(self, path: str) -> "SyntaxTree | None":
        """The syntax tree of a file's text, kept until the text changes."""
        text = self.text(path)
        if text is None or len(text.source) > self.max_file_size:
            return None  # a larger text of the client's is known, not looked into
        kept = self._trees.get(path)
        if kept is not None and (kept[0] is text.source or kept[0] == text.source):
            self._trees.move_to_end(path)
            return kept[1]
        tree = self._parse(path, text.source)
        self._trees[path] = (text.source, tree)
        if len(self._trees) > MAX_KEPT_TREES:
            self._trees.popitem(last=False)
        return tree

    def size(self, path: str) -> int:
        """A file's bytes on disk, 0 when it is not there."""
        stamp = self._stamp(path)
        return 0 if stamp is None else stamp[0]

    def forget(self, path: str) -> None:
        """Let go of what is kept of a file."""
        self._trees.pop(path, None)
        self._texts.pop(path, None)

    def columns(
        self,
        path: str,
        line: int,
        start: int,
        end: int,
        *,
        encoding: Encoding,
    ) -> Columns:
        """A name's byte columns in the client's units."""
        if self._is_plain(path):
            return Columns(line, start, end)
        text = self.text(path)
        if text is None:
            return Columns(line, start, end)
        first_line, first = text.to_client(line, start, encoding)
        last_line, last = text.to_client(line, end, encoding)
        return Columns(first_line, first, last if last_line == first_line else first)

    def _is_plain(self, path: str) -> bool:
        """Whether a file on disk is known to need no conversion at all."""
        stamp = self._plain.get(path)
        return (
            stamp is not None
            and path not in self.documents
            and stamp == self._stamp(path)
        )

    def _stamp(self, path: str) -> tuple[int, int] | None:
        try:
            found = os.stat(f"{self.real}/{path}")  # noqa: PTH116 - per symbol
        except (OSError, ValueError):
            return None
        return found.st_size, found.st_mtime_ns

    def _read(self, path: str) -> bytes | None:
        from codanna_lsp.workspace.fingerprint import read_source

        source = read_source(self.real, path, limit=self.max_file_size)
        if isinstance(source, str) or source.reason:
            return None
        return source.text

    def _parse(self, path: str, source: bytes) -> "SyntaxTree | None":
        from codanna_lsp.extraction.syntax import SyntaxTree
        from codanna_lsp.languages.registry import language_for_lsp_id, language_of

        language = language_of(path, source)
        if language is None and path in self.documents:
            language = language_for_lsp_id(self.documents[path].language_id)
        if language is None:
            return None
        return self._own_parsing().noted(
            source,
            language,
            path,
            lambda: SyntaxTree.parse(source, language),
            lambda _reason: None,
        )
