"""`verify` of a folder that somebody filled: it ends soon, and in words."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from codanna_lsp.cli.demo.damage import flip_bytes
from tests.cli.conftest import Command

Folder = Callable[[], Path]
HUGE = 1 << 40


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "snapshot-9.bin")
    os.mkfifo(folder / "else")


def endless(folder: Path) -> None:
    (folder / "journal-999.wal").symlink_to("/dev/zero")
    (folder / "else").symlink_to("/dev/zero")


def sparse(folder: Path) -> None:
    for name in ("snapshot-9.bin", "journal-999.wal", "else", "tantivy-1/else"):
        with (folder / name).open("wb") as file:
            file.truncate(HUGE)


def listening(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "snapshot-9.bin"))


def in_place_of_files(folder: Path) -> None:
    (folder / "snapshot-9.bin").mkdir()
    (folder / "tantivy-9").write_bytes(b"")
    (folder / "tantivy-1" / "else").mkdir()


@pytest.mark.parametrize(
    "fill",
    [pipe, endless, sparse, listening, in_place_of_files],
    ids=lambda f: f.__name__,
)
def test_it_ends_in_words(
    command: Command, index_folder: Folder, fill: Callable[[Path], None]
) -> None:
    command("index")
    folder = index_folder()
    flip_bytes(folder / "snapshot-1.bin")
    fill(folder)
    names = sorted(map(str, folder.rglob("*")))
    told = command("verify")
    assert told.code == 4, told
    assert "damaged  snapshot-1.bin" in told.out
    assert "and would say: " in told.out
    assert sorted(map(str, folder.rglob("*"))) == names, "verify changes nothing"
