"""`load_with_verification`: an index from whatever a crash, a disk or a user left.

The rows of the table in docs/store-format.md, in the order in which they are tried;
each ends in a Loaded with the journals replayed from its base. Tantivy is not looked at
here unless the snapshot is bad: see IndexStore.check_search_index.

Invariant: the caller holds the writer's lock (`load_for_reading` apart, which writes
nothing).
Invariant: a DiskError or FormatError goes through, and nothing was changed because of it.
"""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.errors import (
    CorruptionError,
    DiskError,
    FormatError,
    LockedError,
    StoreError,
)
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.store import incident as incidents
from codanna_lsp.store.checkpoints.checkpoint import FROM_SEARCH, CheckpointPlan
from codanna_lsp.store.checkpoints.jobs import (
    Job,
    check_job,
    checkpoint_job,
    metadata_from,
    written_from,
)
from codanna_lsp.store.disk import Disk
from codanna_lsp.store.incident import Incident
from codanna_lsp.store.journals.chain import (
    Chain,
    find_first_journal,
    find_newest_journal,
    find_unnamed_journal,
    read_chain,
)
from codanna_lsp.store.journals.writer import StoreWriter
from codanna_lsp.store.metadata import (
    META_NAME,
    Base,
    Manifest,
    new_manifest,
    read_manifest,
)
from codanna_lsp.store.recovering.repair import (
    begin_anew,
    infer_manifest,
    is_new,
    search_folders,
    set_aside,
    set_everything_aside,
)
from codanna_lsp.store.snapshots.snapshot import Snapshot

Work = Callable[[Job], Job]
"""Runs a job and raises its errors (see store.jobs)."""


class Loaded(NamedTuple):
    """An index as it was recovered.

    manifest: what the session goes on from; on disk it may still say something else
    until the next journal or checkpoint. needs_checkpoint: a repair is not finished
    before one. corrupted: why nothing could be used, "" when something could.
    """

    manifest: Manifest
    snapshot: Snapshot | None
    data: IndexData
    chain: Chain
    incidents: tuple[Incident, ...]
    needs_checkpoint: bool
    corrupted: str


