"""Carrying out a plan: hash what is suspect, extract what differs, commit in batches.

Invariant: a file whose parser failed is extracted in a worker process only, and not at
    all while its bytes and its extractor are the same.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from codanna_lsp.errors import CorruptionError, IndexingError
from codanna_lsp.indexing.batches import Batches
from codanna_lsp.indexing.own_parsing import OwnParsing
from codanna_lsp.indexing.plan import Plan, is_racy
from codanna_lsp.indexing.pool import WORKER_MODULE, Pool, chunks_of
from codanna_lsp.indexing.progress import HASHING, INDEXING, Progress
from codanna_lsp.indexing.records import (
    PARSER_FAILURES,
    Unread,
    read_record,
    untried_record,
)
from codanna_lsp.model.facts import FileRecord, Fingerprint, Reason
from codanna_lsp.settings import Settings
from codanna_lsp.workspace.fingerprint import read_source
from codanna_lsp.workspace.walker import Cancelled, SourceFile

if TYPE_CHECKING:
    from codanna_lsp.store.index_store import IndexStore

SMALL_RUN_FILES = 16
SMALL_RUN_BYTES = 1_000_000
CHUNK_BYTES = 1_000_000
CHUNK_FILES = 256
FIRST_CHUNK_BYTES = 125_000
BYTES_A_WORKER = 500_000  # a worker for less is not worth its start
NEWEST_FIRST = 256  # files that go before the biggest


@dataclass(slots=True)
class Job:
    """One run over one root, and what became of it so far.

    root: a real path. opened: paths to extract first. pool: workers that are up
    already. skipped, partial: paths with the reason, of files without a record, and of
    records without all their facts. notes_times: whether a file that was hashed for
    its mtime's sake alone is written to the index again, so that it is not the next
    time; after a save that would double every transaction.
    """

    root: str
    store: "IndexStore"
    settings: Settings
    batches: Batches
    cancelled: Callable[[], bool]
    on_progress: Callable[[Progress], None]
    opened: frozenset[str] = frozenset()
    pool: Pool | None = None
    worker_module: str = WORKER_MODULE
    own: OwnParsing = field(default_factory=OwnParsing)
    notes_times: bool = True
    added: int = 0
    changed: int = 0
    removed: int = 0
    touched: int = 0
    fallback: str = ""
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    partial: dict[str, str] = field(default_factory=dict[str, str])


def carry_out(job: Job, plan: Plan) -> None:
    """Bring the index to what the plan saw; the job tells what was done.

    Raises:
        Cancelled: what was extracted until then is committed.
    """
    try:
        for path in plan.removed:
            job.batches.remove(path)
        job.removed += len(plan.removed)
        differing = _hash_suspects(job, plan.suspects)
        again = [file for file, _ in plan.outdated]
        files = _in_order([*plan.added, *again, *differing], job.opened)
        known = plan.outdated + plan.suspects
        wary = {f.path for f, record in known if record.reason in PARSER_FAILURES}
        _extract(job, files, {file.path for file in plan.added}, wary=wary)
    finally:
        job.batches.flush()


def _hash_suspects(
    job: Job, suspects: Sequence[tuple[SourceFile, FileRecord]]
) -> list[SourceFile]:
    """The suspects whose bytes are others than their records'; the rest is noted."""
    differing: list[SourceFile] = []
    for done, (file, record) in enumerate(suspects):
        _check(job, Progress(HASHING, done, len(suspects)))
        if file.size != record.fingerprint.size:
            differing.append(file)
            continue
        before_ns = time.time_ns()
        limit = job.settings.max_file_size_bytes
        source = read_source(job.root, file.path, limit=limit)
        if isinstance(source, str):
            _note_unread(job, Unread(file.path, source))
        elif source.fingerprint.digest != record.fingerprint.digest or not _touch(
            job, record, source.fingerprint, before_ns
        ):
            differing.append(file)
    return differing


