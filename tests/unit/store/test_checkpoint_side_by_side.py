"""Two new stores written at once are those that are written one after the other."""

import shutil
from pathlib import Path

import pytest

from codanna_lsp.errors import CorruptionError, DiskError
from codanna_lsp.model.facts import FileRecord, Reason
from codanna_lsp.store.checkpoints.checkpoint import CheckpointPlan, write_generation
from codanna_lsp.store.disk import DiskFile, RealDisk
from codanna_lsp.store.holding.folder import make_index_folder
from codanna_lsp.store.holding.held_folder import HeldFolder, Worker
from codanna_lsp.store.holding.lock import take_lock
from codanna_lsp.store.recovering.recovery import load_with_verification, writer_after
from codanna_lsp.store.search.search_index import read_search_index
from codanna_lsp.store.search.segment_check import verify_search_index
from tests.unit.store.sample_records import samples

DISK = RealDisk()


class FullDisk(RealDisk):
    """Takes journals, and no snapshot."""

    def create(self, path: Path) -> DiskFile:
        if path.name.startswith("snapshot"):
            raise DiskError("the disk is full", path=path, errno=28)
        return super().create(path)


def frozen(folder: Path, records: list[FileRecord]) -> CheckpointPlan:
    """A folder whose journal holds the records; the plan of its first checkpoint."""
    make_index_folder(DISK, folder, root=folder.parent)
    lock = take_lock(folder)
    worker = Worker(DISK, folder, lock, inline=True)
    loaded = load_with_verification(DISK, folder, work=worker)
    writer = writer_after(DISK, folder, loaded.manifest, loaded.chain)
    held = HeldFolder(DISK, folder, lock, writer, worker)
    writer.append({record.path: record for record in records})
    writer.append({records[0].path: None})
    plan = held.begin_checkpoint(rebuild_search=False)
    held.close()
    return plan


def names(folder: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in folder.glob(pattern))


def check_same_stores(folder: Path, plan: CheckpointPlan) -> dict[str, FileRecord]:
    """Write both ways, compare, and give the records by path."""
    other = folder.with_name("other")
    shutil.copytree(folder, other)
    apart = write_generation(DISK, folder, plan)
    beside = write_generation(DISK, other, plan, side_by_side=True)
    assert beside.metadata == apart.metadata
    snapshot = f"snapshot-{plan.generation}.bin"
    assert (folder / snapshot).read_bytes() == (other / snapshot).read_bytes()
    found: list[dict[str, FileRecord]] = []
    for where, written in ((folder, apart), (other, beside)):
        search = where / written.search
        verify_search_index(search, disk=DISK, checksum=written.search_checksum)
        metadata, records = read_search_index(search)
        assert metadata == written.metadata
        found.append({record.path: record for record in records})
    assert found[0] == found[1]
    return found[1]


def test_both_stores_are_the_same(tmp_path: Path) -> None:
    records = samples(200)
    plan = frozen(tmp_path / "index", records)
    kept = {record.path: record for record in records[1:]}
    assert check_same_stores(tmp_path / "index", plan) == kept


def test_facts_that_cannot_be_read_do_not_end_it(tmp_path: Path) -> None:
    records = samples(20)
    records[5] = records[5]._replace(facts=b"no facts", reason="")
    plan = frozen(tmp_path / "index", records)
    found = check_same_stores(tmp_path / "index", plan)
    assert found[records[5].path].reason == Reason.PARSER_CRASHED


def test_no_search_index_without_its_snapshot(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    plan = frozen(folder, samples(20))
    with pytest.raises(DiskError):
        write_generation(FullDisk(), folder, plan, side_by_side=True)
    assert names(folder, "tantivy-*") == names(folder, "snapshot-*") == []


def test_a_damaged_journal_ends_it(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    plan = frozen(folder, samples(20))
    journal = folder / f"journal-{plan.frozen_journal - 1}.wal"
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 1
    journal.write_bytes(data)
    with pytest.raises(CorruptionError):
        write_generation(DISK, folder, plan, side_by_side=True)
