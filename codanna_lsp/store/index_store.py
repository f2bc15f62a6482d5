"""IndexStore: the index of one workspace, in memory and on disk.

    writer   holds the lock; commits go to the journal, checkpoints to both stores
    reader   another process holds the lock: reads along, its own commits stay in memory
    memory   the folder cannot be used: everything stays in memory

Invariant: `data` is one attribute read, never waits and never changes under its reader;
whoever changes anything holds the store's lock.
Invariant: a transaction is published after it was made durable, or after the disk
refused; then its newest facts are kept and written before the next one.
Invariant: every Incident goes to `on_incident` once and is kept for the status.
"""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Self

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
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store import incident as incidents
from codanna_lsp.store.chain import read_chain
from codanna_lsp.store.disk import Disk, RealDisk
from codanna_lsp.store.folder import make_index_folder
from codanna_lsp.store.follower import Follower
from codanna_lsp.store.held_folder import AHEAD, BAD, HeldFolder, Worker
from codanna_lsp.store.incident import Incident
from codanna_lsp.store.lock import find_holder, take_lock
from codanna_lsp.store.recovery import (
    load_with_verification,
    open_base,
    replayed,
    writer_after,
)
from codanna_lsp.store.repair import begin_anew, forget_loads, note_load
from codanna_lsp.store.scheduler import SnapshotScheduler
from codanna_lsp.store.snapshot import Snapshot
from codanna_lsp.store.state import StateTracker
from codanna_lsp.store.store_status import StoreStatus, bytes_on_disk
from codanna_lsp.store.transaction import Commit, Transaction
from codanna_lsp.store.writer import Written

WRITER = "writer"
READER = "reader"
MEMORY = "memory"

RETRY_BYTES = 64 << 20
"""About how much of what waits for the disk goes into one transaction."""

Changes = dict[str, FileRecord | None]


class Published(NamedTuple):
    """What readers see: swapped as a whole."""

    data: IndexData
    generation: int
    serial: int


