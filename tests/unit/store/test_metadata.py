"""index.meta: what was written comes back, and nothing else is believed."""

import json
from pathlib import Path
from typing import Any

import pytest

from codanna_lsp.errors import CorruptionError, FormatError
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.metadata import (
    FORMAT,
    META_LIMIT_BYTES,
    META_NAME,
    Base,
    IndexMetadata,
    Manifest,
    _checksum,
    format_manifest,
    new_manifest,
    parse_manifest,
    read_manifest,
    write_manifest,
)

MANIFEST = Manifest(
    IndexMetadata(FORMAT, 7, 1_764_000_000_000_000_000, 1200, 40, "ab" * 16),
    "snapshot-7.bin",
    "tantivy-3",
    "cd" * 16,
    12,
    14,
    suspect=True,
    previous=Base(6, "snapshot-6.bin", "ef" * 16, 9),
)


def signed(index: dict[str, Any]) -> bytes:
    return json.dumps({"checksum": _checksum(index), "index": index}).encode()


@pytest.mark.parametrize("manifest", [MANIFEST, new_manifest(journal=3, now_ns=5)])
def test_round_trip(tmp_path: Path, manifest: Manifest) -> None:
    assert read_manifest(RealDisk(), tmp_path) is None
    write_manifest(RealDisk(), tmp_path, manifest)
    assert read_manifest(RealDisk(), tmp_path) == manifest
    assert [path.name for path in tmp_path.iterdir()] == [META_NAME]


def test_no_flipped_bit_is_believed() -> None:
    data = format_manifest(MANIFEST)
    for place in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            try:
                found = parse_manifest(bytes(flipped))
            except CorruptionError:
                continue
            assert found == MANIFEST, (place, bit)  # a blank became another blank


def test_cut_at_every_byte() -> None:
    data = format_manifest(MANIFEST)
    for length in range(len(data) - 1):
        with pytest.raises(CorruptionError):
            parse_manifest(data[:length])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'{"index": 5}',
        b'{"index": {}}',
        b"[" * 20_000,
        b"\xff\xfe",
        b'{"index": {"a": 1e999}, "checksum": 1}',
    ],
)
def test_other_bytes(data: bytes) -> None:
    with pytest.raises(CorruptionError):
        parse_manifest(data)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("snapshot", "../../etc/passwd"),
        ("snapshot", "snapshot-6.bin"),
        ("search", "../tantivy-1"),
        ("search", "/etc"),
        ("search", 5),
        ("generation", -1),
        ("generation", True),
        ("generation", 1 << 70),
        ("symbol_count", 1 << 50),
        ("first_journal", 0),
        ("newest_journal", 3),
        ("checksum", "x" * 1000),
        ("previous", []),
        ("previous", {"generation": 1, "snapshot": "snapshot-2.bin"}),
        ("format", 0),
        ("format", "1"),
    ],
)
def test_values_that_make_no_sense_under_a_good_checksum(key: str, value: Any) -> None:
    index = json.loads(format_manifest(MANIFEST))["index"]
    assert parse_manifest(signed(index)) == MANIFEST
    with pytest.raises(CorruptionError):
        parse_manifest(signed({**index, key: value}))


def test_newer_format() -> None:
    index = json.loads(format_manifest(MANIFEST))["index"]
    with pytest.raises(FormatError) as raised:
        parse_manifest(signed({**index, "format": FORMAT + 1, "generation": "new"}))
    assert raised.value.found == FORMAT + 1
    assert raised.value.advice


def test_too_large(tmp_path: Path) -> None:
    (tmp_path / META_NAME).write_bytes(b" " * (META_LIMIT_BYTES + 1))
    with pytest.raises(CorruptionError):
        read_manifest(RealDisk(), tmp_path)
