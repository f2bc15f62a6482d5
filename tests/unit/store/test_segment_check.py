"""Whatever happens to a Tantivy folder's files is found before Tantivy sees it."""

import json
import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from codanna_lsp.errors import CorruptionError
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.search.search_index import (
    build_search_index,
    find_record,
    read_search_index,
    update_search_index,
)
from codanna_lsp.store.search.segment_check import (
    search_index_checksum,
    sweep_unreferenced,
    verify_search_index,
)
from tests.unit.store.sample_records import sample_metadata, sample_record

DISK = RealDisk()
SUFFIXES = ("term", "idx", "pos", "store", "fast", "fieldnorm", "del")
FLIPS = 30

# Flips that change nothing anybody reads, by the kind of file. Everything else in
# these tests has to be found.
HARMLESS = {
    # The release of Tantivy that wrote a file; its format's number is compared.
    "footer": re.compile(rb'"(major|minor|patch)":\d+'),
    # One more or one less file of a segment that Tantivy may remove: whatever is not
    # referenced is swept by us, whatever is referenced it never removes.
    ".managed.json": re.compile(rb'"[0-9a-f]{32}\.(\d+\.)?[a-z]+"|\n| '),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two segments, one of them with deleted documents."""
    folder = tmp_path_factory.mktemp("good") / "tantivy-1"
    records = [sample_record(number) for number in range(200)]
    build_search_index(folder, records, sample_metadata(1, 200), disk=DISK)
    update_search_index(
        folder,
        [records[1].path],
        [sample_record(2, version=1), sample_record(500)],
        sample_metadata(2, 200),
        disk=DISK,
    )
    return folder


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A copy of the good folder, to be damaged."""
    return Path(shutil.copytree(good, tmp_path / "tantivy-1"))


def reason_for_refusing(folder: Path, checksum: str | None = None) -> str:
    """Why the folder is refused, "" when it is not."""
    try:
        verify_search_index(folder, disk=DISK, checksum=checksum)
    except CorruptionError as failure:
        return f"{failure.part}: {failure.reason}"
    return ""


def of_kind(folder: Path, suffix: str) -> list[Path]:
    found = [path for path in folder.iterdir() if path.suffix == f".{suffix}"]
    assert found, suffix
    return found


def test_a_good_folder_passes(good: Path) -> None:
    checksum = search_index_checksum(good, disk=DISK)
    meta = verify_search_index(good, disk=DISK, checksum=checksum)
    assert meta.document_count == 201
    assert {path.rsplit(".", 1)[1] for path in meta.files} == set(SUFFIXES)
    assert len(list(read_search_index(good).records)) == 200


def test_the_check_changes_nothing(good: Path) -> None:
    before = {path: path.read_bytes() for path in good.iterdir()}
    verify_search_index(good, disk=DISK)
    assert {path: path.read_bytes() for path in good.iterdir()} == before


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _data: b"",
    "halved": lambda data: data[: len(data) // 2],
    "one byte less": lambda data: data[:-1],
    "first page zeroed": lambda data: bytes(min(4096, len(data))) + data[4096:],
    "all zeros": lambda data: bytes(len(data)),
    "appended": lambda data: data + b"\0",
    "first byte lost": lambda data: data[1:],
    "random": lambda data: random.Random(1).randbytes(len(data)),
}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_segments_are_refused(folder: Path, suffix: str, damage: str) -> None:
    for path in of_kind(folder, suffix):
        data = path.read_bytes()
        path.write_bytes(DAMAGE[damage](data))
        assert path.name in reason_for_refusing(folder)
        path.write_bytes(data)


@pytest.mark.parametrize("suffix", [*SUFFIXES, "meta.json"])
def test_missing_files_are_refused(folder: Path, suffix: str) -> None:
    paths = [folder / suffix] if "." in suffix else of_kind(folder, suffix)
    for path in paths:
        data = path.read_bytes()
        path.unlink()
        assert f"{path.name}: is missing" in reason_for_refusing(folder)
        path.write_bytes(data)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_flipped_bits_in_segments_are_found(folder: Path, suffix: str) -> None:
    chance = random.Random(suffix)
    for path in of_kind(folder, suffix):
        data = path.read_bytes()
        footer = data.rfind(b'{"version"')
        free = {
            footer + place
            for found in HARMLESS["footer"].finditer(data[footer:])
            for place in range(*found.span())
        }
        places = {chance.randrange(len(data)) for _ in range(FLIPS)}
        # The footer is small beside the body: all of it.
        for place in sorted(places.union(range(footer, len(data)))):
            path.write_bytes(flipped(data, place, chance))
            assert reason_for_refusing(folder) or place in free, (path.name, place)
        path.write_bytes(data)


def test_flipped_bits_in_meta_json_are_found(folder: Path) -> None:
    checksum = search_index_checksum(folder, disk=DISK)
    path = folder / "meta.json"
    data, chance = path.read_bytes(), random.Random(3)
    for place in range(len(data)):
        path.write_bytes(flipped(data, place, chance))
        assert reason_for_refusing(folder, checksum), place


def test_flips_in_meta_json_are_harmless_or_found_without_its_checksum(
    folder: Path,
) -> None:
    """Where the manifest is lost: all records come back, or an error does."""
    path = folder / "meta.json"
    expected = sorted(read_search_index(folder).records)
    data, chance = path.read_bytes(), random.Random(4)
    for place in chance.sample(range(len(data)), 300):
        path.write_bytes(flipped(data, place, chance))
        if not reason_for_refusing(folder):
            try:
                metadata, records = read_search_index(folder)
            except CorruptionError:
                continue
            assert metadata == sample_metadata(2, 200)
            assert sorted(records) == expected, place


def test_flipped_bits_in_managed_json_are_harmless_or_found(folder: Path) -> None:
    path = folder / ".managed.json"
    data, chance = path.read_bytes(), random.Random(5)
    for place in range(len(data)):
        changed = flipped(data, place, chance)
        path.write_bytes(changed)
        if not reason_for_refusing(folder):
            rest = HARMLESS[".managed.json"].sub(b"", changed)
            assert set(rest) <= set(b'[,]"meta.json'), (place, changed)


def flipped(data: bytes, place: int, chance: random.Random) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 1 << chance.randrange(8)
    return bytes(changed)


def test_a_lost_list_of_files_is_no_damage(folder: Path) -> None:
    (folder / ".managed.json").unlink()
    assert reason_for_refusing(folder) == ""
    update_search_index(folder, [], [], sample_metadata(3, 200), disk=DISK)
    assert reason_for_refusing(folder) == ""


def test_a_file_of_another_index_is_refused(folder: Path) -> None:
    """Both have good checksums; only the schema tells."""
    path = folder / "meta.json"
    text = path.read_text()
    for good, other in (
        ('"whitespace"', '"default"'),
        ('"stored": true', '"stored": false'),
        ('"name": "mentions"', '"name": "mention"'),
    ):
        assert good in text
        path.write_text(text.replace(good, other, 1))
        assert "schema of another version" in reason_for_refusing(folder)


@pytest.mark.parametrize(
    "name",
    [
        "../victim.txt",
        "/etc/victim.txt",
        "..",
        "",
        "victim.txt",
        "0" * 32,
        "0" * 32 + ".term\n",
        "0" * 32 + ".store/../../victim.txt",
        "\u0660" * 32 + ".term",
        5,
        None,
        ["meta.json"],
    ],
)
def test_foreign_names_never_reach_tantivy(folder: Path, name: object) -> None:
    """Tantivy removes at its next commit whatever this list names."""
    victim = folder.parent / "victim.txt"
    victim.write_text("precious")
    path = folder / ".managed.json"
    path.write_text(json.dumps([*json.loads(path.read_text()), name]))
    assert "foreign file" in reason_for_refusing(folder)
    with pytest.raises(CorruptionError):
        update_search_index(folder, [], [], sample_metadata(3, 200), disk=DISK)
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("name", ["meta.json", ".managed.json"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "5",
        "{}",
        '{"segments": 5}',
        "\xff",
        "[" * 100_000,
        '{"a":' * 100_000,
        " " * 2_000_000,
        '"' + "x" * 900_000 + '"',
    ],
)
def test_lists_that_are_no_lists(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="latin-1")
    assert name in reason_for_refusing(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("segment_id", "../../victim"),
        ("segment_id", "0" * 32),
        ("segment_id", 5),
        ("max_doc", -1),
        ("max_doc", 1e300),
        ("max_doc", True),
        ("max_doc", 1 << 64),
        ("deletes", 5),
        ("deletes", {"num_deleted_docs": 1}),
        ("deletes", {"num_deleted_docs": 1, "opstamp": "../x"}),
    ],
)
def test_segments_that_tantivy_would_not_write(
    folder: Path, key: str, value: object
) -> None:
    path = folder / "meta.json"
    meta = json.loads(path.read_text())
    meta["segments"][0][key] = value
    path.write_text(json.dumps(meta))
    assert "meta.json: cannot be read" in reason_for_refusing(folder)