class IndexStore:
    """The index of one workspace; see the module. Make one with `open`."""

    def __init__(
        self,
        folder: Path | None,
        *,
        root: Path,
        disk: Disk,
        on_incident: Callable[[Incident], None],
        on_damaged_file: Callable[[str], None],
        inline: bool,
    ) -> None:
        self.root = root
        self.folder = folder
        self.mode = MEMORY
        self.state = StateTracker()
        self.scheduler = SnapshotScheduler(now=time.monotonic())
        self.must_hash_sources = False
        self._disk = disk
        self._on_incident = on_incident
        self._on_damaged_file = on_damaged_file
        self._inline = inline
        self._lock = threading.RLock()
        self._published = Published(IndexData(), 0, 0)
        self._pending: Changes = {}
        self._held: HeldFolder | None = None
        self._follower: Follower | None = None
        self._snapshot: Snapshot | None = None
        self._incidents: list[Incident] = []
        self._said: set[str] = set()
        self._checkpointing = False
        self._search_checked = False
        self._rebuild_search = False
        self._verified_rows = 0

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        root: Path,
        disk: Disk | None = None,
        on_incident: Callable[[Incident], None] = lambda _: None,
        on_damaged_file: Callable[[str], None] = lambda _: None,
        inline: bool = False,
    ) -> Self:
        """Open or make the index in a folder; always gives a store that answers.

        on_incident: is told everything that went wrong. on_damaged_file: is told the
        path of a file whose facts are lost, so that its source is read again.
        inline: long jobs run in this process (tests that fail the disk).
        """
        store = cls(
            folder,
            root=root,
            disk=disk or RealDisk(),
            on_incident=on_incident,
            on_damaged_file=on_damaged_file,
            inline=inline,
        )
        store.state.start_loading()
        try:
            make_index_folder(store._disk, folder)
            store._open_as_writer()
        except LockedError as failure:
            store._open_as_reader(failure.holder)
        except FormatError as failure:
            store._tell(incidents.newer_format(failure.found))
        except (DiskError, FolderError, CorruptionError) as failure:
            store._tell(incidents.in_memory(failure.message))
        store.state.finish_loading()
        store._note_files()
        return store

    @classmethod
    def in_memory(cls, root: Path) -> Self:
        """An index that is never written."""
        store = cls(
            None,
            root=root,
            disk=RealDisk(),
            on_incident=lambda _: None,
            on_damaged_file=lambda _: None,
            inline=True,
        )
        store.state.start_loading()
        store.state.finish_loading()
        return store

    @property
    def data(self) -> IndexData:
        """The published index."""
        return self._published.data

    def view(self) -> View:
        """What a question sees, from now on unchanged."""
        data, generation, serial = self._published
        return View(data, generation, serial, on_damage=self._replace_damaged)

    def begin(self) -> Transaction:
        """A new transaction."""
        self.state.begin_transaction()
        return Transaction(self._commit, self.state.end_transaction)

    def retry_durability(self) -> bool:
        """Try again to write what the disk refused; whether all is durable now."""
        with self._lock:
            return self._make_durable({})

    def follow(self) -> bool:
        """Reader: take over what the writer has written; whether anything changed."""
        with self._lock:
            if self._follower is None or not self._follower.follow():
                return False
            self._publish_followed(self._follower)
            return True

    def try_take_over(self) -> bool:
        """Reader: become the writer if the lock is free.

        Recovers the folder in full, then writes what only this process knew.
        """
        with self._lock:
            if self.mode != READER:
                return False
            try:
                self.state.start_loading()
                self._open_as_writer()
            except (LockedError, FormatError, FolderError, CorruptionError, DiskError):
                return False
            finally:
                self.state.finish_loading()
            self._follower = None
            self._tell(incidents.took_over())
            mine, self._pending = self._pending, {}
            self._commit(
                {path: mine[path] for path in mine if self._is_news(mine, path)}
            )
            return True

    def is_checkpoint_due(self, *, now: float | None = None) -> bool:
        """Whether the owner should call `checkpoint` now (see store.scheduler)."""
        held = self._held
        if held is None or self._checkpointing:
            return False
        return self.scheduler.is_due(
            now=time.monotonic() if now is None else now,
            journal_bytes=held.writer.journal_bytes,
            snapshot_bytes=self._snapshot.info.size if self._snapshot else 0,
        )

    def checkpoint(self) -> bool:
        """Bring both stores to the next generation; whether that was committed.

        To be called from a thread that may wait: commits and questions go on.
        """
        with self._lock:
            if self._held is None or self._checkpointing:
                return False
            self._checkpointing = True
            self.state.start_checkpoint()
            held = self._held
        try:
            self._run_checkpoint(held)
        except StoreError as failure:
            self.scheduler.failed(now=time.monotonic())
            self._tell_once(incidents.checkpoint_failed(failure.message))
            return False
        finally:
            self.state.finish_checkpoint()
            self._checkpointing = False
        self._said.discard(incidents.Code.CHECKPOINT_FAILED)
        self.state.repaired()
        return True

    def check_search_index(self) -> bool:
        """Verify every byte of Tantivy's folder; whether it is good or was made so.

        Behind READY, in a thread that may wait; damage is told, and mended by the next
        checkpoint, which is due at once.
        """
        held = self._held
        if held is None or self._search_checked:
            return held is not None and not self._rebuild_search
        try:
            verdict = held.judge_search()
        except DiskError:
            return False
        if verdict.verdict == BAD:
            self._rebuild_search = True
            self._tell(incidents.search_rebuilt(verdict.reason))
            self.scheduler.want()
        elif verdict.verdict == AHEAD and verdict.ahead is not None:
            self._roll_forward(held, verdict.ahead)
        self._search_checked = True
        return not self._rebuild_search

    def verify_blobs(self, count: int = 256) -> bool:
        """Verify the next files' facts in the snapshot; whether all were by now."""
        snapshot = self._snapshot
        if snapshot is None or self._verified_rows >= snapshot.info.file_count:
            return True
        first, self._verified_rows = self._verified_rows, self._verified_rows + count
        for row in snapshot.verify_blobs(first, count):
            path = snapshot.columns.path(row)
            known = self.data.record_without_facts(path)
            if known is not None and not known.facts:
                damage = CorruptionError(
                    f"the facts of {path} are damaged",
                    part=snapshot.info.name,
                    reason="they do not match their checksum",
                )
                self._replace_damaged(path, damage)
        return self._verified_rows >= snapshot.info.file_count

    def sources_hashed(self) -> None:
        """Every source was compared by its hash: what was lost has been found again."""
        self.must_hash_sources = False
        self.state.repaired()
        with self._lock:
            try:
                if self._held is not None:
                    self._held.writer.note_sources_hashed()
            except DiskError as failure:
                self._tell_once(incidents.not_durable(failure.message))

    def status(self) -> StoreStatus:
        """All that can be said now; looks at the folder for its sizes."""
        data, generation, serial = self._published
        shown = self.state.shown()
        snapshot = self._snapshot
        rows = snapshot.info.file_count if snapshot else 0
        whole = self._search_checked and self._verified_rows >= rows
        return StoreStatus(
            state=shown.state,
            reason=shown.reason,
            mode=self.mode,
            folder=str(self.folder or ""),
            generation=generation,
            serial=serial,
            symbol_count=data.symbol_count,
            file_count=data.file_count,
            pending_files=len(self._pending),
            verified="all" if whole else "columns",
            bytes_on_disk=bytes_on_disk(self.folder),
            incidents=tuple(self._incidents),
            holder=find_holder(self.folder) if self.folder else None,
        )

    def close(self) -> None:
        """Write what waits, if the disk lets us, and give the lock back."""
        with self._lock:
            if self._held is not None:
                self._make_durable({})
                self._held.close()
                self._held = None
            self.mode = MEMORY

    def _open_as_writer(self) -> None:
        folder = self._folder()
        lock = take_lock(folder)
        try:
            worker = Worker(self._disk, folder, lock, inline=self._inline)
            level = note_load(self._disk, folder, now_s=time.time())
            loaded = load_with_verification(
                self._disk, folder, work=worker, safe_level=level
            )
            forget_loads(self._disk, folder)
        except BaseException:
            lock.release()
            raise
        writer = writer_after(self._disk, folder, loaded.manifest, loaded.chain)
        self._held = HeldFolder(self._disk, folder, lock, writer, worker)
        self.mode = WRITER
        self.must_hash_sources = loaded.manifest.suspect
        self._snapshot = loaded.snapshot
        self._published = Published(
            loaded.data, loaded.manifest.metadata.generation, loaded.chain.transaction
        )
        for told in loaded.incidents:
            self._tell(told)
        if loaded.corrupted:
            self.state.damaged(loaded.corrupted)
        if loaded.needs_checkpoint:
            self.scheduler.want()
        if loaded.chain.changes:
            self.scheduler.changed(
                files=len(loaded.chain.changes), now=time.monotonic()
            )

    def _open_as_reader(self, holder: int | None) -> None:
        self.mode = READER
        self._follower = Follower(self._disk, self._folder())
        self._tell(incidents.reader(holder))
        if self._follower.follow():
            self._publish_followed(self._follower)

    def _folder(self) -> Path:
        if self.folder is None:
            raise FolderError("this index is kept in memory", path=self.root)
        return self.folder

    def repair(self) -> bool:
        """Verify both stores, mend them, and write both anew; whether that was done."""
        with self._lock:
            self._search_checked = False
            self._verified_rows = 0
        self.check_search_index()
        while not self.verify_blobs(4096):
            pass
        return self.checkpoint()

    def verify(self) -> tuple[str, ...]:
        """What is wrong with the files, in words; mends nothing."""
        found: list[str] = []
        held, snapshot = self._held, self._snapshot
        if held is not None:
            verdict = held.judge_search()
            if verdict.verdict == BAD:
                found.append(f"search index: {verdict.reason}")
        if snapshot is not None:
            found.extend(
                f"{snapshot.info.name}: the facts of {snapshot.columns.path(row)}"
                " are damaged"
                for row in snapshot.verify_blobs(0, snapshot.info.file_count)
            )
        return tuple(found)

    def _commit(self, changes: Changes) -> Commit:
        with self._lock:
            old = self._published
            if not changes:
                return Commit(old.serial, not self._pending)
            data = old.data.with_changes(*_split(changes))
            durable = self._make_durable(changes)
            serial = self._held.writer.transaction if self._held else old.serial
            generation = self._published.generation
            self._published = Published(data, generation, serial)
            self.scheduler.changed(files=len(changes), now=time.monotonic())
            self._note_files()
            return Commit(serial, durable)

    def _make_durable(self, changes: Changes) -> bool:
        """Write what waits, and then the changes; whether all of it is durable."""
        held = self._held
        if held is None:
            if self._follower is not None:
                self._pending |= changes
            return False
        waiting = {p: r for p, r in self._pending.items() if p not in changes}
        try:
            if not held.lock.is_still_ours():
                held = self._recreate_folder()
                waiting = {p: r for p, r in self._pending.items() if p not in changes}
            for part in (*_portions(waiting), changes):
                if part:
                    held.writer.append(part)
                    self._pending = {
                        p: r for p, r in self._pending.items() if p not in part
                    }
        except StoreError as failure:
            self._pending |= changes
            self._tell_once(incidents.not_durable(failure.message))
            return False
        self._said.discard(incidents.Code.NOT_DURABLE)
        return True

    def _recreate_folder(self) -> HeldFolder:
        """The folder was removed under us: make it again, and write all of it.

        Raises:
            StoreError: it cannot be made, or another process was faster.
        """
        folder = self._folder()
        self._tell_once(incidents.folder_gone(str(folder)))
        data = self.data
        everything = {path: data.record(path) for path in data.paths()}
        self._pending = {**everything, **self._pending}
        make_index_folder(self._disk, folder)
        lock = take_lock(folder)
        serial = self._published.serial
        try:
            manifest = begin_anew(self._disk, folder, transaction=serial)
        except BaseException:
            lock.release()
            raise
        chain = read_chain(
            self._disk,
            folder,
            first=manifest.first_journal,
            newest=manifest.newest_journal,
        )
        writer = writer_after(self._disk, folder, manifest, chain)
        worker = Worker(self._disk, folder, lock, inline=self._inline)
        if self._held is not None:
            self._held.close()
        self._held = HeldFolder(self._disk, folder, lock, writer, worker)
        self._published = Published(data, 0, serial)
        self._search_checked = True
        self._rebuild_search = False
        self.scheduler.want()
        return self._held

    def _run_checkpoint(self, held: HeldFolder) -> None:
        self.check_search_index()
        with self._lock:
            if not self._make_durable({}):
                raise StoreError("some changes cannot be written")
            held = self._held or held
            frozen = self._published.data
            plan = held.begin_checkpoint(rebuild_search=self._rebuild_search)
        written, snapshot = held.write(plan)
        with self._lock:
            if self._held is not held or not held.lock.is_still_ours():
                raise StoreError("the index folder was replaced meanwhile")
            held.finish(written, first_journal=plan.frozen_journal)
            data = self._published.data.rebased(
                snapshot.columns, snapshot.read_blob, frozen=frozen
            )
            self._go_on_from(held, snapshot, data)
            self._rebuild_search = False
        for path in written.lost:
            self._on_damaged_file(path)

    def _roll_forward(self, held: HeldFolder, written: Written) -> None:
        """A crash hit between Tantivy's commit and index.meta: complete it."""
        generation = written.metadata.generation
        with self._lock:
            try:
                first = held.first_journal_of(generation)
                held.finish(written, first_journal=first)
                manifest = held.writer.manifest
                snapshot = open_base(self._disk, held.folder, manifest.base)
                chain = read_chain(
                    self._disk,
                    held.folder,
                    first=first,
                    newest=manifest.newest_journal,
                )
            except StoreError:
                self._rebuild_search = True
                self.scheduler.want()
                return
            data = replayed(snapshot, chain).with_changes(*_split(self._pending))
            if snapshot is not None:
                self._go_on_from(held, snapshot, data)
        self._tell(incidents.rolled_forward(generation))

    def _go_on_from(
        self, held: HeldFolder, snapshot: Snapshot, data: IndexData
    ) -> None:
        self._snapshot = snapshot
        self._verified_rows = 0
        self._published = Published(data, snapshot.generation, held.writer.transaction)
        self.scheduler.succeeded(
            now=time.monotonic(), journal_bytes=held.writer.journal_bytes
        )
        self._note_files()

    def _publish_followed(self, follower: Follower) -> None:
        published = Published(follower.data, follower.generation, follower.transaction)
        self._published = published
        self._pending = {
            path: record
            for path, record in self._pending.items()
            if self._is_news(self._pending, path)
        }
        self._published = published._replace(
            data=follower.data.with_changes(*_split(self._pending))
        )
        self._note_files()

    def _is_news(self, mine: Changes, path: str) -> bool:
        """Whether what this process knows of a path is newer than what is published."""
        record, theirs = mine[path], self.data.record_without_facts(path)
        if record is None or theirs is None:
            return record is not theirs
        same = record.fingerprint.digest == theirs.fingerprint.digest
        return not same and record.indexed_ns > theirs.indexed_ns

    def _replace_damaged(self, path: str, damage: CorruptionError) -> bytes | None:
        """A file's facts are damaged in the snapshot: take them from Tantivy, or have
        its source read again.
        """
        with self._lock:
            known = self.data.record_without_facts(path)
            if known is None or known.facts:
                return known.facts if known else None
            found = self._held.find_in_search(path) if self._held else None
            if found and found.fingerprint.digest == known.fingerprint.digest:
                self._tell(
                    incidents.blob_damaged(
                        path, "they were taken from the search index"
                    )
                )
                self._commit({path: found})
                self.scheduler.want()
                return found.facts
            if path not in self._said:
                self._said.add(path)
                done = f"the file is read again ({damage.reason})"
                self._tell(incidents.blob_damaged(path, done))
                self._on_damaged_file(path)
        return None

    def _tell(self, told: Incident) -> None:
        self._incidents.append(told)
        self._on_incident(told)

    def _tell_once(self, told: Incident) -> None:
        """Say what goes on failing once, until it has worked again."""
        if told.code not in self._said:
            self._said.add(told.code)
            self._tell(told)

    def _note_files(self) -> None:
        self.state.set_has_files(self._published.data.file_count > 0)


def _split(changes: Changes) -> tuple[list[FileRecord], list[str]]:
    indexed = [record for record in changes.values() if record is not None]
    return indexed, [path for path, record in changes.items() if record is None]


def _portions(changes: Changes) -> Iterator[Changes]:
    """The changes in transactions of about RETRY_BYTES."""
    part: Changes = {}
    size = 0
    for path, record in changes.items():
        part[path] = record
        size += len(record.facts) if record else 0
        if size > RETRY_BYTES:
            yield part
            part, size = {}, 0
    yield part
