"""Recoveries that are interrupted: what they begin with, and what they may say.

Each begins with the world after `saves`, damaged, or with what a kill left. Its run is
recorded and enumerated like any other; after every crash the next load must find the
same state as an undisturbed recovery, and bring it to the same silent end.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.incident import Code
from codanna_lsp.store.journals.journal import HEADER_BYTES, journal_name
from codanna_lsp.store.metadata import META_NAME, Manifest, read_manifest
from codanna_lsp.store.snapshots.snapshot import Snapshot


class Recovery(NamedTuple):
    """One recovery to interrupt.

    before: parts that are run first (see recorded.PARTS). damage: done to the index
    folder then. codes: what a load may tell besides ROLLED_FORWARD. suspect: whether
    until the sources are hashed every load must say that they have to be.
    """

    name: str
    before: tuple[str, ...]
    damage: Callable[[Path], None]
    codes: tuple[str, ...] = ()
    suspect: bool = False


def nothing(folder: Path) -> None:
    """A crash alone."""
    del folder


def removed(*parts: str) -> Callable[[Path], None]:
    """Live parts that are gone: snapshot, search or meta."""

    def damage(folder: Path) -> None:
        manifest = _manifest(folder)
        names = {
            "snapshot": manifest.snapshot,
            "search": manifest.search,
            "meta": META_NAME,
        }
        for part in parts:
            path = folder / names[part]
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return damage


def flipped_search(folder: Path) -> None:
    """A bit of Tantivy's stored facts."""
    for path in (folder / _manifest(folder).search).glob("*.store"):
        _flip(path, path.stat().st_size // 3)


def flipped_blob(folder: Path) -> None:
    """A bit of the facts of the snapshot's last file."""
    path = folder / _manifest(folder).snapshot
    snapshot = Snapshot.open(RealDisk(), path)
    facts = snapshot.read_blob(snapshot.info.file_count - 1)
    snapshot.close()
    _flip(path, path.read_bytes().rindex(facts) + len(facts) // 2)


def flipped_journal(folder: Path) -> None:
    """A bit of the first journal that is replayed, before its last transaction."""
    serial = _manifest(folder).first_journal
    _flip(folder / journal_name(serial), HEADER_BYTES + 40)


def emptied(folder: Path) -> None:
    """Nothing is left that could be believed."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "writer.lock":
            path.write_bytes(b"\xff" * 100)


RECOVERIES = (
    Recovery("a torn transaction", ("saves", "killed in a save"), nothing),
    Recovery("a checkpoint to complete", ("saves", "killed in a checkpoint"), nothing),
    Recovery("no search index", ("saves",), removed("search"), (Code.SEARCH_REBUILT,)),
    Recovery("a bit of Tantivy", ("saves",), flipped_search, (Code.SEARCH_REBUILT,)),
    Recovery("no snapshot", ("saves",), removed("snapshot"), (Code.SNAPSHOT_REBUILT,)),
    Recovery("a bit of facts", ("saves",), flipped_blob, (Code.BLOB_DAMAGED,)),
    Recovery(
        "neither store", ("saves",), removed("snapshot", "search"), (Code.FELL_BACK,)
    ),
    Recovery(
        "no index.meta", ("saves",), removed("meta"), (Code.META_REBUILT,), suspect=True
    ),
    Recovery(
        "neither index.meta nor snapshot",
        ("saves",),
        removed("meta", "snapshot"),
        (Code.META_REBUILT,),
        suspect=True,
    ),
    Recovery(
        "a bit of a journal",
        ("saves", "killed in a save"),
        flipped_journal,
        (Code.JOURNAL_DAMAGED,),
        suspect=True,
    ),
    Recovery("nothing good", ("saves",), emptied, (Code.REBUILD,)),
)


def _manifest(folder: Path) -> Manifest:
    found = read_manifest(RealDisk(), folder)
    assert found is not None
    return found


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)
