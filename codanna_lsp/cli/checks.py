"""Checks of an index folder that change nothing: each part by itself, byte by byte."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.errors import CorruptionError, StoreError
from codanna_lsp.store.disk import Disk, RealDisk
from codanna_lsp.store.holding.held_folder import is_interrupted
from codanna_lsp.store.journals.chain import find_unnamed_journal, read_chain
from codanna_lsp.store.metadata import (
    META_NAME,
    Base,
    Manifest,
    read_manifest,
    snapshot_name,
)
from codanna_lsp.store.recovering.recovery import open_base
from codanna_lsp.store.search.segment_check import verify_search_index

TRIES = 5
"""How often the check starts again because a running server changed the files."""
MAX_NAMED_FILES = 20


class Part(NamedTuple):
    """One part of the index; `damage` says what is wrong with it, "" when nothing is.

    files: the source files whose facts are lost in this part.
    """

    name: str
    damage: str = ""
    files: tuple[str, ...] = ()


def check_parts(folder: Path) -> tuple[Part, ...]:
    """Every part of an index folder, whether it is as it was written.

    Raises:
        DiskError: the operating system refused to read.
        FormatError: a newer version wrote it.
    """
    disk = RealDisk()
    for _ in range(TRIES):
        before = _manifest_or_none(disk, folder)
        parts = tuple(_check(disk, folder))
        if not any(part.damage for part in parts):
            return parts
        if before is not None and before == _manifest_or_none(disk, folder):
            return parts
    return tuple(_check(disk, folder))


def _manifest_or_none(disk: Disk, folder: Path) -> Manifest | None:
    try:
        return read_manifest(disk, folder)
    except CorruptionError:
        return None


def _check(disk: Disk, folder: Path) -> Iterator[Part]:
    try:
        manifest = read_manifest(disk, folder)
    except CorruptionError as damage:
        yield Part(META_NAME, damage.reason)
        return
    if manifest is None:
        yield Part(META_NAME, "it is missing")
        return
    newest = manifest.newest_journal
    later = find_unnamed_journal(disk, folder, newest=newest)
    yield Part(META_NAME, f"it is older than {later}" if later else "")
    if manifest.snapshot:
        yield _check_snapshot(disk, folder, manifest)
    if manifest.search:
        yield _check_search(disk, folder, manifest)
    chain = read_chain(
        disk, folder, first=manifest.first_journal, newest=manifest.newest_journal
    )
    yield Part("journals", chain.damage)


def _check_snapshot(disk: Disk, folder: Path, manifest: Manifest) -> Part:
    name = manifest.snapshot
    try:
        snapshot = open_base(disk, folder, manifest.base)
    except CorruptionError as damage:
        return Part(name, damage.reason)
    if snapshot is None:
        return Part(name)
    rows = snapshot.verify_blobs(0, snapshot.info.file_count)
    paths = tuple(snapshot.columns.path(row) for row in rows)
    if not paths:
        return Part(name)
    return Part(name, f"the facts of {len(paths)} files are damaged", paths)


def _check_search(disk: Disk, folder: Path, manifest: Manifest) -> Part:
    name = manifest.search
    checksum = manifest.search_checksum or None
    try:
        verify_search_index(folder / name, disk=disk, checksum=checksum)
    except CorruptionError as damage:
        # A start mends without a warning what only a crash can have left.
        is_crash = is_interrupted(disk, folder, manifest.metadata.generation)
        return Part(name, "" if is_crash else damage.reason)
    except StoreError as failure:
        return Part(name, failure.message)
    return Part(name)