def test_more_segments_than_can_be(folder: Path) -> None:
    path = folder / "meta.json"
    meta = json.loads(path.read_text())
    meta["segments"] = [{}] * 100_000
    path.write_text(json.dumps(meta))
    assert "meta.json: cannot be read" in reason_for_refusing(folder)


def test_links_and_pipes_are_refused(folder: Path) -> None:
    """Also in place of a lock: Tantivy would open what it leads to."""
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        elsewhere = folder.parent / "elsewhere"
        elsewhere.write_bytes(data)
        path.unlink()
        path.symlink_to(elsewhere)
        assert path.name in reason_for_refusing(folder)
        path.unlink()
        path.mkdir()
        assert path.name in reason_for_refusing(folder)
        path.rmdir()
        if hasattr(os, "mkfifo"):
            os.mkfifo(path)
            assert path.name in reason_for_refusing(folder)
            path.unlink()
        path.write_bytes(data)
    assert reason_for_refusing(folder) == ""


def test_a_folder_that_is_a_link_or_gone(folder: Path) -> None:
    link = folder.with_name("tantivy-2")
    link.symlink_to(folder)
    assert "tantivy-2" in reason_for_refusing(link)
    assert "tantivy-3: is missing" in reason_for_refusing(folder.with_name("tantivy-3"))


def test_sweeping_removes_what_nobody_names(folder: Path) -> None:
    strays = {
        "0" * 32 + ".store",
        "0" * 32 + ".12.del",
        "0" * 32 + ".store.temp",
        ".tmpAb3dE9",
    }
    for name in strays:
        (folder / name).write_bytes(b"x")
    (folder / "notes.txt").write_bytes(b"not ours")
    before = set(DISK.names(folder))
    assert set(sweep_unreferenced(folder, disk=DISK)) == strays
    assert set(DISK.names(folder)) == before - strays
    assert sweep_unreferenced(folder, disk=DISK) == ()
    assert find_record(folder, "src/module_5.py") == sample_record(5)


def test_sweeping_by_a_damaged_list_removes_nothing(folder: Path) -> None:
    (folder / "meta.json").write_text('{"segments": []')
    before = DISK.names(folder)
    with pytest.raises(CorruptionError):
        sweep_unreferenced(folder, disk=DISK)
    assert DISK.names(folder) == before