class Recovery:
    """One load by the lock's holder."""

    def __init__(self, disk: Disk, folder: Path, work: Work) -> None:
        self._disk = disk
        self._folder = folder
        self._work = work
        self._incidents: list[Incident] = []
        self._needs_checkpoint = False

    def load(self) -> Loaded:
        """See `load_with_verification`."""
        manifest = self._read_manifest()
        if manifest is None:
            return self._rebuild("neither store and no journal can be used")
        try:
            snapshot = open_base(self._disk, self._folder, manifest.base)
        except CorruptionError as damage:
            return self._load_without_snapshot(manifest, damage)
        return self._load_onto(snapshot, manifest)

    def _read_manifest(self) -> Manifest | None:
        try:
            found = read_manifest(self._disk, self._folder)
            reason = "it is missing"
        except CorruptionError as damage:
            found, reason = None, damage.reason
        if found is not None:
            later = find_unnamed_journal(
                self._disk, self._folder, newest=found.newest_journal
            )
            if not later:
                return found
            reason = f"it is older than {later}"
        if is_new(self._disk, self._folder):
            return begin_anew(self._disk, self._folder)
        found = infer_manifest(self._disk, self._folder) or self._infer_from_search()
        if found is not None:
            # A folder in its place could not be replaced.
            if (self._folder / META_NAME).is_dir():
                code = incidents.Code.META_REBUILT
                set_aside(self._disk, self._folder, [META_NAME], code=code)
            self._tell(incidents.meta_rebuilt(reason))
            self._needs_checkpoint = True
        return found

    def _infer_from_search(self) -> Manifest | None:
        for name in search_folders(self._disk, self._folder):
            with contextlib.suppress(CorruptionError):
                metadata, checksum = metadata_from(self._work(check_job(name)))
                first = find_first_journal(
                    self._disk, self._folder, generation=metadata.generation
                )
                newest = find_newest_journal(self._disk, self._folder) or 0
                serial = first or newest + 1
                manifest = new_manifest(journal=serial, now_ns=time.time_ns())
                return manifest._replace(
                    newest_journal=max(newest, serial),
                    metadata=metadata,
                    snapshot=f"snapshot-{metadata.generation}.bin",
                    search=name,
                    search_checksum=checksum,
                    suspect=True,
                )
        return None

    def _load_onto(self, snapshot: Snapshot | None, manifest: Manifest) -> Loaded:
        chain = read_chain(
            self._disk,
            self._folder,
            first=manifest.first_journal,
            newest=manifest.newest_journal,
        )
        if chain.damage:
            self._tell(incidents.journal_damaged(chain.damage))
            manifest = manifest._replace(suspect=True)
            self._needs_checkpoint = True
        if snapshot is not None and not manifest.search:
            self._needs_checkpoint = True
        return Loaded(
            manifest,
            snapshot,
            replayed(snapshot, chain),
            chain,
            tuple(self._incidents),
            self._needs_checkpoint,
            "",
        )

    def _load_without_snapshot(
        self, manifest: Manifest, damage: CorruptionError
    ) -> Loaded:
        """The snapshot is bad: from Tantivy, else the generation before, else anew."""
        try:
            repaired = self._rebuild_snapshot(manifest)
        except (DiskError, LockedError, FormatError):
            raise  # these say nothing about the bytes
        except StoreError as failure:
            return self._fall_back(manifest, damage, failure)
        self._tell(incidents.snapshot_rebuilt(damage.reason))
        snapshot = open_base(self._disk, self._folder, repaired.base)
        return self._load_onto(snapshot, repaired)

    def _rebuild_snapshot(self, manifest: Manifest) -> Manifest:
        """A whole checkpoint whose base is Tantivy; gives the new manifest."""
        if not manifest.search:
            raise CorruptionError(
                "there is no search index", part="search index", reason="none is named"
            )
        checked, _ = metadata_from(self._work(check_job(manifest.search)))
        if checked.generation != manifest.metadata.generation:
            raise CorruptionError(
                f"the search index is of generation {checked.generation}",
                part="search index",
                reason="it is of another generation",
            )
        chain = read_chain(
            self._disk,
            self._folder,
            first=manifest.first_journal,
            newest=manifest.newest_journal,
        )
        if chain.damage:
            self._tell(incidents.journal_damaged(chain.damage))
            manifest = manifest._replace(suspect=True)
        writer = writer_after(self._disk, self._folder, manifest, chain)
        try:
            serial = writer.rotate()
            plan = CheckpointPlan(
                source=FROM_SEARCH,
                base=writer.manifest.base,
                frozen_journal=serial,
                generation=manifest.metadata.generation + 1,
                search=manifest.search,
                search_checksum="",
                now_ns=time.time_ns(),
            )
            written = written_from(self._work(checkpoint_job(plan)))
            writer.commit_generation(written, first_journal=serial)
            return writer.manifest
        finally:
            writer.close()

    def _fall_back(
        self, manifest: Manifest, damage: CorruptionError, failure: StoreError
    ) -> Loaded:
        previous = manifest.previous
        if previous is not None:
            with contextlib.suppress(CorruptionError):
                self._needs_checkpoint = True
                snapshot = open_base(self._disk, self._folder, previous)
                fallen = manifest_at(manifest, previous, snapshot)
                loaded = self._load_onto(snapshot, fallen)
                if snapshot is not None or loaded.chain.tip is not None:
                    told = incidents.fell_back(
                        damage.reason, search=failure.message, used=previous.snapshot
                    )
                    return loaded._replace(incidents=(told, *loaded.incidents))
        return self._rebuild(f"{damage.message}; {failure.message}")

    def _rebuild(self, reason: str) -> Loaded:
        """Nothing is good: everything is set aside, and generation 0 begins."""
        set_everything_aside(self._disk, self._folder, code=incidents.Code.REBUILD)
        manifest = begin_anew(self._disk, self._folder)
        self._incidents = [incidents.rebuild(reason)]
        loaded = self._load_onto(None, manifest)
        return loaded._replace(corrupted=reason, needs_checkpoint=True)

    def _tell(self, told: Incident) -> None:
        if all(earlier.code != told.code for earlier in self._incidents):
            self._incidents.append(told)


