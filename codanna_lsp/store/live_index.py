"""LiveIndex: what is published, what waits for the disk, and where it is written.

The state that the parts of the store share: commits here, checkpoints in
`store.saving`, damaged facts in `store.healing`, and all of it behind `IndexStore`.

Invariant: `published` is swapped as a whole, with `swap` held; what is on disk, and
which folder that is, changes with `lock` held, which is taken before `swap`.
Invariant: nobody waits for a disk with `swap` held, but where facts were damaged.
Invariant: a transaction is published after it was made durable, or after the disk
refused; then its newest facts are kept and written before the next one. A save is
published first, waits in `unwritten`, and is written in its turn as a transaction of
its own: until then no serial says that it is durable.
Invariant: `on_durable` hears of a transaction after its sync has ended and it was
published, so whoever heard it finds it after any crash.
Invariant: every Incident goes to `on_incident` once and is kept for the status.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.errors import DiskError, FolderError, LockedError, StoreError
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.store import incident as incidents
from codanna_lsp.store.changes import Changes, is_news, portions, split
from codanna_lsp.store.checkpoints.scheduler import SnapshotScheduler
from codanna_lsp.store.disk import Disk
from codanna_lsp.store.holding.held_folder import HeldFolder, Worker
from codanna_lsp.store.holding.lock import take_lock
from codanna_lsp.store.incident import Incident
from codanna_lsp.store.journals.follower import Follower
from codanna_lsp.store.journals.writer import StoreWriter
from codanna_lsp.store.recovering.recovery import (
    Loaded,
    load_for_reading,
    load_with_verification,
    writer_after,
)
from codanna_lsp.store.recovering.recreating import recreate_folder
from codanna_lsp.store.recovering.repair import forget_loads, note_load
from codanna_lsp.store.snapshots.snapshot import Snapshot
from codanna_lsp.store.state import StateTracker
from codanna_lsp.store.transaction import Commit, Durable

WRITER = "writer"
READER = "reader"
MEMORY = "memory"

MAX_UNWRITTEN = 64
"""Transactions that wait for a slow disk; a further one joins the last of them."""
MAX_INCIDENTS = 100
MANY_JOURNALS = 16
"""So many short sessions without a checkpoint make one due."""


class Published(NamedTuple):
    """What readers see: swapped as a whole. serial: of the last durable transaction."""

    data: IndexData
    generation: int
    serial: int


class LiveIndex:
    """See the module. mode: WRITER with `held`, READER with `follower`, or MEMORY.

    pending: the newest facts that the disk refused. unwritten: transactions that were
    published and wait for their turn. snapshot: of the live generation;
    its facts are verified up to `verified_rows`. search_checked: every byte of
    Tantivy's folder was verified, search_seen: once at least since this process took
    the lock; rebuild_search: it is no good. closing: the owner lets go of it. troubles:
    the codes of what was told and is not mended yet, the last one last.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        root: Path,
        disk: Disk,
        on_incident: Callable[[Incident], None],
        on_damaged_file: Callable[[str], None],
        on_durable: Callable[[Durable], None],
        inline: bool,
    ) -> None:
        self.lock = threading.RLock()
        self.swap = threading.RLock()
        self.mode = MEMORY
        self.published = Published(IndexData(), 0, 0)
        self.pending: Changes = {}
        self.unwritten: deque[Changes] = deque()
        self.held: HeldFolder | None = None
        self.follower: Follower | None = None
        self.snapshot: Snapshot | None = None
        self.verified_rows = 0
        self.search_checked = False
        self.search_seen = False
        self.closing = False
        self.rebuild_search = False
        self.must_hash_sources = False
        self.state = StateTracker(lambda: self.published.data.file_count > 0)
        self.scheduler = SnapshotScheduler(now=time.monotonic())
        self.incidents: deque[Incident] = deque(maxlen=MAX_INCIDENTS)
        self.on_damaged_file = on_damaged_file
        self.disk = disk
        self._folder = folder
        self._root = root
        self._on_incident = on_incident
        self._on_durable = on_durable
        self._unreported: list[str] = []
        self._inline = inline
        self.troubles: tuple[str, ...] = ()
        self._said: set[str] = set()
        self._damaged: set[str] = set()

    @property
    def root(self) -> Path:
        """The workspace's root."""
        return self._root

    @property
    def folder(self) -> Path:
        """The index folder; FolderError when there is none."""
        if self._folder is None:
            raise FolderError("this index is kept in memory", path=self._root)
        return self._folder

    def recover_as_writer(self) -> tuple[Loaded, HeldFolder]:
        """Take the lock and recover the folder: what to `go_on_with`.

        Raises:
            LockedError: another process writes it.
            StoreError: it cannot be used now; nothing was set aside.
        """
        folder = self.folder
        lock = take_lock(folder)
        try:
            worker = Worker(self.disk, folder, lock, inline=self._inline)
            level = note_load(self.disk, folder, now_s=time.time())
            loaded = load_with_verification(
                self.disk, folder, work=worker, safe_level=level
            )
            forget_loads(self.disk, folder)
            writer = self.writer_of(loaded)
        except BaseException as failure:
            if isinstance(failure, StoreError):  # a refusal, and no process's end
                forget_loads(self.disk, folder)
            lock.release()
            raise
        self.search_seen = False
        return loaded, HeldFolder(self.disk, folder, lock, writer, worker)

    def writer_of(self, loaded: Loaded) -> StoreWriter:
        """The journals' writer behind what was recovered."""
        writer = writer_after(self.disk, self.folder, loaded.manifest, loaded.chain)
        with contextlib.suppress(DiskError):  # tried again before the next write
            writer.sync_found()
        return writer

    def go_on_with(self, loaded: Loaded, held: HeldFolder) -> None:
        """Publish what was recovered, and write it from now on."""
        generation = loaded.manifest.metadata.generation
        with self.swap:
            self.held = held
            self.mode = WRITER
            self.published = Published(
                loaded.data, generation, loaded.chain.transaction
            )
        self.must_hash_sources = loaded.manifest.suspect
        self.base_on(loaded.snapshot)
        self.search_checked = self.rebuild_search = False
        for told in loaded.incidents:
            self.tell(told)
        if loaded.corrupted:
            self.state.damaged(loaded.corrupted)
        journals = loaded.manifest.newest_journal - loaded.manifest.first_journal
        # Also after a repair that was one: the generation to fall back on is damaged.
        mended = bool(loaded.incidents)
        if mended or loaded.needs_checkpoint or journals > MANY_JOURNALS:
            self.scheduler.want()
        if loaded.chain.changes:
            self.scheduler.changed(
                files=len(loaded.chain.changes), now=time.monotonic()
            )

    def open_as_reader(self, holder: int | None) -> None:
        """Read along while process `holder` writes."""
        self.mode = READER
        self.troubles = ()  # they are the writer's now
        self.follower = self.follower or Follower(self.disk, self.folder)
        self.tell(incidents.reader(holder))
        self.follow()

    def read_once(self) -> None:
        """Answer from a folder that can be read and not written."""
        with contextlib.suppress(StoreError):
            loaded = load_for_reading(self.disk, self.folder)
            self.published = Published(
                loaded.data,
                loaded.manifest.metadata.generation,
                loaded.chain.transaction,
            )

    def follow(self) -> bool:
        """Reader: publish what the writer has written; whether there was anything.

        What this process alone knows, and knows better, is laid over it.
        """
        with self.lock:
            follower = self.follower
            if follower is None or not follower.follow():
                return False
            data, generation = follower.data, follower.generation
            with self.swap:
                self.pending = {
                    path: record
                    for path, record in self.pending.items()
                    if is_news(record, data.record_without_facts(path))
                }
                data = data.with_changes(*split(self.pending))
                self.published = Published(data, generation, follower.transaction)
            return True

    def commit(self, changes: Changes) -> Commit:
        """Make the changes durable, or keep them until the disk lets us; publish them."""
        with self.lock:
            if not changes:
                return Commit(self.published.serial, not self.not_durable())
            durable = self.make_durable(changes)
            with self.swap:
                self.show(changes)
                self._note_serial()
                return Commit(self.published.serial, durable)

    def publish(self, changes: Changes) -> Commit:
        """Show the changes without waiting for a disk; `make_durable` writes them."""
        with self.swap:
            if not changes:
                return Commit(self.published.serial, not self.not_durable())
            if self.held is None:
                if self.follower is not None:
                    self.pending |= changes
            elif len(self.unwritten) < MAX_UNWRITTEN:
                self.unwritten.append(dict(changes))
            else:
                self.unwritten[-1].update(changes)
            self.show(changes)
            return Commit(self.published.serial, durable=False)

    def make_durable(self, changes: Changes) -> bool:
        """Write what waits, and then the changes; whether all of it is durable."""
        held = self.held
        if held is None:
            if self.follower is not None:
                self.put_off(changes)
            return False
        try:
            if not held.lock.is_still_ours():
                held = recreate_folder(self, inline=self._inline)
            self._write(held, changes)
        except LockedError as failure:
            self.put_off(changes)
            self._give_way(failure.holder)
            return False
        except StoreError as failure:
            self.put_off(changes)
            self.tell_once(incidents.not_durable(failure.message))
            return False
        self.works_again(incidents.Code.NOT_DURABLE)
        return True

    def written_data(self) -> IndexData:
        """What is published, when all of it is in the journals; for the `lock`'s holder.

        Raises:
            StoreError: some of it cannot be written.
        """
        while self.make_durable({}):
            with self.swap:
                if not self.unwritten:
                    return self.published.data
        raise StoreError("some changes cannot be written")

    def not_durable(self) -> Changes:
        """The newest facts of each file of which the disk has older ones."""
        with self.swap:
            waiting = dict(self.pending)
            for changes in self.unwritten:
                waiting |= changes
            return waiting

    def show(self, changes: Changes) -> None:
        """Lay changes over what is published; for the holder of `swap`."""
        data = self.published.data.with_changes(*split(changes))
        self.published = self.published._replace(data=data)
        self.scheduler.changed(files=len(changes), now=time.monotonic())

    def _note_serial(self) -> None:
        """Say what is durable now; it was published before."""
        serial = self.held.writer.transaction if self.held is not None else 0
        if serial > self.published.serial:
            self.published = self.published._replace(serial=serial)
            paths, self._unreported = tuple(self._unreported), []
            self._on_durable(Durable(serial, self.published.generation, paths))

    def _write(self, held: HeldFolder, changes: Changes) -> None:
        """Append what the disk refused before, what was only shown, and the changes."""
        refused = {p: r for p, r in self.pending.items() if p not in changes}
        for part in portions(refused):
            if part:
                held.writer.append(part)
                self._wrote(part)
        while self.unwritten:
            shown = self.unwritten[0]
            held.writer.append(shown)
            with self.swap:
                self.unwritten.popleft()
                self._wrote(shown)
        if changes:
            held.writer.append(changes)
            with self.swap:
                self._unreported.extend(changes)
                self.pending = {}  # nothing but older facts of the same files

    def _wrote(self, part: Changes) -> None:
        with self.swap:
            self._unreported.extend(part)
            self.pending = {p: r for p, r in self.pending.items() if p not in part}
            self._note_serial()

    def put_off(self, changes: Changes) -> None:
        """Keep what is not durable for later, the newest facts of a file winning."""
        with self.swap:
            self.pending = {**self.not_durable(), **changes}
            self.unwritten.clear()

    def go_on_from(self, held: HeldFolder, snapshot: Snapshot, data: IndexData) -> None:
        """Publish the index over another generation's snapshot."""
        self.base_on(snapshot)
        with self.swap:
            serial = self.published.serial
            self.published = Published(data, snapshot.generation, serial)
            self._note_serial()
            self.scheduler.succeeded(
                now=time.monotonic(), journal_bytes=held.writer.journal_bytes
            )

    def base_on(self, snapshot: Snapshot | None) -> None:
        """Of another generation's facts nothing is known to be whole or damaged."""
        self.snapshot = snapshot
        self.verified_rows = 0
        self._damaged.clear()

    def tell(self, told: Incident) -> None:
        """Keep an incident for the status, and tell it, in text that can be sent."""
        texts = (text.encode("utf-8", "replace").decode() for text in told)
        told = Incident(*texts)
        self.incidents.append(told)
        if told.severity != incidents.INFO:
            self.troubles = (*self._troubles_but(told.code), told.code)
        self._on_incident(told)

    def tell_once(self, told: Incident) -> None:
        """Say what goes on failing once, until it has worked again."""
        if told.code not in self._said:
            self._said.add(told.code)
            self.tell(told)

    def works_again(self, code: str) -> None:
        """What failed works: it is told again when it fails again."""
        self._said.discard(code)
        self.troubles = self._troubles_but(code)

    def _troubles_but(self, code: str) -> tuple[str, ...]:
        return tuple(known for known in self.troubles if known != code)

    def note_damaged(self, path: str) -> bool:
        """A file's stored facts are damaged; whether this is news."""
        if path in self._damaged:
            return False
        self._damaged.add(path)
        return True

    def _give_way(self, holder: int | None) -> None:
        """Another process has made the folder anew, and writes it now."""
        with self.swap:
            held, self.held = self.held, None
            self.follower = Follower(self.disk, self.folder)
        if held is not None:
            held.close()
        self.snapshot = None
        self._unreported.clear()
        self.open_as_reader(holder)
