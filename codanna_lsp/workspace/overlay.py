"""The overlay: unsaved text of open documents, over the files on disk.

Invariant: a document is never changed; a change makes a new one, so that a question
    keeps what it took.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from codanna_lsp.errors import QuestionError


class Document(NamedTuple):
    """One open document as its editor holds it.

    key: a path relative to the root, or a URI for what is no file.
    text: UTF-8 bytes. version: the editor's. saved: equals what is on disk, as far as
        the editor said.
    """

    key: str
    language: str
    version: int
    text: bytes
    saved: bool


class Edit(NamedTuple):
    """Bytes `start` to `stop` (half-open, in the text before) become `text`."""

    start: int
    stop: int
    text: bytes


class Overlay:
    """All open documents, by key; changed by one thread, read by any."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}

    def open(self, key: str, *, language: str, version: int, text: bytes) -> Document:
        """Take a document as its editor opened it; opening twice replaces it."""
        return self._put(Document(key, language, version, text, saved=True))

    def replace(self, key: str, *, version: int, text: bytes) -> Document:
        """Take the whole new text of an open document.

        Raises:
            QuestionError: the document is not open.
        """
        before = self.get_document(key)
        return self._put(before._replace(version=version, text=text, saved=False))

    def edit(self, key: str, *, version: int, edits: "list[Edit]") -> Document:
        """Make edits one after the other, each in the text that the last one left.

        Raises:
            QuestionError: the document is not open, or an edit lies outside its text.
        """
        before = self.get_document(key)
        text = before.text
        for edit in edits:
            if not 0 <= edit.start <= edit.stop <= len(text):
                raise QuestionError(
                    f"an edit of {key} from byte {edit.start} to {edit.stop} lies "
                    f"outside its {len(text)} bytes"
                )
            text = text[: edit.start] + edit.text + text[edit.stop :]
        return self._put(before._replace(version=version, text=text, saved=False))

    def saved(self, key: str) -> Document | None:
        """Note that a document was written to disk; None when it is not open."""
        before = self._documents.get(key)
        return None if before is None else self._put(before._replace(saved=True))

    def close(self, key: str) -> Document | None:
        """Forget a document and return it; None when it was not open."""
        documents = dict(self._documents)
        closed = documents.pop(key, None)
        self._documents = documents
        return closed

    def find_document(self, key: str) -> Document | None:
        """The open document of this key, if any."""
        return self._documents.get(key)

    def get_document(self, key: str) -> Document:
        """The open document of this key.

        Raises:
            QuestionError: it is not open.
        """
        document = self._documents.get(key)
        if document is None:
            raise QuestionError(f"{key} is not open")
        return document

    def snapshot(self) -> Mapping[str, Document]:
        """The documents as they are now, for a question; later changes do not show."""
        return MappingProxyType(self._documents)

    def _put(self, document: Document) -> Document:
        self._documents = {**self._documents, document.key: document}
        return document
