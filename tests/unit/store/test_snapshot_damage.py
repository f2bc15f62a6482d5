"""Snapshots that are not what was written are refused, on opening or on touch."""

import random
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import xxhash

from codanna_lsp.errors import CorruptionError, FormatError
from codanna_lsp.index.columns import Columns, build_columns
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.snapshots.snapshot import (
    Snapshot,
)
from codanna_lsp.store.snapshots.snapshot_format import (
    HEADER_BYTES,
    TRAILER_BYTES,
    Section,
    Table,
    pack_end,
    pack_header,
    read_table,
)
from tests.unit.store.sample_records import sample_record, samples, written_snapshot

DISK = RealDisk()
HUGE = 1 << 62


def check_damage(path: Path, data: bytes) -> None:
    """The bytes in place of a snapshot's are refused, if every blob is looked at."""
    path.write_bytes(data)
    with pytest.raises(CorruptionError) as caught:
        Snapshot.open(DISK, path, verify="all")
    assert "snapshot-3.bin" in caught.value.part


def test_a_missing_snapshot(tmp_path: Path) -> None:
    with pytest.raises(CorruptionError, match=r"snapshot-3\.bin is damaged: .*missing"):
        Snapshot.open(DISK, tmp_path / "snapshot-3.bin")


def test_a_snapshot_of_another_checkpoint(tmp_path: Path) -> None:
    info = written_snapshot(tmp_path, samples(5))
    other = written_snapshot(tmp_path, samples(6))
    with pytest.raises(CorruptionError, match="not the one that index"):
        Snapshot.open(DISK, tmp_path / other.name, checksum=info.checksum)


def test_every_bit_of_the_frame_matters(tmp_path: Path) -> None:
    """Header, table and trailer byte by byte; a section is in the next test."""
    info = written_snapshot(tmp_path, samples(20))
    path = tmp_path / info.name
    data = path.read_bytes()
    table_start = int.from_bytes(data[-TRAILER_BYTES:][:8], "little")
    chance = random.Random(7)
    places = [*range(HEADER_BYTES), *range(table_start, len(data))]
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= 1 << chance.randrange(8)
        check_damage(path, bytes(flipped))


def test_every_section_is_verified(tmp_path: Path) -> None:
    info = written_snapshot(tmp_path, samples(50))
    path = tmp_path / info.name
    data = path.read_bytes()
    table, _checksum = read_table(info.name, memoryview(data))
    chance = random.Random(8)
    for section in table.sections:
        for _ in range(5 if section.length else 0):
            flipped = bytearray(data)
            place = section.offset + chance.randrange(section.length)
            flipped[place] ^= 1 << chance.randrange(8)
            path.write_bytes(flipped)
            with pytest.raises(CorruptionError) as caught:
                Snapshot.open(DISK, path)
            assert section.name in caught.value.part


def test_no_byte_is_free(tmp_path: Path) -> None:
    """Blobs, and the zeros between sections, too."""
    info = written_snapshot(tmp_path, samples(30))
    path = tmp_path / info.name
    data = path.read_bytes()
    chance = random.Random(9)
    for _ in range(400):
        flipped = bytearray(data)
        flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        check_damage(path, bytes(flipped))


def test_damaged_facts_are_found_when_touched(tmp_path: Path) -> None:
    records = samples(12)
    info = written_snapshot(tmp_path, records)
    path = tmp_path / info.name
    data = bytearray(path.read_bytes())
    row = 4
    data[HEADER_BYTES + sum(len(r.facts) for r in records[:row]) + 3] ^= 16
    path.write_bytes(data)
    snapshot = Snapshot.open(DISK, path)
    assert snapshot.verify_blobs(0, 12) == [row]
    assert snapshot.verify_blobs(5, 100) == []
    assert snapshot.read_blob(row + 1) == records[row + 1].facts
    with pytest.raises(CorruptionError) as caught:
        snapshot.read_blob(row)
    assert caught.value.part == f"facts of {records[row].path} in snapshot-3.bin"


