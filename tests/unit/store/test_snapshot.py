"""Snapshots come back as they were written, on a disk that may fail."""

import errno
import os
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from codanna_lsp.errors import CorruptionError, DiskError
from codanna_lsp.index.columns import build_columns
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.disk import DiskFile, RealDisk, RealFile
from codanna_lsp.store.snapshots.snapshot import (
    Snapshot,
    SnapshotWriter,
    write_snapshot,
)
from tests.unit.store.sample_records import sample_record, samples, written_snapshot

DISK = RealDisk()


def content(snapshot: Snapshot) -> list[FileRecord]:
    columns = snapshot.columns
    return [
        columns.record(row, facts=snapshot.read_blob(row))
        for row in range(columns.file_count)
    ]


def test_every_record_comes_back(tmp_path: Path) -> None:
    records = samples(100)
    info = written_snapshot(tmp_path, records)
    path = tmp_path / info.name
    snapshot = Snapshot.open(DISK, path, checksum=info.checksum, verify="all")
    assert content(snapshot) == records
    assert snapshot.info == info
    assert (snapshot.generation, info.file_count) == (3, 100)
    assert info.size == path.stat().st_size
    assert DISK.names(tmp_path) == ("snapshot-3.bin",)


def test_an_index_without_files(tmp_path: Path) -> None:
    info = written_snapshot(tmp_path, [])
    snapshot = Snapshot.open(DISK, tmp_path / info.name, verify="all")
    assert content(snapshot) == []


def test_blobs_may_come_in_any_order(tmp_path: Path) -> None:
    records = samples(40)
    shuffled = random.Random(5).sample(records, len(records))
    with SnapshotWriter(DISK, tmp_path, generation=3) as writer:
        numbers = {record.path: writer.add(record.facts) for record in shuffled}
        writer.add(b"facts that a later save made old")
        info = writer.finish(
            build_columns(records), numbers=[numbers[r.path] for r in records]
        )
    assert content(Snapshot.open(DISK, tmp_path / info.name)) == records


def test_equal_records_give_equal_bytes(tmp_path: Path) -> None:
    first = written_snapshot(tmp_path, samples(30))
    data = (tmp_path / first.name).read_bytes()
    assert written_snapshot(tmp_path, samples(30)) == first
    assert (tmp_path / first.name).read_bytes() == data


def test_a_reader_outlives_close(tmp_path: Path) -> None:
    records = samples(10)
    snapshot = Snapshot.open(DISK, tmp_path / written_snapshot(tmp_path, records).name)
    snapshot.close()
    assert content(snapshot) == records


def test_a_writer_needs_one_blob_a_file(tmp_path: Path) -> None:
    columns = build_columns(samples(3))
    with pytest.raises(ValueError, match="2 blobs for 3 files"):
        write_snapshot(
            DISK, tmp_path, generation=3, columns=columns, blobs=[b"a", b"b"]
        )
    assert DISK.names(tmp_path) == ()


def test_blobs_stream_through_little_memory(tmp_path: Path) -> None:
    records = [sample_record(n)._replace(facts=b"", reason="x") for n in range(640)]
    columns = build_columns(records)
    piece = random.Random(1).randbytes(100_000)

    def blobs() -> Iterator[bytes]:
        for number in range(len(records)):
            yield piece + number.to_bytes(2, "big")

    tracemalloc.start()
    info = write_snapshot(DISK, tmp_path, generation=3, columns=columns, blobs=blobs())
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert info.size > 64_000_000
    assert peak < 5_000_000
    assert Snapshot.open(DISK, tmp_path / info.name).verify_blobs(0, 640) == []


def test_opening_imports_no_heavy_library(tmp_path: Path) -> None:
    info = written_snapshot(tmp_path, samples(5))
    code = (
        "import sys; from pathlib import Path;"
        "from codanna_lsp.store.disk import RealDisk;"
        "from codanna_lsp.store.snapshots.snapshot import Snapshot;"
        "s = Snapshot.open(RealDisk(), Path(sys.argv[1])); s.columns.path(0);"
        "print({'numpy', 'tantivy', 'tree_sitter'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / info.name)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "set()\n"


class FailingDisk(RealDisk):
    """A disk whose n-th write, sync, rename or creation fails, and all after it."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, path: Path) -> None:
        self.left -= 1
        if self.left < 0:
            raise DiskError("the disk is full", path=path, errno=errno.ENOSPC)

    def create(self, path: Path) -> DiskFile:
        self.spend(path)
        file = super().create(path)
        assert isinstance(file, RealFile)
        return FailingFile(file, self)

    def rename(self, source: Path, target: Path) -> None:
        self.spend(target)
        super().rename(source, target)

    def sync_folder(self, path: Path) -> None:
        self.spend(path)
        super().sync_folder(path)


class FailingFile(RealFile):
    """A file of a FailingDisk."""

    def __init__(self, file: RealFile, disk: FailingDisk) -> None:
        super().__init__(file.path, os.dup(file._descriptor))
        file.close()
        self._disk = disk

    def write(self, data: bytes | memoryview) -> None:
        self._disk.spend(self.path)
        super().write(data)

    def sync(self) -> None:
        self._disk.spend(self.path)
        super().sync()


def test_a_failing_disk_leaves_all_or_nothing(tmp_path: Path) -> None:
    """Whichever operation fails, the snapshot is not there, or it is whole."""
    records = samples(8)
    columns = build_columns(records)
    for steps in range(200):
        disk = FailingDisk(steps)
        blobs = (record.facts for record in records)
        try:
            write_snapshot(disk, tmp_path, generation=3, columns=columns, blobs=blobs)
        except DiskError:
            assert disk.left < 0
        names = DISK.names(tmp_path)
        assert names in ((), ("snapshot-3.bin",)), steps
        if names:
            snapshot = Snapshot.open(DISK, tmp_path / "snapshot-3.bin", verify="all")
            assert content(snapshot) == records
            DISK.remove(tmp_path / "snapshot-3.bin")
        if disk.left >= 0:
            return
    raise AssertionError("writing a small snapshot takes too many operations")


def test_what_the_facts_raise_goes_through(tmp_path: Path) -> None:
    def blobs() -> Iterator[bytes]:
        yield b"one"
        raise CorruptionError("no second", part="facts", reason="gone")

    with pytest.raises(CorruptionError, match="no second"):
        write_snapshot(
            DISK,
            tmp_path,
            generation=3,
            columns=build_columns(samples(2)),
            blobs=blobs(),
        )
    assert DISK.names(tmp_path) == ()
