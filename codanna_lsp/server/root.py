"""Root: one workspace folder with its index, its open documents and its worker.

Invariant: questions are asked on the loop; everything that writes runs in the worker.
Invariant: a view shows the open documents' text, saved or not.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Self

from codanna_lsp.server import guard
from codanna_lsp.server.keeping.keeper import Keeper
from codanna_lsp.server.texts.documents import Document
from codanna_lsp.server.texts.sources import Sources
from codanna_lsp.settings import Settings

if TYPE_CHECKING:
    from codanna_lsp.index.view import View
    from codanna_lsp.indexing.own_parsing import OwnParsing
    from codanna_lsp.model.facts import FileFacts, FileRecord
    from codanna_lsp.server.session import Session
    from codanna_lsp.store.holding.parse_notes import ParseNotes

RESCAN_AFTER_S = 10.0
LET_GO_S = 1.0
READ_AFTER_S = 0.1  # since the last change of any document
MAX_READ_AHEAD_BYTES = 200_000


class Root:
    """One workspace folder, or (`without_folder`) the open files that lie in none.

    keeper: what loads, saves and refreshes the index; None without a folder.
    """

    def __init__(self, session: "Session", path: str, *, name: str = "") -> None:
        self._session = session
        self.name = name or path.rstrip("/").rpartition("/")[2] or path
        limit = session.settings.max_file_size_bytes
        self.sources = Sources(
            path, max_file_size=limit, own_parsing=lambda: self.own_parsing
        )
        self.keeper: Keeper | None = None
        self._records: dict[str, tuple[bytes, FileRecord]] = {}
        self._saving: dict[str, Future[Any]] = {}
        self._lingering: dict[str, Document] = {}
        self._reading: asyncio.TimerHandle | None = None
        self._view: tuple[tuple[Any, ...], View] | None = None
        self._own_parsing: OwnParsing | None = None
        self._own_lock = threading.Lock()

    @classmethod
    def without_folder(cls, session: "Session") -> Self:
        """Files outside every workspace folder, known as far as they are open."""
        return cls(session, "/")

    def start(self) -> None:
        """Load the index behind the answers."""
        self.start_over()

    def start_over(self, before: Callable[[], None] | None = None) -> None:
        """Let go of the index and load it anew; `before` is done in between."""
        if self.keeper is not None:
            self.keeper.close(timeout_s=LET_GO_S)
        self.keeper = Keeper(self._session, self)
        self.keeper.start(before)

    @property
    def is_loading(self) -> bool:
        """True until the index is there, or until it is known that it never will be."""
        return self.keeper is not None and not self.keeper.loaded.is_set()

    @property
    def is_cold(self) -> bool:
        """True while the index is built for the first time: it may be worth a hunt."""
        return self.keeper is not None and self.keeper.is_cold

    async def hunt(self, name: str, *, until: float) -> bool:
        """Have files that hold a name indexed first; whether asking again is worth it.

        until: when to give up, in `time.monotonic` seconds.
        """
        future = None if self.keeper is None else self.keeper.hunt(name, until=until)
        if future is None:
            return False
        await asyncio.wrap_future(future)
        return True

    def close(self, *, timeout_s: float) -> None:
        """End the work; what was acknowledged is on disk already."""
        if self.keeper is not None:
            self.keeper.close(timeout_s=timeout_s)

    # ---- what questions see

    def view(self) -> "View":
        """The index with the open documents' text laid over it."""
        below = self._indexed()
        laid_over = self._laid_over(below)
        if not laid_over:
            self._view = None
            return below
        stamp = (below.data, *laid_over)
        if self._view is None or not _are_same(self._view[0], stamp):
            self._view = (stamp, below.laid_over(laid_over))
        return self._view[1]

    def facts(self, path: str) -> "FileFacts | None":
        """All that a file says, as its text is now; None where nothing is known."""
        found = self.view().facts(path)
        document = self.sources.documents.get(path)
        if found is not None or document is None:
            return found
        record = self._record_of(path, document)
        if record is None or not record.facts:
            return None
        from codanna_lsp.index.codec import unpack_facts

        return unpack_facts(record.facts)

    @property
    def own_parsing(self) -> "OwnParsing":
        """The parses of this root's texts in this process; for any thread."""
        if self._own_parsing is None:
            from codanna_lsp.indexing.own_parsing import OwnParsing

            with self._own_lock:
                self._own_parsing = self._own_parsing or OwnParsing(
                    self._notes, self._say_refused
                )
        return self._own_parsing

    def _say_refused(self, path: str, reason: str) -> None:
        from codanna_lsp.model.facts import Reason

        until = "for now" if reason == Reason.NO_PROCESS else "until it changes"
        text = f"codanna-lsp: {path} is left out {until}: {reason}"
        self._session.on_loop(self._session.say_once, text, 2)

    def _notes(self) -> "ParseNotes | None":
        store = None if self.keeper is None else self.keeper.store
        return None if store is None else store.parse_notes

    def was_asked(self) -> None:
        """A question was answered: look for changed files if nobody else does."""
        if self.keeper is not None:
            self.keeper.rescan_if_old(RESCAN_AFTER_S)

    def _indexed(self) -> "View":
        if self.keeper is not None and self.keeper.store is not None:
            return self.keeper.store.view()
        from codanna_lsp.index.index_data import IndexData
        from codanna_lsp.index.view import View

        return View(IndexData())

    def _laid_over(self, below: "View") -> "list[FileRecord]":
        changed: list[FileRecord] = []
        for path, document in {**self._lingering, **self.sources.documents}.items():
            record = self._record_of(path, document, below)
            if record is not None:
                changed.append(record)
        return changed

    def _record_of(
        self, path: str, document: Document, below: "View | None" = None
    ) -> "FileRecord | None":
        """What the document's text says, None when the index says just that."""
        source = document.source
        if len(source) > self.sources.max_file_size:
            return None
        if below is not None:
            known = below.data.record_without_facts(path)
            if known is not None and known.fingerprint.digest == document.digest:
                return None
        kept = self._records.get(path)
        if kept is not None and kept[0] is source:
            return kept[1]
        off = self._session.settings.languages_off
        record = _extracted(path, document, off, self.own_parsing)
        if not record.language:
            return None
        self._records[path] = (source, record)
        return record

    # ---- what the client tells

    def document_opened(self, path: str, document: Document) -> None:
        """A document of this root was opened, or came over from another root."""
        self.sources.documents[path] = document
        self._lingering.pop(path, None)
        if self.keeper is not None:
            self.keeper.file_opened(path)

    def document_changed(self, path: str) -> None:
        """A document's text is another: what was kept of the old one can go."""
        self._records.pop(path, None)
        if self._reading is not None:
            self._reading.cancel()
        loop = asyncio.get_running_loop()
        self._reading = loop.call_later(READ_AFTER_S, self._read_ahead, path)

    def document_saved(self, path: str) -> None:
        """A file was written: index it as one transaction, behind the answers."""
        if self.keeper is None:
            return
        future = self.keeper.save(path, self._known_record(path))
        if future.done():
            return
        self._saving[path] = future
        future.add_done_callback(
            lambda done: self._session.on_loop(self._saved, path, done)
        )

    def document_closed(self, path: str) -> None:
        """The file on disk counts again, as soon as its save is in the index."""
        document = self.sources.documents.pop(path, None)
        self._records.pop(path, None)
        self.sources.forget(path)
        if document is not None and path in self._saving:
            self._lingering[path] = document
        elif self.keeper is not None:
            self.keeper.files_changed([path])

    def files_changed(self, paths: list[str]) -> None:
        """Files or folders changed on disk."""
        if self.keeper is not None:
            self.keeper.files_changed(paths)

    def change_settings(self, settings: Settings) -> None:
        """Take other settings; which files are indexed is planned again."""
        self.sources.max_file_size = settings.max_file_size_bytes
        self._records.clear()
        if self.keeper is None or self.keeper.change_settings(settings):
            return
        self.start_over()  # in another place

    def _known_record(self, path: str) -> "FileRecord | None":
        document, kept = self.sources.documents.get(path), self._records.get(path)
        if document is None or kept is None or kept[0] is not document.source:
            return None
        return kept[1]

    def _read_ahead(self, path: str) -> None:
        """Extract a text that is no longer typed in, before a question needs it."""
        self._reading = None
        document = self.sources.documents.get(path)
        if document is None or self.is_loading:  # what must not be parsed is not known
            return
        if len(document.source) <= MAX_READ_AHEAD_BYTES:
            guard.attempt("reading a document", lambda: self._record_of(path, document))

    def _saved(self, path: str, done: "Future[Any]") -> None:
        if self._saving.get(path) is done:
            del self._saving[path]
            self._lingering.pop(path, None)


def _are_same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return len(one) == len(other) and all(map(_is, one, other))


def _is(one: Any, other: Any) -> bool:
    return one is other


def _extracted(
    path: str,
    document: Document,
    off: "Collection[str]",
    own: "OwnParsing",
) -> "FileRecord":
    from codanna_lsp.indexing.records import to_record
    from codanna_lsp.model.facts import Fingerprint
    from codanna_lsp.workspace.fingerprint import Source

    stamp = Fingerprint(len(document.source), time.time_ns(), document.digest)
    return to_record(
        path,
        Source(document.source, stamp),
        indexed_ns=0,
        off=off,
        own=own,
        again=True,
        language_id=document.language_id,
    )
