"""An index folder with a history, and what must hold however it is loaded."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.disk import Disk, RealDisk
from codanna_lsp.store.incident import Incident
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.metadata import Manifest, read_manifest
from codanna_lsp.store.search.search_index import read_search_index
from tests.unit.store.sample_records import sample_record

State = dict[str, FileRecord]


class Opened:
    """A store with all that it said."""

    def __init__(
        self, folder: Path, *, disk: Disk | None = None, inline: bool = True
    ) -> None:
        self.said: list[Incident] = []
        self.damaged: list[str] = []
        self.store = IndexStore.open(
            folder,
            root=folder,
            disk=disk,
            on_incident=self.said.append,
            on_damaged_file=self.damaged.append,
            inline=inline,
        )

    @property
    def codes(self) -> list[str]:
        return [told.code for told in self.said]

    def die(self) -> None:
        """What the end of the process does: the lock is free, nothing is written."""
        held = self.store._live.held
        if held is not None:
            held.lock.release()


@contextmanager
def opened(
    folder: Path, *, disk: Disk | None = None, inline: bool = True
) -> Generator[Opened]:
    """Open a folder, and close it well at the end."""
    one = Opened(folder, disk=disk, inline=inline)
    try:
        yield one
    finally:
        one.store.close()


def commit(
    store: IndexStore, numbers: Sequence[int], *, version: int, removed: int = -1
) -> bool:
    """One transaction with sample files; whether it is durable."""
    with store.begin() as transaction:
        for number in numbers:
            transaction.stage(sample_record(number, version=version))
        if removed >= 0:
            transaction.stage_removed(sample_record(removed).path)
        return transaction.commit().durable


def state_of(store: IndexStore) -> State:
    """Every record with its facts, as questions see them."""
    view = store.view()
    found = {path: view.record(path) for path in view.paths()}
    return {path: record for path, record in found.items() if record is not None}


def state_in_search(folder: Path) -> State:
    """Every record that the live Tantivy folder holds."""
    _, records = read_search_index(folder / manifest_of(folder).search)
    return {record.path: record for record in records}


def manifest_of(folder: Path) -> Manifest:
    """The live manifest."""
    found = read_manifest(RealDisk(), folder)
    assert found is not None
    return found


def write_history(folder: Path) -> State:
    """Two generations, and two transactions in the journal after them."""
    with opened(folder) as one:
        commit(one.store, range(6), version=0)
        assert one.store.checkpoint()
        commit(one.store, [1, 7], version=1, removed=2)
        assert one.store.checkpoint()
        commit(one.store, [3, 8], version=2)
        commit(one.store, [4], version=2, removed=5)
        state = state_of(one.store)
        assert one.codes == []
    return state


def settle(one: Opened) -> None:
    """What the owner does behind READY."""
    one.store.check_search_index()
    while not one.store.verify_blobs():
        pass
    if one.store.is_checkpoint_due():
        assert one.store.checkpoint()


def check_silent(folder: Path, expected: State, *, saves: bool = True) -> None:
    """A load finds exactly this state, both stores whole, and says nothing.

    saves: whether a checkpoint is written then, to see that it works.
    """
    with opened(folder) as one:
        assert one.codes == []
        assert state_of(one.store) == expected
        settle(one)
        assert one.codes == []
        assert one.store.verify() == ()
        if saves:
            assert one.store.checkpoint()
            assert state_in_search(folder) == expected
