"""IndexStore: the index of one workspace, in memory and on disk.

    writer   holds the lock; commits go to the journal, checkpoints to both stores
    reader   another process holds the lock: reads along, its own commits stay in memory
    memory   the folder cannot be used: everything stays in memory

Invariant: `data` is one attribute read, never waits and never changes under its reader.
Invariant: whatever is wrong with the folder, there is a store that answers.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from codanna_lsp.errors import (
    CorruptionError,
    DiskError,
    FolderError,
    FormatError,
    LockedError,
    StoreError,
)
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.index.view import View
from codanna_lsp.store import incident as incidents
from codanna_lsp.store.checkpoints.saving import check_search, save
from codanna_lsp.store.checkpoints.scheduler import SnapshotScheduler
from codanna_lsp.store.disk import Disk, RealDisk
from codanna_lsp.store.holding.folder import make_index_folder
from codanna_lsp.store.holding.held_folder import BAD
from codanna_lsp.store.holding.lock import find_holder
from codanna_lsp.store.holding.parse_notes import ParseNotes
from codanna_lsp.store.incident import Incident
from codanna_lsp.store.live_index import MEMORY, READER, LiveIndex
from codanna_lsp.store.recovering.healing import (
    check_columns,
    replace_damaged,
    verify_next,
)
from codanna_lsp.store.recovering.taking_over import take_over
from codanna_lsp.store.state import StateTracker
from codanna_lsp.store.store_status import StoreStatus, bytes_on_disk
from codanna_lsp.store.transaction import Durable, Transaction

_Result = TypeVar("_Result")


class IndexStore:
    """The index of one workspace; see the module. Make one with `open`.

    root: the workspace. folder: of the index, None in memory.
    """

    def __init__(self, live: LiveIndex, *, root: Path, folder: Path | None) -> None:
        self.root = root
        self.folder = folder
        self._live = live
        self._checkpointing = False

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        root: Path,
        disk: Disk | None = None,
        on_incident: Callable[[Incident], None] = lambda _: None,
        on_damaged_file: Callable[[str], None] = lambda _: None,
        on_durable: Callable[[Durable], None] = lambda _: None,
        inline: bool = False,
    ) -> Self:
        """Open or make the index in a folder; always gives a store that answers.

        on_incident: is told everything that went wrong. on_damaged_file: is told the
        path of a file whose facts are lost, so that its source is read again.
        on_durable: is told what has become durable, in the thread that wrote it.
        inline: long jobs run in this process (tests that fail the disk).
        """
        live = LiveIndex(
            folder,
            root=root,
            disk=disk or RealDisk(),
            on_incident=on_incident,
            on_damaged_file=on_damaged_file,
            on_durable=on_durable,
            inline=inline,
        )
        live.state.start_loading()
        try:
            make_index_folder(live.disk, folder, root=root)
            live.go_on_with(*live.recover_as_writer())
        except LockedError as failure:
            live.open_as_reader(failure.holder)
        except FormatError as failure:
            live.tell(incidents.newer_format(failure.found))
        except StoreError as failure:
            live.tell(incidents.in_memory(str(failure)))
            if not isinstance(failure, FolderError):
                live.read_once()
        live.state.finish_loading()
        return cls(live, root=root, folder=folder)

    @classmethod
    def in_memory(cls, root: Path) -> Self:
        """An index that is never written."""
        live = LiveIndex(
            None,
            root=root,
            disk=RealDisk(),
            on_incident=lambda _: None,
            on_damaged_file=lambda _: None,
            on_durable=lambda _: None,
            inline=True,
        )
        live.state.start_loading()
        live.state.finish_loading()
        return cls(live, root=root, folder=None)

    @property
    def data(self) -> IndexData:
        """The published index."""
        return self._live.published.data

    @property
    def mode(self) -> str:
        """One of "writer", "reader" and "memory"; see the module."""
        return self._live.mode

    @property
    def state(self) -> StateTracker:
        """What the index is doing; the owner says when its runs begin and end."""
        return self._live.state

    @property
    def scheduler(self) -> SnapshotScheduler:
        """When checkpoints are due; the owner suspends it during index runs."""
        return self._live.scheduler

    @property
    def must_hash_sources(self) -> bool:
        """Whether changes were lost, so that no mtime can be trusted."""
        return self._live.must_hash_sources

    @property
    def troubles(self) -> tuple[str, ...]:
        """The codes of what was told and is not mended yet, the last one last."""
        return self._live.troubles

    @property
    def parse_notes(self) -> ParseNotes | None:
        """What this process notes of its parsing; None unless it writes the index."""
        held = self._live.held
        return None if held is None else held.parse_notes

    def view(self) -> View:
        """What a question sees, from now on unchanged."""
        data, generation, serial = self._live.published
        return View(
            data,
            generation,
            serial,
            root=self.root.as_posix(),
            on_damage=self._replace_damaged,
        )

    def begin(self) -> Transaction:
        """A new transaction."""
        self.state.begin_transaction()
        live = self._live
        return Transaction(live.commit, live.publish, self.state.end_transaction)

    def make_durable(self) -> bool:
        """Write what was only published, and what the disk refused before; whether all
        is durable now.
        """
        with self._live.lock:
            return self._live.make_durable({})

    def follow(self) -> bool:
        """Reader: publish what the writer has written; whether anything changed."""
        live, before = self._live, self._live.published.generation
        moved = live.follow()
        if moved and live.published.generation != before:  # whole when it was written
            live.base_on(None)
            for code in live.troubles:
                live.works_again(code)
        return moved

    def try_take_over(self) -> bool:
        """Reader: become the writer if the lock is free.

        Recovers the folder in full, then writes what only this process knew.
        """
        live = self._live
        with live.lock:
            if live.mode != READER:
                return False
            live.state.start_loading()
            try:
                take_over(live)
            except StoreError:
                return False
            finally:
                live.state.finish_loading()
            return True

    def is_checkpoint_due(self, *, now: float | None = None) -> bool:
        """Whether the owner should call `checkpoint` now (see store.scheduler)."""
        held, snapshot = self._live.held, self._live.snapshot
        if held is None or self._checkpointing:
            return False
        return self.scheduler.is_due(
            now=time.monotonic() if now is None else now,
            journal_bytes=held.writer.journal_bytes,
            snapshot_bytes=snapshot.info.size if snapshot else 0,
        )

    def prepare_checkpoint(self) -> None:
        """Say that `checkpoint` is called soon: its process starts meanwhile."""
        held = self._live.held
        if held is not None:
            held.work.prepare()

    def checkpoint(self) -> bool:
        """Bring both stores to the next generation; whether that was committed.

        To be called from a thread that may wait: commits and questions go on.
        """
        with self._live.lock:
            held = self._live.held
            if held is None or self._checkpointing:
                return False
            self._checkpointing = True
            self.state.start_checkpoint()
        try:
            return save(self._live, held)
        except Exception:
            self.scheduler.failed(now=time.monotonic())  # or it began again at once
            raise
        finally:
            self.state.finish_checkpoint()
            self._checkpointing = False

    def check_search_index(self) -> bool:
        """Verify every byte of Tantivy's folder; whether it is good or was made so.

        Behind READY, in a thread that may wait; damage is told, and mended by the next
        checkpoint, which is due at once.
        """
        live = self._live
        with live.lock:
            held = live.held
            if held is None or live.search_checked:
                return held is not None and not live.rebuild_search
            if self._checkpointing:
                return False  # which looks at it, too
            self._checkpointing = True
        try:
            return check_search(live, held)
        finally:
            self._checkpointing = False

    def verify_blobs(self, count: int = 256) -> bool:
        """Verify the next files' facts in the snapshot; whether all were by now."""
        return verify_next(self._live, count)

    @property
    def are_facts_verified(self) -> bool:
        """Whether `verify_blobs` has seen all facts of the live generation."""
        snapshot = self._live.snapshot
        return not snapshot or self._live.verified_rows >= snapshot.info.file_count

    def check_columns(self) -> bool:
        """Verify the columns that questions look into; whether they are good now.

        Damage since the load is told, and recovered as at a start.
        """
        return check_columns(self._live)

    def mending(self, job: Callable[[], _Result]) -> _Result:
        """Do a job that reads the index, and again when its columns were damaged.

        Raises:
            CorruptionError: they are not, or nothing could be recovered now.
        """
        try:
            return job()
        except CorruptionError:
            if not self.check_columns():
                raise
        return job()

    def sources_hashed(self) -> None:
        """Every source was compared by its hash: what was lost has been found again."""
        live = self._live
        live.must_hash_sources = False
        live.state.repaired()
        with live.lock:
            try:
                if live.held is not None:
                    live.held.writer.note_sources_hashed()
            except DiskError as failure:
                live.tell_once(incidents.not_durable(failure.message))

    def repair(self) -> bool:
        """Verify both stores, mend them, and write both anew; whether that was done."""
        live = self._live
        with live.lock:
            live.search_checked = False
            live.verified_rows = 0
        self.check_columns()
        self.check_search_index()
        while not self.verify_blobs(4096):
            pass
        return self.checkpoint()

    def verify(self) -> tuple[str, ...]:
        """What is wrong with the files, in words; mends nothing."""
        found: list[str] = []
        held, snapshot = self._live.held, self._live.snapshot
        if held is not None:
            verdict = held.judge_search()
            if verdict.verdict == BAD:
                found.append(f"search index: {verdict.reason}")
        if snapshot is not None and not snapshot.are_columns_whole():
            # What the columns say of paths and places is not believed any more.
            found.append(f"{snapshot.info.name}: its columns are not as written")
        elif snapshot is not None:
            bad = snapshot.verify_blobs(0, snapshot.info.file_count)
            paths = (snapshot.columns.path(row) for row in bad)
            found.extend(f"{snapshot.info.name}: facts of {path}" for path in paths)
        return tuple(found)

    def status(self) -> StoreStatus:
        """All that can be said now; looks at the folder for its sizes."""
        live = self._live
        symbols, files = self.mending(
            lambda: (self.data.symbol_count, self.data.file_count)
        )
        _, generation, serial = live.published
        shown = live.state.shown()
        whole = live.held is not None and live.search_checked
        whole = whole and self.are_facts_verified
        return StoreStatus(
            state=shown.state,
            reason=shown.reason,
            mode=live.mode,
            folder=str(self.folder or ""),
            generation=generation,
            serial=serial,
            symbol_count=symbols,
            file_count=files,
            pending_files=len(live.not_durable()),
            verified="all" if whole else "columns",
            bytes_on_disk=bytes_on_disk(self.folder),
            incidents=tuple(live.incidents),
            holder=find_holder(self.folder) if self.folder else None,
        )

    def close(self) -> None:
        """Write what waits, if the disk lets us, and give the lock back.

        A checkpoint that is being written is given up: the journal has all of it.
        """
        live = self._live
        live.closing = True
        if (working := live.held) is not None:
            working.work.close()  # whoever waits for it may hold the lock
        with live.lock:
            try:
                if live.held is not None:
                    live.make_durable({})
            finally:
                held, live.held = live.held, None
                if held is not None:
                    held.close()
            live.follower = None
            live.mode = MEMORY

    def _replace_damaged(self, path: str, damage: CorruptionError) -> bytes | None:
        return replace_damaged(self._live, path, damage)
