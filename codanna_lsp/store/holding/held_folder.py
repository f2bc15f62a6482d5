"""HeldFolder: an index folder whose lock this process holds, and its checkpoints.

Invariant: whoever writes here has looked whether the lock is still the folder's.
"""

import contextlib
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from codanna_lsp.errors import CorruptionError, DiskError, LockedError, StoreError
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.checkpoints.checkpoint import FROM_SNAPSHOT, CheckpointPlan
from codanna_lsp.store.checkpoints.jobs import (
    Job,
    check_job,
    checkpoint_job,
    find_job,
    metadata_from,
    raise_failure,
    record_from,
    run_job,
    written_from,
)
from codanna_lsp.store.disk import Disk
from codanna_lsp.store.holding.lock import WriterLock
from codanna_lsp.store.holding.parse_notes import ParseNotes
from codanna_lsp.store.journals.chain import find_first_journal
from codanna_lsp.store.journals.journal import SnapshotCreated
from codanna_lsp.store.journals.writer import StoreWriter, Written
from codanna_lsp.store.metadata import Base, snapshot_name
from codanna_lsp.store.recovering.recovery import open_base
from codanna_lsp.store.search.segment_check import (
    SEGMENT_MISSING,
    search_index_checksum,
)
from codanna_lsp.store.snapshots.snapshot import Snapshot

if TYPE_CHECKING:
    import subprocess

GOOD = "good"
BAD = "bad"
INTERRUPTED = "interrupted"
AHEAD = "ahead"


class Worker:
    """Runs jobs: in a child that holds the lock too, or inline.

    Once it is closed no child of it lives, so none keeps the lock from others.
    """

    def __init__(
        self, disk: Disk, folder: Path, lock: WriterLock, *, inline: bool
    ) -> None:
        self._disk = disk
        self._folder = folder
        self._lock = lock
        self._inline = inline
        self._guard = threading.Lock()  # of the rest
        self._closed = False
        self._waiting: subprocess.Popen[bytes] | None = None
        self._working: set[subprocess.Popen[bytes]] = set()

    def prepare(self) -> None:
        """Start the child of the checkpoint that comes next, while others compute."""
        with self._guard:
            if not (self._inline or self._closed or self._waiting):
                with contextlib.suppress(DiskError):  # said when the job is there
                    self._waiting = self._start(for_checkpoint=True)

    def close(self) -> None:
        """End every child, also one that works, and start no other."""
        with self._guard:
            self._closed = True
            waiting, self._waiting = self._waiting, None
            working = tuple(self._working)
        if not (waiting or working):
            return
        from codanna_lsp.store.checkpoints.checkpoint_process import end_child

        for child in working:
            child.kill()
            child.wait()
        if waiting is not None:
            end_child(waiting)

    def __call__(self, job: Job) -> Job:
        """The answer.

        Raises:
            StoreError: as the job failed, or because the child died or this is closed.
        """
        if self._inline:
            answer = run_job(self._disk, self._folder, job)
        else:
            answer = self._run(job)
        raise_failure(answer, self._folder)
        return answer

    def _run(self, job: Job) -> Job:
        from codanna_lsp.store.checkpoints.checkpoint_process import run_in_child

        with self._guard:
            if self._closed:
                text = "this index is being closed"
                raise DiskError(text, path=self._folder)  # nothing about the bytes
            child, self._waiting = self._waiting or self._start(), None
            self._working.add(child)
        try:
            return run_in_child(self._folder, job, child)
        finally:
            with self._guard:
                self._working.discard(child)

    def _start(self, *, for_checkpoint: bool = False) -> "subprocess.Popen[bytes]":
        from codanna_lsp.store.checkpoints.checkpoint_process import start_child

        try:
            return start_child(
                self._folder,
                lock_descriptor=self._lock.descriptor,
                for_checkpoint=for_checkpoint,
            )
        except OSError as failure:  # too many processes, or descriptors
            raise DiskError(
                "no process that saves the index can be started:"
                f" {failure.strerror or failure}",
                path=self._folder,
                errno=failure.errno or 0,
            ) from failure


class SearchVerdict(NamedTuple):
    """What Tantivy's folder is worth: GOOD, or BAD with its reason.

    AHEAD: it stands at the next generation already, and so does a good snapshot.
    INTERRUPTED: it is no good, as a crash in a checkpoint can leave it.
    """

    verdict: str
    reason: str
    ahead: Written | None


