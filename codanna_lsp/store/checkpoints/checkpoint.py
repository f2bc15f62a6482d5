"""Steps 1 and 2 of a checkpoint: both stores of the next generation, from the files.

A checkpoint brings both stores from generation g to g + 1 as one transaction:

    0  a new journal; later transactions go there        StoreWriter.rotate
    1  snapshot-(g+1): aside, sync, rename, sync folder   here
    2  Tantivy: changed files and the sentinel, commit,   here
       sync folder
    3  index.meta names g + 1: the commit point           StoreWriter.commit_generation
    4  what g - 1 alone needed is removed                 StoreWriter.sweep

Steps 1 and 2 read what they need from the files (the base and the journals before the
new one), so that they can run in a process of their own (`checkpoint_process`).

Invariant: nothing that generation g needs is changed, but for the Tantivy folder, whose
own commit is atomic and can be built again from the snapshot.
Invariant: bytes are verified before they are copied, so damage is never given a fresh
checksum.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.errors import CodecError, CorruptionError, DiskError, StoreError
from codanna_lsp.index.columns import Columns, build_columns, merge
from codanna_lsp.index.readable import readable
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.disk import Disk
from codanna_lsp.store.journals.chain import read_chain
from codanna_lsp.store.journals.writer import Written
from codanna_lsp.store.metadata import (
    FORMAT,
    Base,
    IndexMetadata,
    search_name,
    search_number,
)
from codanna_lsp.store.snapshots.snapshot import Snapshot, write_snapshot

FROM_SNAPSHOT = "snapshot"
FROM_SEARCH = "search"

MAX_BELIEVED_NUMBER = 1 << 30
"""Tantivy folders with higher numbers are not ours: the next would have no name."""


class CheckpointPlan(NamedTuple):
    """What steps 1 and 2 are to do.

    source: FROM_SNAPSHOT, or FROM_SEARCH when the snapshot is damaged.
    base: the generation to start from, with the first journal to replay; generation 0
        has no snapshot.
    frozen_journal: the journal of step 0; those before it are replayed.
    generation: the one to write.
    search, search_checksum: the base's Tantivy folder, "" to build a new one.
    now_ns: what the metadata says of the time.
    """

    source: str
    base: Base
    frozen_journal: int
    generation: int
    search: str
    search_checksum: str
    now_ns: int


def write_generation(
    disk: Disk, folder: Path, plan: CheckpointPlan, *, side_by_side: bool = False
) -> Written:
    """Write both stores of the plan's generation; durable when this returns.

    side_by_side: two stores that are new are written at once, in two threads.

    Raises:
        CorruptionError: the base or its journals are damaged.
        StoreError: something could not be written; generation g is as it was, or its
            Tantivy folder stands at g + 1 already.
    """
    chain = read_chain(
        disk,
        folder,
        first=plan.base.first_journal,
        newest=plan.frozen_journal,
        before=plan.frozen_journal,
    )
    if chain.damage:
        raise CorruptionError(chain.damage, part="journal", reason=chain.damage)
    is_new = plan.source == FROM_SNAPSHOT and not (plan.base.snapshot or plan.search)
    if side_by_side and is_new:
        with contextlib.suppress(CodecError):  # below, the bad file is found
            return _write_side_by_side(disk, folder, plan, chain.changes)
    base = _open_base(disk, folder, plan)
    next_files = _laid_over(base, chain.changes)
    metadata = _write_snapshot(disk, folder, plan, next_files)
    name, checksum, damage = _write_search(disk, folder, plan, next_files, metadata)
    outdated = tuple(path for path in base.damaged if path in chain.changes)
    left = [path for path in base.damaged if path not in chain.changes]
    return Written(
        metadata,
        name,
        checksum,
        lost=tuple(path for path in left if path not in base.spare),
        search_damage=damage,
        spared=tuple(path for path in left if path in base.spare),
        outdated=outdated,
    )


def _write_side_by_side(
    disk: Disk,
    folder: Path,
    plan: CheckpointPlan,
    changes: dict[str, FileRecord | None],
) -> Written:
    """Feed Tantivy, whose own threads do most, while the columns are built.

    Nobody opens the new Tantivy folder before index.meta names it, so it need not wait
    for the snapshot but for its checksum, which goes into the sentinel.
    """
    from concurrent.futures import Future, ThreadPoolExecutor

    known: Future[IndexMetadata] = Future()
    records = [record for record in changes.values() if record is not None]
    with ThreadPoolExecutor(1) as thread:
        search = thread.submit(_build_search, disk, folder, records, known.result)
        try:
            columns = build_columns(records)
            files = _NextFiles(columns, None, changes)
            known.set_result(_write_snapshot(disk, folder, plan, files))
        except BaseException as failure:
            known.set_exception(failure)
            raise
        return Written(known.result(), *search.result(), ())


class _Base(NamedTuple):
    """What to start from. spare: records that are not in the columns, or better.

    damaged: the paths whose facts in the snapshot are.
    """

    snapshot: Snapshot | None
    spare: dict[str, FileRecord]
    damaged: tuple[str, ...]


class _NextFiles(NamedTuple):
    """The files of the next generation: columns, and where each file's facts are."""

    columns: Columns
    base: Snapshot | None
    changes: dict[str, FileRecord | None]

    def blobs(self) -> Iterator[bytes]:
        """Each file's packed facts, in the columns' order."""
        for row in range(self.columns.file_count):
            yield self._facts(self.columns.path(row))

    def records(self) -> Iterator[FileRecord]:
        """Each file's record, in the columns' order."""
        for row in range(self.columns.file_count):
            facts = self._facts(self.columns.path(row))
            yield self.columns.record(row, facts=facts)

    def _facts(self, path: str) -> bytes:
        record = self.changes.get(path)
        if record is not None:
            return record.facts
        row = self.base.columns.file_of_path(path) if self.base else None
        if self.base is None or row is None:
            raise CorruptionError(
                f"the columns name {path}, which is nowhere",
                part="columns",
                reason="a path was made up",
            )
        return self.base.read_blob(row)


