"""StoreStatus: all that can be said of a store, and the bytes of its parts."""

import contextlib
import os
import stat
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.store.incident import Incident
from codanna_lsp.store.journals.journal import journal_serial
from codanna_lsp.store.metadata import search_number, snapshot_generation

PARTS: tuple[str, ...] = ("snapshot", "search", "journal", "quarantine", "other")


class StoreStatus(NamedTuple):
    """What `codanna/status` and `codanna-lsp status` tell of the index on disk.

    state, reason: see store.state. mode: "writer", "reader" or "memory".
    generation: of the live checkpoint. serial: number of the last durable transaction.
    pending_files: files whose newest facts are not durable yet.
    verified: "columns" when only what READY needs was checked, "all" when every byte
    of both stores was.
    bytes_on_disk: by part: snapshot, search, journal, quarantine, other.
    holder: process id of the writer, as the lock file tells it.
    """

    state: str
    reason: str
    mode: str
    folder: str
    generation: int
    serial: int
    symbol_count: int
    file_count: int
    pending_files: int
    verified: str
    bytes_on_disk: dict[str, int]
    incidents: tuple[Incident, ...]
    holder: int | None


def bytes_on_disk(folder: Path | None) -> dict[str, int]:
    """Bytes of each part of an index folder; what cannot be looked at counts nothing."""
    sizes: dict[str, int] = dict.fromkeys(PARTS, 0)
    if folder is None:
        return sizes
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            sizes[_part(path.name)] += bytes_in(path)
    return sizes


def bytes_in(path: Path) -> int:
    """Bytes of a file, or of all files in a folder, however deep; follows no link."""
    total, waiting = 0, [str(path)]
    while waiting:
        with contextlib.suppress(OSError):
            found = waiting.pop()
            state = os.lstat(found)
            if stat.S_ISDIR(state.st_mode):
                with os.scandir(found) as entries:
                    waiting.extend(entry.path for entry in entries)
            else:
                total += state.st_size
    return total


def _part(name: str) -> str:
    if snapshot_generation(name) is not None:
        return "snapshot"
    if journal_serial(name) is not None:
        return "journal"
    if search_number(name) is not None:
        return "search"
    return "quarantine" if name == "quarantine" else "other"
