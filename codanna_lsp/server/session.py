"""Session: one client, its open documents and its workspace folders.

Invariant: used on the loop only; what other threads report comes by `on_loop`.
Invariant: a document belongs to the deepest root that holds its file, or to none.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from codanna_lsp.errors import SettingsError
from codanna_lsp.server import guard, offering, watching
from codanna_lsp.server.client import Client
from codanna_lsp.server.keeping.tending import tend_for_ever
from codanna_lsp.server.root import Root
from codanna_lsp.server.texts import uris
from codanna_lsp.server.texts.documents import Document
from codanna_lsp.settings import Settings

if TYPE_CHECKING:
    from concurrent.futures import Future

    from codanna_lsp.server.protocol import Protocol

_log = logging.getLogger("codanna_lsp.server")

MAX_OPEN_DOCUMENTS = 10_000
MAX_ROOTS = 256  # each has a lock, an index in memory and up to three threads
LOADING_WAIT_S = 0.8  # Neovim's `:tag` gives up after a second
HUNT_S = 0.9  # for the answer to a name that the index does not know yet
ERROR, WARNING, INFO, LOG = 1, 2, 3, 4  # LSP's MessageType


class Place(NamedTuple):
    """A file as a question sees it: its root, and its path there."""

    root: Root
    path: str


class Session:
    """What one client works on."""

    def __init__(self, protocol: "Protocol", settings: Settings) -> None:
        self.protocol = protocol
        self.client = Client()
        self.settings = settings
        self.given_settings = settings
        self.roots: list[Root] = []
        self.documents: dict[str, Document] = {}
        self.loose = Root.without_folder(self)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.told_health: dict[str, Any] = {}
        self.is_told_of_files = False
        self.offered: set[str] | None = None  # before `initialize` is answered
        self._said: set[str] = set()
        self._tasks: set[asyncio.Future[Any]] = set()

    def start(self, folders: list[tuple[str, str]]) -> None:
        """Begin to serve the workspace folders of `initialize`."""
        for uri, name in folders:
            guard.attempt(f"opening {uri}", partial(self.add_root, uri, name=name))
        self.keep(asyncio.ensure_future(tend_for_ever(self)))

    def keep(self, task: "asyncio.Future[Any]") -> None:
        """Hold on to a task until it is done; a loop alone would forget it."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- workspace folders

    def add_root(self, uri: str, *, name: str = "") -> None:
        """Begin to serve a folder; one that is served already is left as it is."""
        path = uris.to_path(uri)
        if path is None:
            self.log(f"{uri} is no folder on this machine and is not indexed")
            return
        path = path.rstrip("/") or "/"
        if any(root.sources.path == path for root in self.roots):
            return
        if len(self.roots) >= MAX_ROOTS:
            self.log(f"{uri} is one folder too many and is not indexed", WARNING)
            return
        root = Root(self, path, name=name)
        self.roots.append(root)
        self.roots.sort(key=lambda known: -len(known.sources.path))
        self._hand_out_documents()
        root.start()

    def remove_root(self, uri: str) -> None:
        """No longer serve a folder; its index stays on disk."""
        path = uris.to_path(uri)
        if path is None:
            return
        path = path.rstrip("/") or "/"
        for root in [root for root in self.roots if root.sources.path == path]:
            self.roots.remove(root)
            root.close(timeout_s=0.0)
        self._hand_out_documents()

    def place_of(self, uri: str) -> Place | None:
        """Where a URI lies; None for what is no file."""
        path = uris.to_path(uri)
        if path is None:
            return None
        for root in self.roots:
            inner = root.sources.relative(path)
            if inner is not None:
                return Place(root, inner)
        inner = self.loose.sources.relative(path)
        return None if inner is None else Place(self.loose, inner)

    def places_around(self, place: Place) -> Iterator[Place]:
        """A file as the folders that its own root lies in see it, the nearest first."""
        path = f"{place.root.sources.real}/{place.path}"
        for root in self.roots:
            inner = None if root is place.root else root.sources.relative(path)
            if inner is not None:
                yield Place(root, inner)

    def searched(self) -> Iterator[Root]:
        """The roots that a question about the workspace goes to."""
        yield from self.roots
        if self.loose.sources.documents:
            yield self.loose

    @property
    def is_loading(self) -> bool:
        """True while any root's index is not there yet."""
        return any(root.is_loading for root in self.roots)

    @property
    def is_cold(self) -> bool:
        """True while an index is built for the first time anywhere."""
        return any(root.is_cold for root in self.roots)

    async def wait_until_loaded(self, timeout_s: float) -> None:
        """Wait for every root's index, but not longer than this."""
        keepers = [root.keeper for root in self.roots if root.keeper is not None]
        waits = [asyncio.ensure_future(keeper.loaded.wait()) for keeper in keepers]
        if waits:
            _, late = await asyncio.wait(waits, timeout=timeout_s)
            for wait in late:
                wait.cancel()

    def suspect_damage(self) -> None:
        """A question failed as it does when an index is damaged: look at them."""
        for root in self.roots:
            if root.keeper is not None:
                root.keeper.suspects_damage = True

    # ---- documents

    def open_document(
        self, uri: str, *, language_id: str, version: int, text: str
    ) -> None:
        """Take a text as the client opened it; opening twice replaces it."""
        is_new = _key(uri) not in self.documents
        if is_new and len(self.documents) >= MAX_OPEN_DOCUMENTS:
            self.log(f"{uri} is one open document too many and is left out", WARNING)
            return
        document = Document(
            uri=uri,
            path=uris.to_path(uri),
            language_id=language_id,
            version=version,
            text=text,
        )
        self.documents[_key(uri)] = document
        place = self.place_of(uri)
        if place is not None:
            place.root.document_opened(place.path, document)

    def find_document(self, uri: str) -> Document | None:
        """The open document of a URI, however the client spells it."""
        return self.documents.get(_key(uri))

    def document_changed(self, document: Document) -> None:
        """A document's text is another now."""
        place = self.place_of(document.uri)
        if place is not None:
            place.root.document_changed(place.path)

    def document_saved(self, uri: str) -> None:
        """A document was written to its file."""
        place = self.place_of(uri)
        if place is not None:
            place.root.document_saved(place.path)

    def files_changed(self, changed: list[str]) -> None:
        """Files or folders, by their URIs, changed on disk."""
        by_root: dict[Root, list[str]] = {}
        for uri in changed:
            place = self.place_of(uri)
            if place is not None:
                by_root.setdefault(place.root, []).append(place.path)
        for root, paths in by_root.items():
            root.files_changed(paths)

    def close_document(self, uri: str) -> None:
        """From now on the file on disk counts."""
        self.documents.pop(_key(uri), None)
        place = self.place_of(uri)
        if place is not None:
            place.root.document_closed(place.path)

    def _hand_out_documents(self) -> None:
        for root in (*self.roots, self.loose):
            root.sources.documents.clear()
        for document in self.documents.values():
            place = self.place_of(document.uri)
            if place is not None:
                place.root.document_opened(place.path, document)

    # ---- settings

    def take_options(self, given: Any) -> None:
        """Take the settings of `initialize`: those that come later lie over them."""
        self.change_settings(given)
        self.given_settings = self.settings

    def change_settings(self, given: Any) -> bool:
        """Lay a client's settings over the given ones; a wrong one is said once.

        The others hold all the same. Returns whether anything changed.
        """
        settings, ours = self.given_settings, _our_part(given)
        each: list[Any] = [ours]
        if isinstance(ours, dict):
            each = [{key: value} for key, value in cast("dict[str, Any]", ours).items()]
        for one in each:
            try:
                settings = settings.updated(one)
            except SettingsError as error:
                self.say_once(f"codanna-lsp: {error}", WARNING)
        if settings == self.settings:
            return False
        self._check_languages(settings)
        logging.getLogger("codanna_lsp").setLevel(settings.log_level.upper())
        watch, self.settings = self.settings.watch, settings
        for root in self.roots:
            root.change_settings(settings)
        if settings.watch != watch:
            watching.register(self)
        offering.register(self)
        return True

    def _check_languages(self, settings: Settings) -> None:
        """Say which languages nobody knows; the other settings hold all the same."""
        if not (settings.languages_off or settings.features or settings.fallback_only):
            return
        from codanna_lsp.languages.registry import check_languages

        try:
            check_languages(settings)
        except SettingsError as error:
            self.say_once(f"codanna-lsp: {error}", WARNING)

    def ask_for_settings(self) -> None:
        """Ask the client for our section of its configuration, where it has one."""
        if not self.client.configuration:
            return

        def answered(future: "Future[Any]") -> None:
            if future.exception() is None:
                self.on_loop(self._take_answer, future.result())

        params = {"items": [{"section": "codanna"}]}
        asked = self.protocol.ask("workspace/configuration", params)
        asked.add_done_callback(answered)

    def _take_answer(self, answer: Any) -> None:
        if isinstance(answer, list) and answer:
            self.change_settings(answer[0])

    # ---- to the client

    def on_loop(self, job: Callable[..., object], *arguments: Any) -> None:
        """Have the loop do something; safe from any thread, nothing after the end."""
        if self.loop is None:
            return
        try:
            self.loop.call_soon_threadsafe(job, *arguments)
        except RuntimeError:
            return  # the loop has ended: nobody is left to be told

    def show(self, text: str, kind: int) -> None:
        """Say something to the user."""
        self.protocol.notify("window/showMessage", {"type": kind, "message": text})
        self.log(text, kind)

    def say_once(self, text: str, kind: int) -> None:
        """Say something that the user needs to read only once in this session."""
        if text not in self._said:
            self._said.add(text)
            self.show(text, kind)

    def log(self, text: str, kind: int = INFO) -> None:
        """Write a line to the client's log of this server."""
        _log.debug("%s", text)
        self.protocol.notify("window/logMessage", {"type": kind, "message": text})

    def close(self, *, timeout_s: float) -> None:
        """End every root's work, in this time for all of them together.

        What was acknowledged is on disk already.
        """
        deadline = time.monotonic() + timeout_s
        for root in self.roots:
            root.close(timeout_s=max(0.0, deadline - time.monotonic()))


def _key(uri: str) -> str:
    path = uris.to_path(uri)
    return uri if path is None else path


def _our_part(given: Any) -> Any:
    """The settings proper: clients send them bare or under our name."""
    if isinstance(given, dict):
        for name in ("codanna", "codanna-lsp"):
            if name in given:
                return given[name]  # pyright: ignore[reportUnknownVariableType]
    return given  # pyright: ignore[reportUnknownVariableType]
