"""Jobs: the work on an index folder that can end a process, as plain data.

Tantivy can abort, and a checkpoint takes seconds of computing. So both are done by
`run_job`, which gets a job and gives an answer as JSON-like data: in a child process
(`checkpoint_process`), or inline where a test wants to fail the disk.

Invariant: the server's process never imports tantivy, except to run a job inline.
"""

import base64
from pathlib import Path
from typing import Any

from codanna_lsp.errors import (
    CodannaError,
    CorruptionError,
    DiskError,
    LockedError,
    StoreError,
)
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.checkpoints.checkpoint import CheckpointPlan, write_generation
from codanna_lsp.store.disk import Disk
from codanna_lsp.store.journals.record_format import record_from_row, record_to_row
from codanna_lsp.store.journals.writer import Written
from codanna_lsp.store.metadata import Base, IndexMetadata
from codanna_lsp.store.search.segment_check import verify_search_index

Job = dict[str, Any]


def checkpoint_job(plan: CheckpointPlan) -> Job:
    """Write a generation; answered by what `written_from` reads."""
    return {"job": "checkpoint", "plan": list(plan)}


def check_job(search: str) -> Job:
    """Verify a Tantivy folder; answered by what `metadata_from` reads."""
    return {"job": "check", "search": search}


def find_job(search: str, path: str) -> Job:
    """Read one file's record from Tantivy; answered by what `record_from` reads."""
    return {"job": "find", "search": search, "path": path}


def side_by_side(job: Job) -> Job:
    """The job, done in several threads where that is faster."""
    return {**job, "side_by_side": True}


def run_job(disk: Disk, folder: Path, job: Job) -> Job:
    """Do a job; errors of the world are in the answer, see `raise_failure`."""
    try:
        return _RUN[job["job"]](disk, folder, job)
    except CodannaError as failure:
        return _failure(failure)


def raise_failure(answer: Job, folder: Path) -> None:
    """Raise the error that an answer tells of, if it does.

    Raises:
        CorruptionError, DiskError, LockedError, StoreError: as in the job.
    """
    kind, message = answer.get("error"), str(answer.get("message"))
    if kind == "CorruptionError":
        part, reason = str(answer.get("part")), str(answer.get("reason"))
        raise CorruptionError(message, part=part, reason=reason)
    if kind == "DiskError":
        raise DiskError(message, path=folder, errno=int(answer.get("errno", 0)))
    if kind == "LockedError":
        raise LockedError(message, holder=None)
    if kind is not None:
        raise StoreError(message)


def written_from(answer: Job) -> Written:
    """What `write_generation` gave."""
    metadata, search, checksum, lost, damage, *other = answer["written"]
    paths = map(tuple, (lost, *other))
    lost, spared, outdated = paths
    metadata = IndexMetadata(*metadata)
    return Written(metadata, search, checksum, lost, damage, spared, outdated)


def metadata_from(answer: Job) -> tuple[IndexMetadata, str]:
    """A good Tantivy folder's metadata, and its checksum."""
    return IndexMetadata(*answer["metadata"]), str(answer["checksum"])


def record_from(answer: Job) -> FileRecord | None:
    """The record that Tantivy has, or None."""
    row: list[Any] | None = answer["row"]
    if row is None:
        return None
    return record_from_row([_unwrapped(value) for value in row], part="search index")


def _checkpoint(disk: Disk, folder: Path, job: Job) -> Job:
    source, base, *rest = job["plan"]
    plan = CheckpointPlan(source, Base(*base), *rest)
    side_by_side = job.get("side_by_side") is True
    written = write_generation(disk, folder, plan, side_by_side=side_by_side)
    return {"written": list(written)}


def _check(disk: Disk, folder: Path, job: Job) -> Job:
    from codanna_lsp.store.search.search_index import read_sentinel
    from codanna_lsp.store.search.segment_check import search_index_checksum

    search = folder / job["search"]
    verify_search_index(search, disk=disk)
    metadata = read_sentinel(search)
    checksum = search_index_checksum(search, disk=disk)
    return {"metadata": list(metadata), "checksum": checksum}


def _find(disk: Disk, folder: Path, job: Job) -> Job:
    from codanna_lsp.store.search.search_index import find_record

    search = folder / job["search"]
    verify_search_index(search, disk=disk)
    found = find_record(search, job["path"])
    if found is None:
        return {"row": None}
    return {"row": [_wrapped(value) for value in record_to_row(found)]}


def _wrapped(value: Any) -> Any:
    if isinstance(value, bytes):
        return [base64.b64encode(value).decode()]
    return value


def _unwrapped(value: Any) -> Any:
    if type(value) is list:
        return base64.b64decode(value[0])  # pyright: ignore[reportUnknownArgumentType]
    return value


_RUN = {"checkpoint": _checkpoint, "check": _check, "find": _find}


def _failure(failure: CodannaError) -> Job:
    answer: Job = {"error": type(failure).__name__, "message": failure.message}
    if isinstance(failure, CorruptionError):
        answer.update(part=failure.part, reason=failure.reason)
    if isinstance(failure, DiskError):
        answer.update(errno=failure.errno)
    return answer
