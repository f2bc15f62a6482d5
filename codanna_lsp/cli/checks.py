"""Checks of an index folder that change nothing: each part by itself, byte by byte."""

import contextlib
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
    search_number,
    snapshot_generation,
)
from codanna_lsp.store.recovering.recovery import open_base
from codanna_lsp.store.recovering.repair import infer_manifest
from codanna_lsp.store.search.segment_check import (
    SEGMENT_MISSING,
    verify_search_index,
)

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
        manifest, reason = read_manifest(disk, folder), "it is missing"
    except CorruptionError as damage:
        manifest, reason = None, damage.reason
    if manifest is None:
        yield Part(META_NAME, reason)
        yield from _check_what_is_there(disk, folder)
        return
    newest = manifest.newest_journal
    later = find_unnamed_journal(disk, folder, newest=newest)
    yield Part(META_NAME, f"it is older than {later}" if later else "")
    if manifest.snapshot:
        yield _check_snapshot(disk, folder, manifest.base)
    if manifest.search:
        yield _check_named_search(disk, folder, manifest)
    chain = read_chain(
        disk, folder, first=manifest.first_journal, newest=manifest.newest_journal
    )
    yield Part("journals", chain.damage)


def _check_what_is_there(disk: Disk, folder: Path) -> Iterator[Part]:
    """Without index.meta, the parts that the folder's names tell of."""
    names = disk.names(folder)
    for name in names:
        generation = snapshot_generation(name)
        if generation:
            yield _check_snapshot(disk, folder, Base(generation, name, "", 1))
    for name in names:
        if search_number(name) is not None:
            yield Part(name, _search_damage(disk, folder / name, None))
    manifest = infer_manifest(disk, folder)
    if manifest is None:
        yield Part("journals", "none of them begins where a snapshot ends")
        return
    first, newest = manifest.first_journal, manifest.newest_journal
    yield Part("journals", read_chain(disk, folder, first=first, newest=newest).damage)


def _check_snapshot(disk: Disk, folder: Path, base: Base) -> Part:
    name = base.snapshot
    try:
        snapshot = open_base(disk, folder, base)
    except CorruptionError as damage:
        return Part(name, damage.reason)
    if snapshot is None:
        return Part(name)
    rows = snapshot.verify_blobs(0, snapshot.info.file_count)
    paths = tuple(snapshot.columns.path(row) for row in rows)
    if not paths:
        return Part(name)
    return Part(name, f"the facts of {len(paths)} files are damaged", paths)


def _check_named_search(disk: Disk, folder: Path, manifest: Manifest) -> Part:
    name, checksum = manifest.search, manifest.search_checksum or None
    damage = _search_damage(disk, folder / name, checksum)
    if not damage:
        return Part(name)
    # A start mends without a warning what only a crash can have left: Tantivy at the
    # next generation already, or on the way there.
    generation = manifest.metadata.generation
    again = _search_damage(disk, folder / name, None)
    if not again and _generation_of(folder / name) == generation + 1:
        again = SEGMENT_MISSING
    is_next = is_interrupted(disk, folder, generation, reason=again)
    return Part(name) if is_next else Part(name, damage)


def _generation_of(search: Path) -> int:
    """What a Tantivy folder that was found whole says of itself; 0 for nothing."""
    from codanna_lsp.store.search.search_index import read_sentinel

    with contextlib.suppress(StoreError):
        return read_sentinel(search).generation
    return 0


def _search_damage(disk: Disk, search: Path, checksum: str | None) -> str:
    try:
        verify_search_index(search, disk=disk, checksum=checksum)
    except CorruptionError as damage:
        return damage.reason
    except StoreError as failure:
        return failure.message
    return ""