@pytest.mark.parametrize("cut", ["front", "back", "twice", "longer"])
def test_wrong_lengths_are_refused(tmp_path: Path, cut: str) -> None:
    info = written_snapshot(tmp_path, samples(20))
    path = tmp_path / info.name
    data = path.read_bytes()
    chance = random.Random(cut)
    if cut == "twice":
        check_damage(path, data + data)
    for _ in range(60 if cut != "twice" else 0):
        length = chance.randrange(len(data))
        changed = {
            "front": data[length + 1 :],
            "back": data[:length],
            "longer": data + bytes(length + 1),
        }
        check_damage(path, changed[cut])


def test_a_newer_format_is_no_damage(tmp_path: Path) -> None:
    info = written_snapshot(tmp_path, samples(2))
    path = tmp_path / info.name
    header = struct.pack("<8sIIQ", b"CODANNA\n", 99, 0, 3)
    checksum = xxhash.xxh3_64_intdigest(header).to_bytes(8, "little")
    path.write_bytes(header + checksum + path.read_bytes()[HEADER_BYTES:])
    with pytest.raises(FormatError) as caught:
        Snapshot.open(DISK, path)
    assert caught.value.found == 99


def forged(data: bytes, **changes: Any) -> bytes:
    """A snapshot whose table says something else, under good checksums."""
    table, _checksum = read_table("snapshot-3.bin", memoryview(data))
    start = int.from_bytes(data[-TRAILER_BYTES:][:8], "little")
    forged_table = Table(**{**table._asdict(), **changes})
    end, _checksum = pack_end(forged_table, offset=start)
    return data[:start] + end


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol_count": HUGE},
        {"file_count": HUGE},
        {"generation": 4},
        {"blobs_stop": HUGE},
        {"blobs_stop": 0},
        {"sections": ()},
        {"sections": (Section("paths", HUGE, HUGE, 1),)},
        {"sections": (Section("paths", 32, 1, -1),)},
        {"sections": (("paths",),)},
        {"sections": ((1, 2, 3, 4),)},
        {"sections": 5},
        {"sections": tuple(Section(f"s{n}", 32, 0, 1) for n in range(1000))},
        {"sections": tuple(Section(f"s{n}", 32, 0, 1) for n in range(5000))},
    ],
)
def test_hostile_tables_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    info = written_snapshot(tmp_path, samples(3))
    path = tmp_path / info.name
    data = path.read_bytes()
    tracemalloc.start()
    check_damage(path, forged(data, **changes))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_hostile_sections_are_refused(tmp_path: Path) -> None:
    """Sections that lie over each other, leave gaps, or have an impossible length."""
    info = written_snapshot(tmp_path, samples(3))
    path = tmp_path / info.name
    data = path.read_bytes()
    table, _checksum = read_table(info.name, memoryview(data))
    for number, section in enumerate(table.sections):
        for offset, length in ((-8, 0), (8, 0), (1, 0), (0, 1), (0, -1), (0, HUGE)):
            bad = section._replace(
                offset=section.offset + offset, length=section.length + length
            )
            rows = list(table.sections)
            rows[number] = bad
            check_damage(path, forged(data, sections=tuple(rows)))


def test_hostile_blob_places_are_refused(tmp_path: Path) -> None:
    """Facts that would be read out of the header, or from beyond the end."""
    columns: Columns = build_columns([sample_record(1)])
    for offset, length in ((0, 8), (HUGE, 8), (HEADER_BYTES, 1 << 31), (1 << 63, 1)):
        path = tmp_path / "snapshot-3.bin"
        data = bytearray(pack_header(3))
        sections: list[Section] = []
        parts = {
            **columns.sections(),
            "blob_offsets": memoryview(offset.to_bytes(8, "little")),
            "blob_lengths": memoryview(length.to_bytes(4, "little")),
            "blob_sums": memoryview(bytes(8)),
        }
        for name, part in parts.items():
            data += bytes(-len(data) % 8)
            sections.append(
                Section(name, len(data), len(part), xxhash.xxh3_64_intdigest(part))
            )
            data += part
        table = Table(3, columns.symbol_count, 1, HEADER_BYTES, tuple(sections))
        end, _checksum = pack_end(table, offset=len(data))
        path.write_bytes(data + end)
        snapshot = Snapshot.open(DISK, path)
        with pytest.raises(CorruptionError):
            snapshot.read_blob(0)
