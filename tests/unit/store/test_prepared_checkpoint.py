"""The process of a checkpoint can be started ahead, and is never left behind."""

from pathlib import Path

import pytest

from codanna_lsp.store.holding.held_folder import Worker
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.live_index import WRITER
from tests.unit.store.sample_records import samples


@pytest.fixture
def store(tmp_path: Path) -> IndexStore:
    """A store with twenty files in its journal."""
    store = IndexStore.open(tmp_path / "index", root=tmp_path)
    with store.begin() as transaction:
        for record in samples(20):
            transaction.stage(record)
        transaction.commit()
    return store


def worker_of(store: IndexStore) -> Worker:
    held = store._live.held
    assert held is not None
    return held.work


def test_a_prepared_checkpoint_is_committed(store: IndexStore) -> None:
    store.prepare_checkpoint()
    store.prepare_checkpoint()
    assert store.checkpoint()
    assert store.view().generation == 1
    assert store.check_search_index()
    assert worker_of(store)._waiting is None
    store.close()


def test_closing_ends_the_process_and_frees_the_lock(store: IndexStore) -> None:
    store.prepare_checkpoint()
    child = worker_of(store)._waiting
    assert child is not None
    store.close()
    assert child.returncode is not None
    assert store.folder is not None
    again = IndexStore.open(store.folder, root=store.root)
    assert again.mode == WRITER
    again.close()


def test_a_process_that_died_while_it_waited_costs_one_try(store: IndexStore) -> None:
    store.prepare_checkpoint()
    child = worker_of(store)._waiting
    assert child is not None
    child.kill()
    child.wait()
    assert not store.checkpoint()
    assert store.checkpoint()
    assert store.view().generation == 1
    store.close()
