"""Keeper: loads one root's index and keeps it true, behind the answers.

Invariant: runs and saves have a worker each, so a save never waits for a run.
Invariant: nothing heavy is imported before the first answers of a warm start.
Invariant: whatever the store or the indexer meets becomes words for the user, once.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from codanna_lsp.errors import CorruptionError
from codanna_lsp.server import guard, watching
from codanna_lsp.server.keeping.gathering import EVERYTHING, Gathering
from codanna_lsp.server.keeping.own_watcher import OwnWatcher
from codanna_lsp.server.keeping.progress import RunBar
from codanna_lsp.server.keeping.saving import Saver
from codanna_lsp.server.keeping.telling import Teller
from codanna_lsp.server.keeping.worker import Worker
from codanna_lsp.settings import Settings

if TYPE_CHECKING:
    from codanna_lsp.indexing.indexer import Indexer
    from codanna_lsp.indexing.progress import RunSummary
    from codanna_lsp.model.facts import FileRecord
    from codanna_lsp.server.root import Root
    from codanna_lsp.server.session import Session
    from codanna_lsp.store.index_store import IndexStore

FRESHNESS_DELAY_S = 0.5  # the first answers of a warm start come before it
_HUNT_PAUSE_S = 0.02

_Result = TypeVar("_Result")


class Keeper:
    """One root's store and indexer; used on the loop, works in its workers.

    loaded: set when questions can see the index, or when there will never be one.
    suspects_damage: something met bytes that were not written so: `tending` looks.
    """

    def __init__(self, session: "Session", root: "Root") -> None:
        self._session = session
        self._root = root
        self._settings = session.settings
        self.loaded = asyncio.Event()
        self.store: IndexStore | None = None
        self._held: IndexStore | None = None  # as soon as it has the lock
        self.teller = Teller(session, root)
        self.last_run: RunSummary | None = None
        self.suspects_damage = False
        self._was_empty = False
        self._runs_waiting = 0
        self._walks_waiting = 0
        self.indexer: Indexer | None = None
        self._indexer_lock = threading.Lock()
        self._stop = threading.Event()
        self._runs = Worker(f"codanna-runs {root.name}")
        self._saver = Saver(self, root, lambda job: self._then(job, _nothing))
        self._hunts = Worker(f"codanna-hunts {root.name}")
        self.watcher = OwnWatcher(session, Path(root.sources.real), self.files_changed)
        self._bar = RunBar(session, root.name)
        self._gathering = Gathering(self._look_at_changed)
        self._looked_s = time.monotonic()

    # ---- loading

    def start(self, before: Callable[[], None] | None = None) -> None:
        """Load the index in a worker; `before` is done there first."""

        def open_store() -> "IndexStore":
            if before is not None:
                before()
            store = self._held = self._open()
            if self._stop.is_set():
                store.close()
            return store

        self._then(self._runs.submit(open_store), self._opened)

    def close(self, *, timeout_s: float) -> None:
        """End all work and give the lock back; what was committed is on disk."""
        deadline = time.monotonic() + timeout_s
        self._stop.set()
        self._gathering.close()
        for worker in (self._hunts, self._saver, self._runs):
            worker.close(timeout_s=max(0.0, deadline - time.monotonic()))
        self.loaded.set()
        self.watcher.stop()
        store = self._held
        if store is not None:
            # A run that did not stop in time may hold the store's lock: the process
            # ends all the same, and the system gives the lock back.
            name = f"codanna-closing {self._root.name}"
            closing = threading.Thread(target=store.close, name=name, daemon=True)
            closing.start()
            closing.join(max(0.2, deadline - time.monotonic()))

    def _open(self) -> "IndexStore":
        from codanna_lsp.store.holding.folder import folder_of
        from codanna_lsp.store.index_store import IndexStore

        root = Path(self._root.sources.real)
        if self._settings.index_place == "memory":
            return IndexStore.in_memory(root)
        return IndexStore.open(
            folder_of(root, self._settings),
            root=root,
            on_incident=self.teller.tell_incident,
            on_damaged_file=self._damaged_file,
            on_durable=self.teller.tell_durable,
        )

    def _opened(self, store: "IndexStore | None") -> None:
        if self._stop.is_set():
            return
        if store is None:
            from codanna_lsp.store.index_store import IndexStore

            self.teller.tell_failure("the index could not be opened")
            store = IndexStore.in_memory(Path(self._root.sources.real))
        self._was_empty = store.data.file_count == 0
        self.store = store
        self.loaded.set()
        if store.data.file_count:
            loop = asyncio.get_running_loop()
            loop.call_later(FRESHNESS_DELAY_S, self._first_look)
        else:
            self._first_look()

    def _first_look(self) -> None:
        if self._stop.is_set():
            return
        if self._was_empty:
            # Nobody is to wait for the watcher; a look behind it sees what it missed.
            self.look_at_everything()
            self._runs.submit(self.watcher.arrange)
            if watching.is_ours(self._session):
                self.look_at_everything()
        else:
            self._runs.submit(self.watcher.arrange)
            self.look_at_everything()
            self._hunts.submit(self._warm_up)

    # ---- keeping it true

    def save(self, path: str, known: "FileRecord | None" = None) -> "Future[Any]":
        """Index a file that was just written, as one transaction.

        known: what was made of its document's text.
        """
        future = self._saver.save(path, known)
        # A saved .gitignore and its like list or hide other files.
        if self.indexer is not None:
            from codanna_lsp.workspace.walk import decides

            if decides({path}):
                self.files_changed([path])
        return future

    def files_changed(self, paths: Iterable[str]) -> None:
        """Look at files or folders again, after a short quiet."""
        self._gathering.add(paths, debounce_ms=self._settings.debounce_ms)

    def file_opened(self, path: str) -> None:
        """Of a root that is too wide, index the folder of a file that was opened."""
        run, store = self.last_run, self.store
        if run is None or not run.narrow or store is None:
            return
        if not store.data.has_file(path):
            self.files_changed([path])

    def look_at_everything(
        self, *, force: bool = False, hash_all: bool = False
    ) -> "Future[RunSummary]":
        """Compare all sources with the index; an empty index is built."""
        self._looked_s = time.monotonic()
        self._walks_waiting += 1
        future = self._run(lambda: self.run_now(force=force, hash_all=hash_all))
        future.add_done_callback(lambda _: self._session.on_loop(self._walked))
        return future

    def run_now(self, *, force: bool = False, hash_all: bool = False) -> "RunSummary":
        """As `look_at_everything`, in the thread that calls: a job of the worker."""
        store, indexer = self._get_store(), self.get_indexer()
        cancelled = self._stop.is_set
        store.state.start_run()
        try:
            if force or store.data.file_count == 0:
                return indexer.run(force=force, cancelled=cancelled)
            return indexer.refresh(hash_all=hash_all, cancelled=cancelled)
        finally:
            store.state.finish_run()

    def rescan_if_old(self, age_s: float) -> None:
        """Look at everything if nobody else reports changes and the last look is old."""
        if (
            time.monotonic() - self._looked_s > age_s
            and self.store is not None
            and not self.watcher.is_watching
            and self._runs.is_idle
            and watching.is_ours(self._session)
        ):
            self.look_at_everything()

    def hunt(self, name: str, *, until: float) -> "Future[int] | None":
        """Index those files first that hold a name; None when none are waiting.

        until: when to give up, in `time.monotonic` seconds.
        """
        if not self.is_cold or self.store is None:
            return None
        return self._hunts.submit(lambda: self._hunt(name, until))

    @property
    def is_indexing(self) -> bool:
        """True while a run goes on or waits: answers may miss what it will find."""
        return self._runs_waiting > 0

    @property
    def is_walking(self) -> bool:
        """True while all sources are compared, or wait for it."""
        return self._walks_waiting > 0

    @property
    def is_cold(self) -> bool:
        """True while the index is built for the first time."""
        return self._was_empty and self.last_run is None and self.is_indexing

    def change_settings(self, settings: Settings) -> bool:
        """Take other settings; the files are planned again with them.

        False when the index is to be in another place: that takes another Keeper.
        """
        old, self._settings = self._settings, settings
        place = (settings.index_place, settings.index_folder)
        if (old.index_place, old.index_folder) != place:
            return False
        with self._indexer_lock:
            self.indexer = None
        if self.store is not None:
            self._runs.submit(self.watcher.arrange)
            self.look_at_everything()
        return True

    def look_soon(self) -> None:
        """As `look_at_everything`, from any thread."""
        self._session.on_loop(self.look_at_everything)

    def work(self, job: "Callable[[IndexStore], _Result]") -> "Future[_Result]":
        """Do something long with the store, after the runs that were asked for."""
        return self._runs.submit(lambda: job(self._get_store()))

    def tend(self, job: "Callable[[IndexStore], object]") -> None:
        """As `work`, where nobody waits: what the job raises is told or logged."""
        self._then(self.work(job), _nothing)

    @property
    def is_idle(self) -> bool:
        """True when nothing runs or waits but questions."""
        return self._runs.is_idle and self._saver.is_idle

    @property
    def skipped(self) -> "tuple[Any, ...]":
        """Files left out or known in part only, with their reasons."""
        indexer = self.indexer
        return () if indexer is None else indexer.skipped

    def _look_at_changed(self, paths: set[str]) -> None:
        if self.store is None:
            return  # the first look, behind the loading, sees all of it
        if EVERYTHING in paths:
            self.look_at_everything()
        elif not self._saver.look(paths):
            self._run(lambda: self._look_at(paths))

    def _run(self, job: "Callable[[], RunSummary]") -> "Future[RunSummary]":
        def run() -> "RunSummary":
            self._session.on_loop(self._bar.begin)
            return job()

        self._runs_waiting += 1
        future = self._runs.submit(run)
        self._then(future, self._ended)
        return future

    def _walked(self) -> None:
        self._walks_waiting -= 1

    def _ended(self, summary: "RunSummary | None") -> None:
        self._runs_waiting -= 1
        self._bar.end("done" if summary is not None else "failed")
        if summary is None:
            return
        is_first = self.last_run is None
        if is_first and self._was_empty:
            self._hunts.submit(self._warm_up)
        self.last_run = summary
        if summary.narrow:
            self._session.say_once(f"codanna-lsp: {summary.narrow}", 2)
            # Some may have been opened while the run went on.
            for path in self._root.sources.documents if is_first else ():
                self.file_opened(path)
        if summary.hidden:
            self._session.say_once(f"codanna-lsp: {summary.hidden}", 3)
        if summary.fallback:
            self._session.log(f"{self._root.name}: {summary.fallback}", 2)

    def _then(
        self, future: "Future[_Result]", after: "Callable[[_Result | None], None]"
    ) -> None:
        """Go on on the loop with a worker's result, None when it failed."""

        def done(future: "Future[_Result]") -> None:
            if future.cancelled():
                return
            error = future.exception()
            if error is not None:
                guard.log_failure(f"work on {self._root.name}", error)
                self.teller.tell_error(error)
                self.suspects_damage |= isinstance(error, CorruptionError)
                self._session.on_loop(after, None)
            else:
                self._session.on_loop(after, future.result())

        future.add_done_callback(done)

    # ---- in the workers

    def _look_at(self, paths: set[str]) -> "RunSummary":
        indexer = self.get_indexer()
        return indexer.changed(paths, cancelled=self._stop.is_set)

    def _hunt(self, name: str, until: float) -> int:
        """Go on until a file was indexed, or the run has ended, or the time is up.

        A run that has only begun does not know yet which files there are.
        """
        while not self._stop.is_set() and self.is_cold:
            found = self.get_indexer().find_unindexed(
                name, until=until, cancelled=self._stop.is_set
            )
            if found or time.monotonic() > until:
                return found
            self._stop.wait(_HUNT_PAUSE_S)
        return 0

    def _warm_up(self) -> None:
        from codanna_lsp.server.keeping.warming import warm_up

        protocol = self._session.protocol
        warm_up(
            self._get_store().view(),
            tuple(self._root.sources.documents),
            heard_s=lambda: protocol.heard_s,
            stop=self._stop,
        )

    def _damaged_file(self, path: str) -> None:
        self._saver.save_again(path)

    def _get_store(self) -> "IndexStore":
        store = self.store
        if store is None:
            raise guard.ResponseFailure(guard.REQUEST_FAILED, "the index is loading")
        return store

    def get_indexer(self) -> "Indexer":
        """The indexer, made when first needed; from any thread."""
        from codanna_lsp.indexing.indexer import Indexer

        with self._indexer_lock:
            if self.indexer is None:
                self.indexer = Indexer(
                    Path(self._root.sources.real),
                    self._get_store(),
                    self._settings,
                    on_progress=self._bar.report,
                    open_paths=lambda: tuple(self._root.sources.documents),
                    own=self._root.own_parsing,
                )
            return self.indexer


def _nothing(_result: object) -> None:
    """After work that leaves nothing to be done on the loop."""
