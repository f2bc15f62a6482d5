"""The second store gives back what it was given."""

import random
import shutil
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from codanna_lsp.index.codec import pack_facts
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.search import search_index
from codanna_lsp.store.search.search_documents import TERM_LIMIT
from codanna_lsp.store.search.search_index import (
    build_search_index,
    files_mentioning,
    find_record,
    open_search_index,
    read_search_index,
    read_sentinel,
    update_search_index,
)
from codanna_lsp.store.search.segment_check import verify_search_index
from tests.unit.store.sample_records import (
    sample_facts,
    sample_metadata,
    sample_record,
)
from tests.unit.store.sample_search_index import COUNT, DISK, build, content, record_map


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good") / "tantivy-1"
    build(folder, COUNT)
    return folder


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / "tantivy-1"))


def test_every_record_comes_back(good: Path) -> None:
    assert content(good) == record_map(*range(COUNT))
    assert read_sentinel(good) == sample_metadata(1, COUNT)
    for record in record_map(0, 7, 10, 59).values():
        assert find_record(good, record.path) == record
    assert find_record(good, "src/module_60.py") is None
    assert find_record(good, "src/") is None
    assert find_record(good, "") is None


def test_files_that_mention_a_name(good: Path) -> None:
    with_facts = sorted(r.path for r in record_map(*range(COUNT)).values() if r.facts)
    assert files_mentioning(good, "shared_name") == with_facts
    for name in ("Widget5", "getValue_5_0", "helper_5", "lonely_5"):
        assert files_mentioning(good, name) == ["src/module_5.py"], name
    assert files_mentioning(good, "lonely_7") == ["src/\udce9t\u00e9_7.py"]
    for name in ("numpy", "operator ==", "\ud800odd"):
        assert set(with_facts) >= set(files_mentioning(good, name))
    assert files_mentioning(good, "np") == with_facts
    assert files_mentioning(good, "operator ==") == with_facts
    assert files_mentioning(good, "\ud800odd") == with_facts
    for name in ("widget5", "Widget", "shared", "", " ", "\0", "((((", "x" * 100_000):
        assert files_mentioning(good, name) == [], name[:10]


def test_names_are_told_apart_by_their_beginnings(tmp_path: Path) -> None:
    names = ("n" * TERM_LIMIT + "_one", "n" * 70_000, "\u00e9" * 40_000)
    facts = sample_facts(1)._replace(identifiers=names)
    record = sample_record(1)._replace(facts=pack_facts(facts))
    folder = tmp_path / "tantivy-1"
    build_search_index(folder, [record], sample_metadata(1, 1), disk=DISK)
    for name in names:
        assert files_mentioning(folder, name) == [record.path]
    assert files_mentioning(folder, "n" * (TERM_LIMIT - 1)) == []


def test_names_of_any_characters_are_found(tmp_path: Path) -> None:
    names = tuple(
        sorted(
            {
                f"a{chr(code)}b"
                for code in (*range(1, 0x400), *range(0x1FF0, 0x2070), 0x3000)
            }
            | {"\u4e2d\u6587", "\U0001f600", "operator()", "operator new[]", "$", "~"}
        )
    )
    facts = sample_facts(1)._replace(identifiers=names)
    record = sample_record(1)._replace(facts=pack_facts(facts))
    folder = tmp_path / "tantivy-1"
    build_search_index(folder, [record], sample_metadata(1, 1), disk=DISK)
    index = open_search_index(folder)
    lost = [name for name in names if index.files_mentioning(name) != [record.path]]
    assert lost == []


def test_many_paths_come_in_order(tmp_path: Path) -> None:
    """More than one page of documents, and more paths than are read one by one."""
    folder = tmp_path / "tantivy-1"
    count = 2 * search_index.PAGE + 10
    one = sample_record(1)
    paths = [f"src/{n % 97}/file {n}.py" for n in range(count)]
    records = (one._replace(path=path, facts=b"") for path in paths[300:])
    more = (one._replace(path=path) for path in paths[:300])
    build_search_index(folder, [*more, *records], sample_metadata(1, count), disk=DISK)
    assert files_mentioning(folder, "shared_name") == sorted(paths[:300])
    assert sorted(content(folder)) == sorted(paths)
    update_search_index(
        folder,
        paths[:10],
        [one._replace(path=path) for path in (*paths[20:30], *paths[300:310])],
        sample_metadata(2, count - 10),
        disk=DISK,
    )
    assert files_mentioning(folder, "shared_name") == sorted(paths[10:310])


