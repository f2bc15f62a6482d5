"""One thing done to one file of an index, and which part of the index that is."""

import shutil
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.journals.journal import journal_serial
from codanna_lsp.store.metadata import (
    META_NAME,
    Manifest,
    read_manifest,
    search_number,
    snapshot_generation,
)

PAGE = 4096
WHOLE = ("delete", "empty", "half", "minus one", "zero page", "append")

SPARE = "spare"
META, SNAPSHOT, SEARCH, JOURNAL = "meta", "snapshot", "search", "journal"
TOLD = {
    META: {"META_REBUILT"},
    SNAPSHOT: {"SNAPSHOT_REBUILT", "BLOB_DAMAGED"},
    SEARCH: {"SEARCH_REBUILT"},
    JOURNAL: {"JOURNAL_DAMAGED"},
    SPARE: set[str](),
}
"""What may be told of damage to one part of the live generation."""


class Fault(NamedTuple):
    """One thing done to one file; `how` is one of WHOLE, or "flip 12.3": byte, bit."""

    name: str
    how: str

    def __str__(self) -> str:
        return f"{self.name}: {self.how}"


def apply(folder: Path, fault: Fault) -> None:
    """Do it; what another fault has deleted stays so."""
    path = folder / fault.name
    if fault.how == "delete":
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        return
    if not path.is_file():
        return
    data = path.read_bytes()
    if fault.how.startswith("flip "):
        at, bit = fault.how.removeprefix("flip ").split(".")
        flipped = bytearray(data)
        flipped[int(at)] ^= 1 << int(bit)
        data = bytes(flipped)
    else:
        data = {
            "empty": b"",
            "half": data[: len(data) // 2],
            "minus one": data[:-1],
            "zero page": bytes(min(PAGE, len(data))) + data[PAGE:],
            "append": data + b"\0more" * 3,
        }[fault.how]
    if kind_of(fault.name.partition("/")[0]) == SEARCH:
        # A test runs Tantivy in its own process, which then has the old file mapped
        # (SIGBUS); no server does.
        path.unlink()
    path.write_bytes(data)


def find_files(folder: Path) -> list[str]:
    """Every file of an index, by its path in the folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(folder)) for path in found)


def part_of(manifest: Manifest, name: str) -> str:
    """Which part of the live generation a file belongs to, SPARE for none."""
    top, _, inner = name.partition("/")
    kind = kind_of(top)
    serial = journal_serial(top)
    if kind == SNAPSHOT and top != manifest.snapshot:
        return SPARE
    if serial is not None and serial < manifest.first_journal:
        return SPARE
    if kind == SEARCH and inner.endswith(".lock"):
        return SPARE
    return kind


def kind_of(name: str) -> str:
    """What a file at the top of the folder is."""
    if name == META_NAME:
        return META
    if snapshot_generation(name) is not None:
        return SNAPSHOT
    if search_number(name) is not None:
        return SEARCH
    return JOURNAL if journal_serial(name) is not None else SPARE


def manifest_of(folder: Path) -> Manifest:
    """The manifest of a good index."""
    found = read_manifest(RealDisk(), folder)
    assert found is not None
    return found
