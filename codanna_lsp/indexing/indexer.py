"""The indexer: keeps the index of one workspace equal to its sources.

Invariant: one bad file is one bad file: it is listed, and the rest goes on.
Invariant: runs follow each other; a save goes on beside a run, and its facts win over
    those that the run had read before.
Invariant: whatever led here, the index after a run is the one that a fresh build gives.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from codanna_lsp.errors import IndexingError
from codanna_lsp.indexing.batches import Batches
from codanna_lsp.indexing.carry_out import (
    SMALL_RUN_FILES,
    Job,
    carry_out,
    extract_here,
    look_at,
)
from codanna_lsp.indexing.own_parsing import OwnParsing
from codanna_lsp.indexing.plan import Plan, is_in, make_plan, records_in
from codanna_lsp.indexing.pool import WORKER_MODULE, Pool
from codanna_lsp.indexing.progress import SAVING, WALKING, Progress, RunSummary
from codanna_lsp.indexing.records import PARSER_FAILURES
from codanna_lsp.indexing.saved import saved_record
from codanna_lsp.indexing.scan import Patience, find_candidates
from codanna_lsp.indexing.tickets import Tickets
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.settings import Settings
from codanna_lsp.store.transaction import Commit
from codanna_lsp.workspace.walk import Walk, decides, walk, walk_paths
from codanna_lsp.workspace.walker import Cancelled, Skipped, never

if TYPE_CHECKING:
    from codanna_lsp.store.index_store import IndexStore

LARGE_RUN_FILES = 500  # from here on checkpoints wait for the end, or for the journal
EARLY_WORKERS = 4  # that are started before it is known how much there is to do
AFTER_FIND_SECONDS = 0.15  # how long a found name waits for others of that name


class Indexer:
    """Runs over one root into one store; for any number of threads.

    root: the workspace's folder. open_paths: the paths that are open in an editor,
    asked for at each run; they come first. on_progress: called in the run's thread.
    own: the parses in this process.
    """

    def __init__(
        self,
        root: Path,
        store: "IndexStore",
        settings: Settings,
        *,
        on_progress: Callable[[Progress], None] = lambda _: None,
        open_paths: Callable[[], Iterable[str]] = tuple,
        worker_module: str = WORKER_MODULE,
        own: OwnParsing | None = None,
    ) -> None:
        self.root = os.path.realpath(root)
        self._store = store
        self._settings = settings
        self._off = frozenset(settings.languages_off)
        self._on_progress = on_progress
        self._open_paths = open_paths
        self._worker_module = worker_module
        self._own = own or OwnParsing(worker_module=worker_module)
        self._tickets = Tickets()
        self._run_lock = threading.Lock()
        self._commit_lock = threading.Lock()
        self._waiting: dict[str, int] = {}
        self._planned = threading.Event()
        self._planned.set()
        self._linked = True  # until a walk has shown that no link is followed
        self._narrow = self._hidden = ""
        self._skipped: dict[str, str] = {}
        self._partial: dict[str, str] = {}
        self._search_lock = threading.Lock()
        self._search = 0

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Files left out, or known in part only, with their reasons, by path."""
        both = {**self._partial, **self._skipped}
        return tuple(Skipped(path, both[path]) for path in sorted(both))

    @property
    def is_running(self) -> bool:
        """Whether a run goes on."""
        return self._run_lock.locked()

    def run(
        self,
        *,
        force: bool = False,
        hash_all: bool = False,
        cancelled: Callable[[], bool] = never,
    ) -> RunSummary:
        """Make the index equal to the sources, and end with a checkpoint.

        force: extract every file again. hash_all: trust no mtime.

        Raises:
            WorkspaceError: the root is missing or cannot be listed.
        """
        with self._run_lock:
            run = partial(self._run, cancelled, force=force, hash_all=hash_all)
            summary = self._store.mending(run)
            if summary.added or summary.changed or summary.removed:
                self._store.prepare_checkpoint()
                self._on_progress(Progress(SAVING, 0, 0))
                self._store.checkpoint()
            return summary

    def refresh(
        self, *, hash_all: bool = False, cancelled: Callable[[], bool] = never
    ) -> RunSummary:
        """The freshness pass: as `run`, but the scheduler decides on a checkpoint.

        Raises:
            WorkspaceError: the root is missing or cannot be listed.
        """
        with self._run_lock:
            run = partial(self._run, cancelled, hash_all=hash_all)
            summary = self._store.mending(run)
            self._save_if_due()
            return summary

    def changed(
        self, paths: Iterable[str], *, cancelled: Callable[[], bool] = never
    ) -> RunSummary:
        """Look again at these paths, files or folders, and at what they decide on.

        paths: relative to the root; "" is the root itself.

        Raises:
            WorkspaceError: the root is missing or cannot be listed.
        """
        wanted = {path.strip("/") for path in paths}
        if not wanted:
            return RunSummary()
        with self._run_lock:
            summary = None
            if self.knows_each_alone(wanted):
                look = partial(self._look_at, wanted, cancelled)
                summary = self._store.mending(look)
            if summary is None:
                # What makes a root too wide is counted again by the next whole look.
                wide = "" if decides(wanted) else self._narrow
                run = partial(self._run, cancelled, wide=wide)
                summary = self._store.mending(run)
            self._save_if_due()
            return summary

    def knows_each_alone(self, paths: Collection[str]) -> bool:
        """Whether these paths, when they change, list or hide nothing besides them."""
        return not (self._linked or self._narrow or decides(paths))

    def save(
        self,
        path: str,
        source: bytes | None = None,
        *,
        known: FileRecord | None = None,
        again: bool = False,
        durable: bool = True,
    ) -> Commit:
        """Index one file that was just written, in one transaction.

        source: its bytes, when the caller knows them; else they are read. known: what
        was made of the bytes that it most likely has. again: also where nothing has
        changed, because its facts were lost. durable: false leaves the disk to the
        store's `make_durable`. A file that is gone, or that a walk would not list, is
        forgotten.
        """
        ticket = self._tickets.draw_for(path)

        def save_it() -> Commit:
            before = self._store.data.record_without_facts(path)
            if again and before is not None and before.reason not in PARSER_FAILURES:
                before = None
            record = saved_record(
                self.root,
                path,
                source,
                before,
                known=known,
                own=self._own,
                settings=self._settings,
                worker_module=self._worker_module,
            )
            with self._commit_lock, self._store.begin() as transaction:
                if not self._tickets.is_newest(path, ticket):
                    return transaction.commit()
                self._skipped.pop(path, None)
                self._partial.pop(path, None)
                if isinstance(record, FileRecord):
                    self._waiting.pop(path, None)
                    if record is not before:
                        transaction.stage(record)
                    if record.reason:
                        self._partial[path] = record.reason
                else:
                    if record is not None and record.reason:
                        self._skipped[path] = record.reason
                    if self._store.data.has_file(path):
                        transaction.stage_removed(path)
                return transaction.commit() if durable else transaction.publish()

        return self._store.mending(save_it)

    def find_unindexed(
        self, name: str, *, until: float, cancelled: Callable[[], bool] = never
    ) -> int:
        """Index those files first that hold `name` and wait for their turn in a run.

        until: when to stop, in `time.monotonic` seconds; a later call ends an earlier
        one. Returns how many files were indexed.
        """
        self._search += 1
        mine = self._search
        patience = Patience(until=until, after_find_seconds=AFTER_FIND_SECONDS)

        def is_over() -> bool:
            return cancelled() or self._search != mine or patience.is_over

        with self._search_lock:
            self._planned.wait(max(0.0, until - time.monotonic()))
            if not name or is_over() or not self._waiting:
                return 0
            return self._index_first(name, patience, is_over)

    def _index_first(
        self, name: str, patience: Patience, is_over: Callable[[], bool]
    ) -> int:
        job = self._job(is_over)
        limit = self._settings.max_file_size_bytes
        count = 0
        for path, defines in find_candidates(
            self.root, list(self._waiting), name, limit=limit, cancelled=is_over
        ):
            record = extract_here(job, path) if path in self._waiting else None
            if isinstance(record, FileRecord):
                job.batches.add(record)
                count += 1
                if defines:
                    patience.found()
            if is_over():
                break
        job.batches.flush()
        return count

    def _save_if_due(self) -> None:
        if self._store.is_checkpoint_due():
            self._on_progress(Progress(SAVING, 0, 0))
            self._store.checkpoint()

    def _run(
        self,
        cancelled: Callable[[], bool],
        *,
        force: bool = False,
        hash_all: bool = False,
        wide: str = "",
    ) -> RunSummary:
        started = time.monotonic()
        self._planned.clear()
        heals = self._store.must_hash_sources  # a journal was lost: see store.recovery
        job = self._job(cancelled)
        job.opened = frozenset(self._open_paths())
        try:
            self._on_progress(Progress(WALKING, 0, 0))
            is_new = self._store.data.file_count == 0
            found = self._walk(job, all_at_once=force or is_new, wide=wide)
            plan = make_plan(
                found.files,
                self._store.data.files(),
                off=self._off,
                force=force,
                hash_all=hash_all or heals,
            )
            if found.narrow:
                known = self._store.data.record_without_facts
                plan = plan.keeping(partial(look_at, self.root), known)
            self._skipped, self._partial = dict(found.skipped), dict(plan.partial)
            summary = self._carry_out(job, plan)
            if job.batches.dropped:
                # Saved while they were read. The save has won, and this looks whether
                # the file changed once more between the two.
                self._look_at(set(job.batches.dropped), cancelled)
            if heals:
                self._store.sources_hashed()
        except Cancelled:
            summary = RunSummary(cancelled=True)
        finally:
            self._planned.set()
            if job.pool is not None:
                job.pool.close()
        seconds = time.monotonic() - started
        return summary._replace(
            seconds=seconds, narrow=self._narrow, hidden=self._hidden
        )

    def _walk(self, job: Job, *, all_at_once: bool, wide: str) -> Walk:
        """Walk the root; `all_at_once` says that what it finds will be extracted."""

        def note(count: int) -> None:
            self._on_progress(Progress(WALKING, count, 0))
            if all_at_once and count > SMALL_RUN_FILES and job.pool is None:
                self._start_early(job)

        found = walk(
            Path(self.root),
            self._settings,
            open_paths=job.opened,
            cancelled=job.cancelled,
            on_count=note,
            wide=wide,
        )
        self._linked, self._narrow = found.linked, found.reason
        self._hidden = found.hidden
        return found

    def _start_early(self, job: Job) -> None:
        """Start workers during the walk: they are up when it ends."""
        with contextlib.suppress(IndexingError):  # said when the run needs them
            job.pool = Pool(self.root, self._settings, module=self._worker_module)
            job.pool.start(min(EARLY_WORKERS, self._settings.worker_count))

    def _look_at(
        self, scope: set[str], cancelled: Callable[[], bool]
    ) -> RunSummary | None:
        """Compare these paths and what lies below; None when only a whole walk can."""
        started = time.monotonic()
        part = walk_paths(Path(self.root), self._settings, scope)
        if part is None:
            return None
        plan = make_plan(part.files, records_in(self._store.data, scope), off=self._off)
        for listed in (self._skipped, self._partial):
            for path in [path for path in listed if is_in(path, scope)]:
                del listed[path]
        self._skipped.update(part.skipped)
        self._partial.update(plan.partial)
        job = self._job(cancelled)
        job.opened, job.notes_times = frozenset(self._open_paths()), False
        try:
            summary = self._carry_out(job, plan)
        except Cancelled:
            summary = RunSummary(cancelled=True)
        return summary._replace(seconds=time.monotonic() - started)

    def _carry_out(self, job: Job, plan: Plan) -> RunSummary:
        self._waiting = {file.path: file.size for file in plan.added}
        self._planned.set()
        is_large = len(plan.added) + len(plan.outdated) >= LARGE_RUN_FILES
        if is_large:
            journal_bytes = self._store.status().bytes_on_disk["journal"]
            self._store.scheduler.suspend(journal_bytes=journal_bytes)
        try:
            carry_out(job, plan)
        finally:
            if is_large:
                self._store.scheduler.resume()
            self._waiting = {}
            self._skipped.update(job.skipped)
            self._partial.update(job.partial)
        return RunSummary(
            added=job.added,
            changed=job.changed,
            removed=job.removed,
            unchanged=plan.unchanged + job.touched,
            skipped=len(self._skipped.keys() | self._partial.keys()),
            durable=job.batches.durable,
            fallback=job.fallback,
        )

    def _job(self, cancelled: Callable[[], bool]) -> Job:
        locks = self._commit_lock, self._tickets
        return Job(
            self.root,
            self._store,
            self._settings,
            Batches(self._store, *locks, self._committed),
            cancelled,
            self._on_progress,
            worker_module=self._worker_module,
            own=self._own,
        )

    def _committed(self, paths: list[str]) -> None:
        for path in paths:
            self._waiting.pop(path, None)