def test_an_update_is_one_commit(folder: Path) -> None:
    removed = [sample_record(n).path for n in (3, 14, 58)]
    changed = record_map(4, 7, 10, version=1) | record_map(100)
    metadata = sample_metadata(2, COUNT - 3 + 1)
    checksum = update_search_index(
        folder, removed, changed.values(), metadata, disk=DISK
    )
    expected = record_map(*range(COUNT)) | changed
    for path in removed:
        del expected[path]
    assert content(folder) == expected
    assert read_sentinel(folder) == metadata
    assert files_mentioning(folder, "getValue_4_0") == []
    assert files_mentioning(folder, "getValue_4_1") == ["src/module_4.py"]
    verify_search_index(folder, disk=DISK, checksum=checksum)


def test_an_update_twice_is_one(folder: Path) -> None:
    for _ in range(2):
        update_search_index(
            folder,
            ["src/module_1.py", "src/never_was.py"],
            record_map(2, version=1).values(),
            sample_metadata(2, COUNT - 1),
            disk=DISK,
        )
    assert content(folder) == {
        path: record
        for path, record in (
            record_map(*range(COUNT)) | record_map(2, version=1)
        ).items()
        if path != "src/module_1.py"
    }


def test_many_updates_keep_few_segments(folder: Path) -> None:
    for number in range(40):
        update_search_index(
            folder,
            [],
            record_map(number, version=number + 1).values(),
            sample_metadata(number + 2, COUNT),
            disk=DISK,
        )
    meta = verify_search_index(folder, disk=DISK)
    assert len(meta.files) < 15 * 7
    assert len(DISK.names(folder)) < len(meta.files) + 6
    assert files_mentioning(folder, "getValue_39_40") == ["src/module_39.py"]
    assert len(content(folder)) == COUNT


def test_a_reader_keeps_its_commit(folder: Path) -> None:
    reader = open_search_index(folder)
    update_search_index(
        folder, list(record_map(*range(COUNT))), [], sample_metadata(2, 0), disk=DISK
    )
    assert reader.metadata() == sample_metadata(1, COUNT)
    assert len(list(reader.records())) == COUNT
    assert content(folder) == {}


def test_an_index_without_files(tmp_path: Path) -> None:
    build(tmp_path / "tantivy-1", 0)
    verify_search_index(tmp_path / "tantivy-1", disk=DISK)
    assert content(tmp_path / "tantivy-1") == {}


def test_a_build_replaces_what_a_killed_one_left(folder: Path) -> None:
    (folder / "meta.json").unlink()
    build(folder, 3)
    verify_search_index(folder, disk=DISK)
    assert content(folder) == record_map(0, 1, 2)


def test_two_threads_build_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "tantivy-1"
    records = map(sample_record, range(500))
    build_search_index(folder, records, sample_metadata(1, 500), disk=DISK, threads=2)
    verify_search_index(folder, disk=DISK)
    assert content(folder) == record_map(*range(500))


def test_building_holds_few_records(tmp_path: Path) -> None:
    chance = random.Random(2)
    names = tuple(sorted(chance.randbytes(12).hex() for _ in range(1000)))
    big = pack_facts(sample_facts(1)._replace(identifiers=names))
    count = 300

    def records() -> Iterator[FileRecord]:
        for number in range(count):
            yield sample_record(number)._replace(facts=big + b"", path=f"{number}.py")

    folder = tmp_path / "tantivy-1"
    tracemalloc.start()
    build_search_index(folder, records(), sample_metadata(1, count), disk=DISK)
    total = sum(len(record.facts) for record in read_search_index(folder).records)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == count * len(big) > 3_000_000
    assert peak < 2_000_000
