"""What the store reports as durable: after its sync, once, and after a full disk too."""

from pathlib import Path

from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.transaction import Durable
from tests.recovery.crashing_disk import CrashingDisk
from tests.recovery.saved_index import commit
from tests.unit.store.sample_records import sample_record


def test_each_transaction_is_reported_with_its_serial(tmp_path: Path) -> None:
    said: list[Durable] = []
    store = IndexStore.open(tmp_path / "index", root=tmp_path, on_durable=said.append)
    commit(store, [1, 2], version=0)
    commit(store, [3], version=0, removed=1)
    paths = [sample_record(number).path for number in range(4)]
    assert said == [
        Durable(1, 0, (paths[1], paths[2])),
        Durable(2, 0, (paths[3], paths[1])),
    ]
    assert store.checkpoint()
    assert said[2:] == [Durable(3, 1, ())]
    store.close()


def test_what_the_disk_refused_is_reported_when_it_was_written(tmp_path: Path) -> None:
    said: list[Durable] = []
    disk = CrashingDisk()
    store = IndexStore.open(
        tmp_path / "index", root=tmp_path, disk=disk, on_durable=said.append
    )
    assert commit(store, [1], version=0)
    disk.space = False
    assert not commit(store, [2], version=0)
    assert store.status().serial == 1
    disk.space = True
    assert store.make_durable()
    assert said[1:] == [Durable(2, 0, (sample_record(2).path,))]
    assert store.status().serial == 2
    store.close()