def load_with_verification(
    disk: Disk, folder: Path, *, work: Work, safe_level: int = 0
) -> Loaded:
    """Recover an index folder; the writer's lock is held.

    work: runs jobs, in a child or inline. safe_level: 1 sets Tantivy aside first, 2
    the snapshot too (see repair.note_load).

    Raises:
        DiskError: the operating system refused, nothing was set aside.
        FormatError: a newer version wrote it; left alone.
    """
    told: tuple[Incident, ...] = ()
    if safe_level:
        told = (_set_suspects_aside(disk, folder, safe_level),)
    loaded = Recovery(disk, folder, work).load()
    if told:
        # That Tantivy is missing has been told already.
        manifest = loaded.manifest._replace(search="", search_checksum="")
        return loaded._replace(
            manifest=manifest,
            incidents=told + loaded.incidents,
            needs_checkpoint=True,
        )
    return loaded


def load_for_reading(disk: Disk, folder: Path) -> Loaded:
    """What a process without the lock can see; nothing is written or repaired.

    Raises:
        StoreError: it cannot be read now; the writer may be changing or repairing it.
    """
    manifest = read_manifest(disk, folder)
    if manifest is None:
        raise CorruptionError(
            f"{META_NAME} is missing", part=META_NAME, reason="it is missing"
        )
    snapshot = open_base(disk, folder, manifest.base)
    chain = read_chain(
        disk, folder, first=manifest.first_journal, newest=manifest.newest_journal
    )
    return Loaded(manifest, snapshot, replayed(snapshot, chain), chain, (), False, "")


def open_base(disk: Disk, folder: Path, base: Base) -> Snapshot | None:
    """The snapshot of a base, verified but for its blobs; None for generation 0.

    Raises:
        CorruptionError: it is missing or damaged.
        DiskError, FormatError: see Snapshot.open.
    """
    if not base.generation:
        return None
    return Snapshot.open(disk, folder / base.snapshot, checksum=base.checksum or None)


def replayed(snapshot: Snapshot | None, chain: Chain) -> IndexData:
    """A base with the changes of a chain laid over it."""
    data = (
        IndexData(snapshot.columns, snapshot.read_blob)
        if snapshot is not None
        else IndexData()
    )
    return data.with_changes(
        [record for record in chain.changes.values() if record is not None],
        [path for path, record in chain.changes.items() if record is None],
    )


def writer_after(
    disk: Disk, folder: Path, manifest: Manifest, chain: Chain
) -> StoreWriter:
    """The writing end of a folder whose journals were read."""
    return StoreWriter(
        disk,
        folder,
        manifest,
        tip=chain.tip,
        transaction=chain.transaction,
        journal_bytes=chain.length,
    )


def manifest_at(manifest: Manifest, base: Base, snapshot: Snapshot | None) -> Manifest:
    """The manifest as if the generation `base` were the live one."""
    counts = (
        (snapshot.info.symbol_count, snapshot.info.file_count) if snapshot else (0, 0)
    )
    return manifest._replace(
        metadata=manifest.metadata._replace(
            generation=base.generation,
            symbol_count=counts[0],
            file_count=counts[1],
            checksum=base.checksum,
        ),
        snapshot=base.snapshot,
        search="",
        search_checksum="",
        first_journal=base.first_journal,
        previous=None,
    )


def _set_suspects_aside(disk: Disk, folder: Path, level: int) -> Incident:
    names = search_folders(disk, folder)
    what = "the search index"
    if level > 1:
        names += [name for name in disk.names(folder) if name.startswith("snapshot-")]
        what = "the snapshot"
    set_aside(disk, folder, names, code=incidents.Code.SAFE_START)
    return incidents.safe_start(what)