class HeldFolder:
    """The folder, its lock, its writing end and the worker for long jobs."""

    def __init__(
        self,
        disk: Disk,
        folder: Path,
        lock: WriterLock,
        writer: StoreWriter,
        worker: Worker,
    ) -> None:
        self.disk = disk
        self.folder = folder
        self.lock = lock
        self.writer = writer
        self.work = worker
        self._notes: ParseNotes | None = None
        self._notes_lock = threading.Lock()

    @property
    def parse_notes(self) -> ParseNotes:
        """The notes of the process that parses beside this index, made when asked for."""
        with self._notes_lock:
            if self._notes is None:
                self._notes = ParseNotes(self.disk, self.folder)
            return self._notes

    def begin_checkpoint(self, *, rebuild_search: bool) -> CheckpointPlan:
        """Step 0: a new journal; what steps 1 and 2 are to do.

        Raises:
            DiskError: nothing has begun.
        """
        serial = self.writer.rotate()
        manifest = self.writer.manifest
        return CheckpointPlan(
            source=FROM_SNAPSHOT,
            base=manifest.base,
            frozen_journal=serial,
            generation=manifest.metadata.generation + 1,
            search="" if rebuild_search else manifest.search,
            search_checksum="" if rebuild_search else manifest.search_checksum,
            now_ns=time.time_ns(),
        )

    def write(self, plan: CheckpointPlan) -> tuple[Written, Snapshot]:
        """Steps 1 and 2, and the new snapshot, opened and verified.

        Raises:
            StoreError: the checkpoint must be given up.
        """
        written = written_from(self.work(checkpoint_job(plan)))
        base = Base(
            plan.generation,
            snapshot_name(plan.generation),
            written.metadata.checksum,
            plan.frozen_journal,
        )
        snapshot = open_base(self.disk, self.folder, base)
        if snapshot is None:
            raise StoreError("the checkpoint wrote no snapshot")
        return written, snapshot

    def finish(self, written: Written, *, first_journal: int) -> None:
        """Steps 3 and 4: the commit point, word of it in the journal, and the sweep.

        Raises:
            DiskError: it is not known whether the checkpoint is committed.
        """
        self.writer.commit_generation(written, first_journal=first_journal)
        metadata = written.metadata
        with contextlib.suppress(DiskError):  # the checkpoint counts without it
            created = SnapshotCreated(metadata.generation, metadata.checksum)
            self.writer.append({}, created)
        with contextlib.suppress(DiskError):
            self.writer.sweep()

    def judge_search(self) -> SearchVerdict:
        """Verify every byte of Tantivy's folder and compare it with index.meta.

        INTERRUPTED is for who has just come: what a process sees change under itself
        no power cut has done.

        Raises:
            DiskError, LockedError: it cannot be read now; nothing is known.
        """
        manifest = self.writer.manifest
        if not manifest.search:
            return SearchVerdict(GOOD, "", None)
        try:
            found, checksum = metadata_from(self.work(check_job(manifest.search)))
        except (DiskError, LockedError):
            raise
        except StoreError as failure:
            return self._broken(failure)
        generation = manifest.metadata.generation
        same = (found.generation, found.checksum) == (
            generation,
            manifest.metadata.checksum,
        )
        if same and manifest.search_checksum in ("", checksum):
            return SearchVerdict(GOOD, "", None)
        if found.generation == generation + 1:
            written = Written(found, manifest.search, checksum, ())
            if self._has_snapshot(written):
                return SearchVerdict(AHEAD, "", written)
        reason = f"it is not the one of generation {generation}"
        return SearchVerdict(BAD, reason, None)

    def first_journal_of(self, generation: int) -> int:
        """Where replay onto a generation begins.

        Raises:
            CorruptionError: no journal tells.
        """
        first = find_first_journal(self.disk, self.folder, generation=generation)
        if first is None:
            raise CorruptionError("no journal", part="journal", reason="none is left")
        return first

    def sweep_unfinished(self) -> None:
        """Remove what a checkpoint that was given up has left, if it is of no use.

        Raises:
            DiskError: something is left for the next sweep.
        """
        manifest = self.writer.manifest
        stands = not manifest.search
        if not stands:
            search = self.folder / manifest.search
            with contextlib.suppress(CorruptionError):
                found = search_index_checksum(search, disk=self.disk)
                stands = found == manifest.search_checksum
        self.writer.sweep_unfinished(search_stands=stands)

    def find_in_search(self, path: str) -> FileRecord | None:
        """What Tantivy has of a file; None when it has nothing, or is no help."""
        search = self.writer.manifest.search
        if not search:
            return None
        with contextlib.suppress(StoreError):
            return record_from(self.work(find_job(search, path)))
        return None

    def close(self) -> None:
        """Let another process write."""
        try:
            self.work.close()
            self.writer.close()
            if self._notes is not None:
                self._notes.close()
        finally:
            self.lock.release()

    def _broken(self, failure: StoreError) -> SearchVerdict:
        reason = failure.reason if isinstance(failure, CorruptionError) else ""
        generation = self.writer.manifest.metadata.generation
        if is_interrupted(self.disk, self.folder, generation, reason=reason):
            return SearchVerdict(INTERRUPTED, failure.message, None)
        return SearchVerdict(BAD, failure.message, None)

    def _has_snapshot(self, written: Written) -> bool:
        name = snapshot_name(written.metadata.generation)
        base = Base(written.metadata.generation, name, written.metadata.checksum, 1)
        try:
            snapshot = open_base(self.disk, self.folder, base)
        except CorruptionError:
            return False
        if snapshot is not None:
            snapshot.close()
        return True


def is_interrupted(disk: Disk, folder: Path, generation: int, *, reason: str) -> bool:
    """Whether what is wrong with Tantivy's folder is what a crash can have left.

    Tantivy removes the files of its last commit before anything has made the next one
    durable. So after a power cut between a checkpoint's snapshot and its index.meta the
    folder can be neither of the two, and that is no damage: it is built anew from the
    snapshot, as the checkpoint would have left it. Files are missing then, and what is
    there is whole, since each was synced: anything else is damage, then too.

    Raises:
        DiskError: the operating system refused.
    """
    if reason != SEGMENT_MISSING:
        return False
    base = Base(generation + 1, snapshot_name(generation + 1), "", 1)
    try:
        snapshot = open_base(disk, folder, base)
    except CorruptionError:
        return False
    if snapshot is not None:
        snapshot.close()
    return True
