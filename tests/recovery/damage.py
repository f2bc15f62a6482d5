"""What is done to the saved index of the tests: of one file, or of several."""

import shutil
from collections.abc import Callable
from pathlib import Path

from codanna_lsp.store.snapshots.snapshot_format import HEADER_BYTES

Damage = Callable[[Path], None]


def delete(name: str) -> Damage:
    def damage(folder: Path) -> None:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return damage


def truncate(name: str, *, keep: float) -> Damage:
    def damage(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: int(len(data) * keep)])

    return damage


def flip(name: str, *, at: float) -> Damage:
    def damage(folder: Path) -> None:
        data = bytearray((folder / name).read_bytes())
        data[min(int(len(data) * at), len(data) - 1)] ^= 0x10
        (folder / name).write_bytes(data)

    return damage


def older_snapshot(folder: Path) -> None:
    shutil.copy(folder / "snapshot-1.bin", folder / "snapshot-2.bin")


def flip_first_facts(folder: Path) -> None:
    """Of a file that no journal speaks of."""
    path = folder / "snapshot-2.bin"
    data = bytearray(path.read_bytes())
    data[HEADER_BYTES + 5] ^= 1
    path.write_bytes(data)


def both(*damages: Damage) -> Damage:
    def damage(folder: Path) -> None:
        for one in damages:
            one(folder)

    return damage


def search_file(folder: Path, suffix: str) -> str:
    (found,) = sorted((folder / "tantivy-1").glob(f"*{suffix}"))[:1]
    return f"tantivy-1/{found.name}"
