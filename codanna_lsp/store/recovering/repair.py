"""What recovery does to a damaged folder: infer a manifest, set things aside, begin anew.

Invariant: only CorruptionErrors lead here; a lock, a permission or an I/O error never
sets anything aside.
Invariant: nothing is deleted because it is damaged: it goes to `quarantine/`, where the
last MAX_QUARANTINED are kept, as long as they are not too large.
"""

import contextlib
import json
import time
from pathlib import Path

from codanna_lsp.errors import CorruptionError, DiskError, FolderError
from codanna_lsp.store.disk import ASIDE_SUFFIX, Disk
from codanna_lsp.store.holding.lock import LOCK_NAME
from codanna_lsp.store.holding.parse_notes import PARSE_NOTES_NAME
from codanna_lsp.store.journals.chain import (
    find_first_journal,
    find_header,
    find_newest_journal,
    journal_serials,
    next_serial,
)
from codanna_lsp.store.journals.journal import (
    HEADER_BYTES,
    JournalHeader,
    JournalWriter,
)
from codanna_lsp.store.metadata import (
    META_NAME,
    Manifest,
    new_manifest,
    search_number,
    snapshot_generation,
    write_manifest,
)
from codanna_lsp.store.snapshots.snapshot import Snapshot, SnapshotInfo
from codanna_lsp.store.store_status import bytes_in

QUARANTINE_NAME = "quarantine"
MAX_QUARANTINED = 2
MAX_QUARANTINED_BYTES = 1 << 29
BOOT_NAME = "boot"
BOOT_LOADS = 3
BOOT_WINDOW_S = 180.0
_BOOT_LIMIT_BYTES = 4096


def begin_anew(disk: Disk, folder: Path, *, transaction: int = 0) -> Manifest:
    """Make generation 0: a journal without transactions, then index.meta.

    Raises:
        DiskError: the folder is as it was, but for a journal that nobody names.
    """
    serial = next_serial(disk, folder, newest=0)
    header = JournalHeader(serial, 0, 0, 0, 0, transaction)
    JournalWriter(disk, folder, header).close()
    manifest = new_manifest(journal=serial, now_ns=time.time_ns())
    write_manifest(disk, folder, manifest)
    return manifest


def is_new(disk: Disk, folder: Path) -> bool:
    """Whether the folder never held a transaction: it may begin anew in silence."""
    names = disk.names(folder)
    if META_NAME in names:
        return False
    if any(snapshot_generation(n) or search_number(n) for n in names):
        return False
    for serial in journal_serials(disk, folder):
        try:
            data = disk.read(folder / f"journal-{serial}.wal", limit=HEADER_BYTES)
        except CorruptionError:  # longer than a header: it took transactions
            return False
        if data is None:
            return False
    return True


def infer_manifest(disk: Disk, folder: Path) -> Manifest | None:
    """What index.meta must have said, by the files beside it; None if nothing is good.

    The newest good snapshot, else generation 0 when the journals reach back to it.
    """
    newest = find_newest_journal(disk, folder) or 0
    info = _newest_snapshot(disk, folder)
    generation = info.generation if info else 0
    first = find_first_journal(disk, folder, generation=generation)
    if info is None and (first is None or not _begins_anew(disk, folder, first)):
        return None
    manifest = new_manifest(journal=first or newest + 1, now_ns=time.time_ns())
    manifest = manifest._replace(
        newest_journal=max(newest, first or newest + 1), suspect=True
    )
    if info is None:
        return manifest
    return manifest._replace(
        metadata=manifest.metadata._replace(
            generation=info.generation,
            symbol_count=info.symbol_count,
            file_count=info.file_count,
            checksum=info.checksum,
        ),
        snapshot=info.name,
    )


def search_folders(disk: Disk, folder: Path) -> list[str]:
    """The Tantivy folders, newest first."""
    numbered = [(search_number(name), name) for name in disk.names(folder)]
    return [
        name for number, name in sorted(numbered, reverse=True, key=_rank) if number
    ]