def _open_base(disk: Disk, folder: Path, plan: CheckpointPlan) -> _Base:
    if plan.source == FROM_SEARCH:
        return _Base(None, _read_search(disk, folder, plan), ())
    if not plan.base.snapshot:
        return _Base(None, {}, ())
    snapshot = Snapshot.open(
        disk, folder / plan.base.snapshot, checksum=plan.base.checksum
    )
    rows = snapshot.verify_blobs(0, snapshot.info.file_count)
    spare = _find_spares(disk, folder, plan, snapshot, rows) if rows else {}
    return _Base(snapshot, spare, tuple(map(snapshot.columns.path, rows)))


def _read_search(
    disk: Disk, folder: Path, plan: CheckpointPlan
) -> dict[str, FileRecord]:
    from codanna_lsp.store.search.search_index import read_search_index
    from codanna_lsp.store.search.segment_check import verify_search_index

    search = folder / plan.search
    verify_search_index(search, disk=disk, checksum=plan.search_checksum or None)
    metadata, records = read_search_index(search)
    if metadata.generation != plan.base.generation:
        raise CorruptionError(
            f"{plan.search} holds generation {metadata.generation},"
            f" not {plan.base.generation}",
            part="search index",
            reason="it is of another generation",
        )
    return {record.path: record for record in records}


def _find_spares(
    disk: Disk, folder: Path, plan: CheckpointPlan, snapshot: Snapshot, rows: list[int]
) -> dict[str, FileRecord]:
    """Tantivy's records for rows whose facts are damaged in the snapshot."""
    from codanna_lsp.store.search.search_index import open_search_index
    from codanna_lsp.store.search.segment_check import verify_search_index

    spare: dict[str, FileRecord] = {}
    if not plan.search:
        return spare
    with contextlib.suppress(StoreError):
        verify_search_index(folder / plan.search, disk=disk)
        index = open_search_index(folder / plan.search)
        for row in rows:
            wanted = snapshot.columns.record(row)
            found = index.find_record(wanted.path)
            if found and found.fingerprint.digest == wanted.fingerprint.digest:
                spare[wanted.path] = found
    return spare


def _laid_over(base: _Base, changes: dict[str, FileRecord | None]) -> _NextFiles:
    merged = {**dict.fromkeys(base.damaged), **base.spare, **changes}
    try:
        columns = _columns(base, merged)
    except CodecError:
        # One file whose facts we packed wrongly must not end all checkpoints.
        merged = {path: record and readable(record) for path, record in merged.items()}
        columns = _columns(base, merged)
    return _NextFiles(columns, base.snapshot, merged)


def _columns(base: _Base, changes: dict[str, FileRecord | None]) -> Columns:
    records = [record for record in changes.values() if record is not None]
    if base.snapshot is None:
        return build_columns(records)
    removed = [path for path, record in changes.items() if record is None]
    return merge(base.snapshot.columns, removed, records)


def _write_snapshot(
    disk: Disk, folder: Path, plan: CheckpointPlan, files: _NextFiles
) -> IndexMetadata:
    info = write_snapshot(
        disk,
        folder,
        generation=plan.generation,
        columns=files.columns,
        blobs=files.blobs(),
    )
    counts = (info.symbol_count, info.file_count)
    return IndexMetadata(FORMAT, plan.generation, plan.now_ns, *counts, info.checksum)


def _write_search(
    disk: Disk,
    folder: Path,
    plan: CheckpointPlan,
    files: _NextFiles,
    metadata: IndexMetadata,
) -> tuple[str, str, str]:
    """The name and checksum of the Tantivy folder that holds the generation now.

    And what was wrong with the one of the base, "" if nothing was.
    """
    from codanna_lsp.store.search.search_index import update_search_index
    from codanna_lsp.store.search.segment_check import verify_search_index

    damage = ""
    if plan.search and plan.source == FROM_SNAPSHOT:
        removed = [path for path, record in files.changes.items() if record is None]
        records = [record for record in files.changes.values() if record is not None]
        target = folder / plan.search
        try:
            verify_search_index(target, disk=disk, checksum=plan.search_checksum)
            for last_try in (False, True):
                try:
                    checksum = update_search_index(
                        target, removed, records, metadata, disk=disk
                    )
                except DiskError:
                    if last_try:
                        break
                else:
                    return plan.search, checksum, ""
        except CorruptionError as failure:
            damage = failure.message
    return *_build_search(disk, folder, files.records(), metadata), damage


def _build_search(
    disk: Disk,
    folder: Path,
    records: Iterable[FileRecord],
    metadata: IndexMetadata | Callable[[], IndexMetadata],
) -> tuple[str, str]:
    """The name and checksum of a new Tantivy folder."""
    from codanna_lsp.store.search.search_index import build_search_index

    numbers = {search_number(name) or 0 for name in disk.names(folder)}
    number = 1 + max((n for n in numbers if n < MAX_BELIEVED_NUMBER), default=0)
    while number in numbers:  # a number that was not reached one by one
        number += 1
    name = search_name(number)
    try:
        checksum = build_search_index(folder / name, records, metadata, disk=disk)
        disk.sync_folder(folder)
    except BaseException:
        with contextlib.suppress(DiskError):
            disk.remove_tree(folder / name)
        raise
    return name, checksum
