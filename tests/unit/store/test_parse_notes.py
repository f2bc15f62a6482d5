"""The notes of what is parsed: what a dead process leaves, and what a folder may hold."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.holding.parse_notes import (
    MAX_SUSPECTS,
    PARSE_NOTES_NAME,
    SLOTS,
    ParseNotes,
)
from tests.recovery.crashing_disk import CrashingDisk

ONE, TWO, THREE = (bytes([number]) * 16 for number in (1, 2, 3))


def left_by(folder: Path) -> set[bytes]:
    """What a process that opens the notes now suspects."""
    notes = ParseNotes(RealDisk(), folder)
    suspects = set(notes.suspects)
    notes.close()
    return suspects


def test_a_dead_process_leaves_what_it_was_parsing(tmp_path: Path) -> None:
    notes = ParseNotes(RealDisk(), tmp_path)
    assert notes.suspects == set()
    notes.begin(ONE)
    notes.begin(TWO)
    notes.end(ONE)
    assert left_by(tmp_path) == {TWO}
    assert left_by(tmp_path) == {TWO}  # until somebody comes through it


def test_an_end_in_order_leaves_the_suspects_alone(tmp_path: Path) -> None:
    ParseNotes(RealDisk(), tmp_path).begin(ONE)
    notes = ParseNotes(RealDisk(), tmp_path)
    notes.begin(TWO)
    notes.close()
    notes.begin(THREE)
    assert left_by(tmp_path) == {ONE}
    notes = ParseNotes(RealDisk(), tmp_path)
    notes.end(ONE)
    notes.close()
    assert left_by(tmp_path) == set()


def test_one_text_in_two_threads(tmp_path: Path) -> None:
    notes = ParseNotes(RealDisk(), tmp_path)
    notes.begin(ONE)
    notes.begin(ONE)
    notes.end(ONE)
    assert left_by(tmp_path) == {ONE}


def test_there_is_always_room_for_what_is_parsed_now(tmp_path: Path) -> None:
    digests = [number.to_bytes(16, "big") for number in range(1, 2 * SLOTS)]
    (tmp_path / PARSE_NOTES_NAME).write_bytes(b"".join(digests[:SLOTS]))
    notes = ParseNotes(RealDisk(), tmp_path)
    assert notes.suspects == set(digests[:MAX_SUSPECTS])
    for digest in digests[SLOTS:]:
        notes.begin(digest)
    room = SLOTS - MAX_SUSPECTS
    data = (tmp_path / PARSE_NOTES_NAME).read_bytes()
    assert len(data) == 16 * SLOTS
    assert data.endswith(b"".join(digests[SLOTS : SLOTS + room]))


def link(outside: Path, name: Path) -> None:
    name.symlink_to(outside)


def hard_link(outside: Path, name: Path) -> None:
    name.hardlink_to(outside)


def pipe(_outside: Path, name: Path) -> None:
    os.mkfifo(name)


def folder(_outside: Path, name: Path) -> None:
    (name / "inner").mkdir(parents=True)


def large(_outside: Path, name: Path) -> None:
    with name.open("wb") as file:
        file.truncate(1 << 40)


@pytest.mark.parametrize("harm", [link, hard_link, pipe, folder, large])
def test_what_a_folder_may_hold_in_their_place(
    tmp_path: Path, harm: Callable[[Path, Path], None]
) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(ONE)
    index = tmp_path / "index"
    index.mkdir()
    harm(outside, index / PARSE_NOTES_NAME)
    notes = ParseNotes(RealDisk(), index)
    assert notes.suspects <= {ONE}
    notes.begin(TWO)
    assert left_by(index) - {ONE} == {TWO}
    assert outside.read_bytes() == ONE


@pytest.mark.parametrize("at", range(1, 6))
def test_a_disk_that_refuses_costs_nothing_but_the_notes(
    tmp_path: Path, at: int
) -> None:
    disk = CrashingDisk(at=at, how="error")
    notes = ParseNotes(disk, tmp_path)
    notes.begin(ONE)
    notes.end(ONE)
    notes.begin(TWO)
    notes.close()
    assert disk.fired
    assert left_by(tmp_path) <= {ONE, TWO}
