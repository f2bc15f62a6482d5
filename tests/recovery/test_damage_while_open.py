"""A snapshot that is damaged under an open index: verify sees it, repair mends it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.transaction import Transaction
from tests.recovery.saved_index import (
    Opened,
    State,
    check_silent,
    commit,
    manifest_of,
    opened,
    settle,
    state_of,
)
from tests.unit.store.sample_records import sample_record


def write_index(folder: Path) -> State:
    with opened(folder) as one:
        commit(one.store, range(6), version=0)
        assert one.store.checkpoint()
        return state_of(one.store)


def flip(path: Path, at: int) -> None:
    """Turn one byte over in the file itself, as a failing disk does."""
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 0xFF]))


@contextmanager
def flipped(path: Path, at: int) -> Generator[None]:
    flip(path, at)
    yield
    flip(path, at)


def test_verify_sees_a_damaged_byte_wherever_it_is(tmp_path: Path) -> None:
    write_index(tmp_path)
    snapshot = tmp_path / manifest_of(tmp_path).snapshot
    with opened(tmp_path) as one:
        settle(one)
        unseen: list[int] = []
        for at in range(0, snapshot.stat().st_size, 23):
            with flipped(snapshot, at):
                if one.store.verify() == ():
                    unseen.append(at)
        assert unseen == []
        assert one.store.verify() == ()


@pytest.mark.parametrize("eighth", range(8))
def test_repair_mends_it_and_writes_no_damage_on(tmp_path: Path, eighth: int) -> None:
    state = write_index(tmp_path)
    snapshot = tmp_path / manifest_of(tmp_path).snapshot
    with opened(tmp_path) as one:
        settle(one)
        flip(snapshot, snapshot.stat().st_size * eighth // 8 + 1)
        assert one.store.verify() != ()
        assert one.store.repair()
        assert state_of(one.store) == state
        assert one.store.verify() == ()
    check_silent(tmp_path, state)


def at_time(number: int, *, version: int, indexed_ns: int) -> FileRecord:
    """A sample file with bytes of its own for each version, indexed at that time."""
    record = sample_record(number, version=version)
    fingerprint = record.fingerprint._replace(digest=bytes([version]) * 16)
    return record._replace(fingerprint=fingerprint, indexed_ns=indexed_ns)


def stage(one: Opened, record: FileRecord) -> Transaction:
    transaction = one.store.begin()
    transaction.stage(record)
    return transaction


def test_a_clock_that_was_set_back_loses_no_save_to_a_damaged_journal(
    saved: tuple[Path, State],
) -> None:
    """What this process has committed is newer than what it finds, whatever the times."""
    folder, _ = saved
    late, early = 1_764_000_900_000_000_000, 1_764_000_000_000_000_000
    with opened(folder) as one:
        settle(one)
        stage(one, at_time(1, version=1, indexed_ns=late)).commit()
        journal = folder / f"journal-{manifest_of(folder).newest_journal}.wal"
        good = journal.stat().st_size
        newest = at_time(1, version=2, indexed_ns=early)
        assert stage(one, newest).commit().durable
        commit(one.store, [9], version=0)
        expected = state_of(one.store)
        flip(journal, good + 20)
        assert one.store.checkpoint()
        assert one.codes == ["JOURNAL_DAMAGED"]
        assert state_of(one.store)[newest.path] == newest
        assert state_of(one.store) == expected
        one.store.sources_hashed()
    check_silent(folder, expected)


def test_a_clock_that_was_set_back_loses_no_save_to_damaged_columns(
    saved: tuple[Path, State],
) -> None:
    """Nor one that waits for the disk."""
    folder, _ = saved
    late, early = 1_764_000_900_000_000_000, 1_764_000_000_000_000_000
    with opened(folder) as one:
        settle(one)
        stage(one, at_time(1, version=1, indexed_ns=late)).commit()
        newest = at_time(1, version=2, indexed_ns=early)
        stage(one, newest).publish()
        expected = state_of(one.store)
        snapshot = folder / manifest_of(folder).snapshot
        flip(snapshot, snapshot.stat().st_size - 1)
        assert one.store.check_columns()
        assert one.codes == ["SNAPSHOT_REBUILT"]
        assert state_of(one.store) == expected
        settle(one)
    check_silent(folder, expected)
