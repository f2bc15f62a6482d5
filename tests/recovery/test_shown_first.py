"""A save is shown first and written then: nothing says that it is durable before."""

import threading
from pathlib import Path

import pytest

from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store import disk as disks
from codanna_lsp.store import live_index
from codanna_lsp.store.index_store import IndexStore
from tests.recovery.crashing_disk import CrashingDisk
from tests.recovery.saved_index import Opened, commit, opened, state_of
from tests.unit.store.sample_records import sample_record


def show(store: IndexStore, number: int, *, version: int) -> FileRecord:
    record = sample_record(number, version=version)
    with store.begin() as transaction:
        transaction.stage(record)
        assert not transaction.publish().durable
    assert store.view().record(record.path) == record
    return record


def test_each_save_is_a_transaction_of_its_own(tmp_path: Path) -> None:
    one = Opened(tmp_path)
    store = one.store
    commit(store, [1, 2, 3], version=1)
    serial = store.status().serial
    show(store, 1, version=2)
    show(store, 1, version=3)
    with store.begin() as transaction:
        transaction.stage_removed(sample_record(2).path)
        transaction.publish()
    status = store.status()
    assert (status.serial, status.pending_files) == (serial, 2)
    assert store.make_durable()
    status = store.status()
    assert (status.serial, status.pending_files) == (serial + 3, 0)
    state = state_of(store)
    one.die()
    with opened(tmp_path) as again:
        assert state_of(again.store) == state
        assert again.store.status().serial == serial + 3


def test_a_crash_loses_what_nobody_called_durable(tmp_path: Path) -> None:
    one = Opened(tmp_path)
    commit(one.store, [1, 2], version=1)
    durable, serial = state_of(one.store), one.store.status().serial
    show(one.store, 1, version=2)
    one.die()
    with opened(tmp_path) as again:
        assert state_of(again.store) == durable
        assert again.store.status().serial == serial
        assert again.codes == []


def test_a_commit_and_a_close_write_what_was_shown_before_them(tmp_path: Path) -> None:
    with opened(tmp_path) as one:
        show(one.store, 1, version=2)
        assert commit(one.store, [2], version=1)
        assert one.store.status().serial == 2
        show(one.store, 3, version=4)
        state = state_of(one.store)
    with opened(tmp_path) as again:
        assert state_of(again.store) == state


def test_a_checkpoint_carries_what_was_shown(tmp_path: Path) -> None:
    one = Opened(tmp_path)
    commit(one.store, range(5), version=1)
    show(one.store, 1, version=2)
    assert one.store.checkpoint()
    later = show(one.store, 2, version=3)
    assert one.store.checkpoint()
    assert state_of(one.store)[later.path] == later
    state = state_of(one.store)
    one.die()
    with opened(tmp_path) as again:
        assert state_of(again.store) == state
        assert again.store.view().generation == 2


def test_showing_waits_for_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, may_go_on = threading.Event(), threading.Event()
    sync = disks._sync

    def slow(descriptor: int) -> None:
        reached.set()
        assert may_go_on.wait(30)
        sync(descriptor)

    one = Opened(tmp_path)
    commit(one.store, [1], version=1)
    show(one.store, 1, version=2)
    monkeypatch.setattr(disks, "_sync", slow)
    writer = threading.Thread(target=one.store.make_durable)
    writer.start()
    assert reached.wait(30)
    for version in range(3, 3 + 2 * live_index.MAX_UNWRITTEN):
        show(one.store, 2, version=version)
    newest = show(one.store, 1, version=3)
    assert one.store.status().serial == 1
    assert len(one.store._live.unwritten) == live_index.MAX_UNWRITTEN
    may_go_on.set()
    writer.join()
    assert one.store.make_durable()
    one.die()
    with opened(tmp_path) as again:
        assert state_of(again.store)[newest.path] == newest


def test_what_the_disk_refuses_is_kept_and_the_newest_wins(tmp_path: Path) -> None:
    disk = CrashingDisk()
    one = Opened(tmp_path, disk=disk)
    commit(one.store, [1, 2], version=1)
    disk.space = False
    show(one.store, 1, version=2)
    assert not one.store.make_durable()
    newest = show(one.store, 1, version=3)
    other = show(one.store, 2, version=3)
    assert not one.store.make_durable()
    assert one.codes == ["NOT_DURABLE"]
    assert one.store.status().pending_files == 2
    disk.space = True
    assert one.store.make_durable()
    assert one.store.status().pending_files == 0
    one.die()
    with opened(tmp_path) as again:
        found = state_of(again.store)
        assert (found[newest.path], found[other.path]) == (newest, other)


def test_a_folder_that_is_gone_is_made_anew_with_all_that_was_shown(
    tmp_path: Path,
) -> None:
    folder, aside = tmp_path / "index", tmp_path / "aside"
    one = Opened(folder)
    commit(one.store, [1, 2], version=1)
    show(one.store, 1, version=2)
    folder.rename(aside)
    state = state_of(one.store)
    assert one.store.make_durable()
    assert state_of(one.store) == state
    one.die()
    with opened(folder) as again:
        assert state_of(again.store) == state


def test_a_reader_shows_its_own_and_writes_it_when_it_takes_over(
    tmp_path: Path,
) -> None:
    writer, reader = Opened(tmp_path), Opened(tmp_path)
    commit(writer.store, [1], version=1)
    mine = show(reader.store, 5, version=2)
    reader.store.follow()
    assert not reader.store.make_durable()
    assert state_of(reader.store)[mine.path] == mine
    writer.store.close()
    assert reader.store.try_take_over()
    assert reader.store.status().pending_files == 0
    state = state_of(reader.store)
    reader.die()
    with opened(tmp_path) as again:
        assert state_of(again.store) == state