def _touch(job: Job, record: FileRecord, found: Fingerprint, before_ns: int) -> bool:
    """Note the times of a file whose bytes are the same; false if its facts are lost."""
    is_known = found == record.fingerprint and not job.notes_times
    if not is_known and not is_racy(found.mtime_ns, before_ns):
        try:
            whole = job.store.data.record(record.path)
        except CorruptionError:
            return False  # the store tells of it; here the source heals it
        if whole is not None:
            job.batches.add(whole._replace(fingerprint=found, indexed_ns=before_ns))
    job.touched += 1
    if record.reason:
        job.partial[record.path] = record.reason
    return True


def _in_order(files: list[SourceFile], opened: frozenset[str]) -> list[SourceFile]:
    """Open files, then the newest, then the biggest."""
    files.sort(key=lambda file: (file.path not in opened, -file.mtime_ns))
    head = len(opened) + NEWEST_FIRST
    return files[:head] + sorted(files[head:], key=lambda file: -file.size)


def _extract(
    job: Job, files: Sequence[SourceFile], added: set[str], *, wary: set[str]
) -> None:
    """Extract the files, here or in worker processes, and commit their records.

    wary: those that are extracted in a worker process or not at all.
    """
    size = sum(file.size for file in files)
    is_small = len(files) <= SMALL_RUN_FILES and size <= SMALL_RUN_BYTES
    here = is_small and not wary
    records = _here(job, files) if here else _in_pool(job, files, size, wary)
    for done, record in enumerate(records, 1):
        _check(job, Progress(INDEXING, done, len(files)))
        if isinstance(record, Unread):
            _note_unread(job, record)
            continue
        if record.reason:
            job.partial[record.path] = record.reason
        job.added += record.path in added
        job.changed += record.path not in added
        job.batches.add(record)


def _check(job: Job, progress: Progress) -> None:
    if job.cancelled():
        raise Cancelled
    if progress.done % 64 == 0 or progress.done == progress.total:
        job.on_progress(progress)


def _note_unread(job: Job, unread: Unread) -> None:
    if unread.reason != Reason.VANISHED:
        job.skipped[unread.path] = unread.reason
    if job.store.data.has_file(unread.path):
        job.removed += 1
        job.batches.remove(unread.path)


def _here(job: Job, files: Iterable[SourceFile]) -> Iterator[FileRecord | Unread]:
    for file in files:
        yield extract_here(job, file.path)


def extract_here(job: Job, path: str) -> FileRecord | Unread:
    """One file's record, extracted in this process."""
    return read_record(
        job.root,
        path,
        limit=job.settings.max_file_size_bytes,
        off=job.settings.languages_off,
        own=job.own,
    )


def _in_pool(
    job: Job, files: Sequence[SourceFile], size: int, wary: set[str]
) -> Iterator[FileRecord | Unread]:
    """The files' records from worker processes; without any, from this one.

    But of those that may end this one, too: they wait for a process.
    """
    left = {file.path: None for file in files}
    chunks = chunks_of(
        [(file.path, file.size) for file in files],
        chunk_bytes=CHUNK_BYTES,
        chunk_files=CHUNK_FILES,
        first_bytes=FIRST_CHUNK_BYTES,
    )
    pool = job.pool
    try:
        if pool is None:
            pool = Pool(job.root, job.settings, module=job.worker_module)
        pool.start(workers_for(size, job.settings))
        for batch in pool.run(chunks):
            for record in batch:
                left.pop(record.path, None)
                yield record
    except IndexingError as error:
        job.fallback = str(error)
        limit = job.settings.max_file_size_bytes
        wary = wary | pool.suspected if pool is not None else wary
        for path in left:
            if path in wary:
                yield untried_record(job.root, path, limit=limit)
            else:
                yield extract_here(job, path)
    finally:
        if pool is not None and pool is not job.pool:
            pool.close()


def workers_for(size: int, settings: Settings) -> int:
    """How many worker processes so many bytes of sources are worth, at least 1."""
    return max(1, min(settings.worker_count, -(-size // BYTES_A_WORKER)))


def look_at(root: str, path: str) -> SourceFile | None:
    """The file at a path as a walk would list it; None where there is nothing.

    What cannot be looked at, as a link that leads nowhere, is a file that is like none
    that is known: reading it will tell.
    """
    try:
        found = Path(root, path).stat()
    except OSError:
        is_there = os.path.lexists(f"{root}/{path}")
        return SourceFile(path, -1, 0) if is_there else None
    return SourceFile(path, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