def set_aside(disk: Disk, folder: Path, names: list[str], *, code: str) -> None:
    """Move files and folders to quarantine, and forget what was set aside before.

    Raises:
        DiskError: some may not have been moved.
    """
    place = folder / QUARANTINE_NAME
    try:
        disk.make_folder(place)
    except FolderError:
        disk.remove(place)  # a link or a pipe in its place; what it leads to stays
        disk.make_folder(place)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    number = sum(name.startswith(stamp) for name in disk.names(place))
    target = place / f"{stamp}-{number}-{code}"
    disk.make_folder(target)
    for name in names:
        disk.rename(folder / name, target / name)
    disk.sync_folder(target)
    disk.sync_folder(folder)
    _cap(disk, place, newest=target.name)


def set_everything_aside(disk: Disk, folder: Path, *, code: str) -> None:
    """Leave nothing in the folder but the lock and what was set aside before."""
    kept = {LOCK_NAME, QUARANTINE_NAME, BOOT_NAME, PARSE_NOTES_NAME}
    names = [name for name in disk.names(folder) if name not in kept]
    set_aside(disk, folder, names, code=code)


def note_load(disk: Disk, folder: Path, *, now_s: float) -> int:
    """Count this load until `forget_loads`; how often in a row loads died, in threes.

    0 for an ordinary load, 1 when three loads died before they were READY, 2 when
    that happened again. Not synced: it need not outlast more than a process.
    """
    loads, level = _read_boot(disk, folder)
    recent = [at for at in loads if 0 <= now_s - at < BOOT_WINDOW_S]
    if len(recent) >= BOOT_LOADS:
        level, recent = min(level + 1, 2), []
        result = level
    else:
        level, result = (level if recent else 0), 0
    with contextlib.suppress(DiskError):
        text = json.dumps({"loads": [*recent, now_s], "level": level})
        aside = folder / (BOOT_NAME + ASIDE_SUFFIX)
        disk.remove(aside)
        with disk.create(aside) as file:
            file.write(text.encode())
        disk.rename(aside, folder / BOOT_NAME)
    return result


def forget_loads(disk: Disk, folder: Path) -> None:
    """This load became READY."""
    with contextlib.suppress(DiskError):
        disk.remove(folder / BOOT_NAME)


def _read_boot(disk: Disk, folder: Path) -> tuple[list[float], int]:
    try:
        data = disk.read(folder / BOOT_NAME, limit=_BOOT_LIMIT_BYTES)
        found = json.loads(data or b"{}")
        return [float(at) for at in found.get("loads", [])], int(found.get("level", 0))
    except (
        *(CorruptionError, ValueError, TypeError, AttributeError),
        *(RecursionError, OverflowError),
    ):
        return [], 0


def _newest_snapshot(disk: Disk, folder: Path) -> SnapshotInfo | None:
    found = (snapshot_generation(name) for name in disk.names(folder))
    for generation in sorted((g for g in found if g), reverse=True):
        with contextlib.suppress(CorruptionError):
            path = folder / f"snapshot-{generation}.bin"
            snapshot = Snapshot.open(disk, path)
            try:
                if snapshot.generation == generation:
                    return snapshot.info
            finally:
                snapshot.close()
    return None


def _begins_anew(disk: Disk, folder: Path, serial: int) -> bool:
    header = find_header(disk, folder, serial)
    return header is not None and not header.base and not header.continued_serial


def _rank(numbered: tuple[int | None, str]) -> int:
    return numbered[0] or 0


def _cap(disk: Disk, place: Path, *, newest: str) -> None:
    """Forget what was set aside before; what cannot be removed ends no recovery.

    newest: the last one, whatever a clock that was set back made of its name.
    """
    kept = [*(name for name in disk.names(place) if name != newest), newest]
    for name in kept[:-MAX_QUARANTINED]:
        _forget(disk, place / name)
    for name in kept[-MAX_QUARANTINED:]:
        if bytes_in(place / name) > MAX_QUARANTINED_BYTES:
            _forget(disk, place / name)


def _forget(disk: Disk, path: Path) -> None:
    with contextlib.suppress(DiskError):  # tried again by the next one
        disk.remove_tree(path)
