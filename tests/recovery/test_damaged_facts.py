"""Facts that are damaged after they were verified: the next checkpoint tells of them."""

import shutil
from pathlib import Path

import pytest

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


def damage_facts(one: Opened, path: str) -> None:
    """Flip a bit of a file's facts, in the snapshot that is mapped."""
    snapshot = one.store._live.snapshot
    assert snapshot is not None
    assert one.store.folder is not None
    row = snapshot.columns.file_of_path(path)
    assert row is not None
    with (one.store.folder / snapshot.info.name).open("r+b") as file:
        file.seek(snapshot._offsets[row] + 3)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))


@pytest.mark.parametrize(
    ("number", "done"),
    [
        (1, "they were taken from the search index"),
        (3, "newer ones are in the journal"),
    ],
)
def test_told_by_the_next_checkpoint(
    saved: tuple[Path, State], number: int, done: str
) -> None:
    folder, state = saved
    path = sample_record(number).path
    with opened(folder) as one:
        settle(one)
        damage_facts(one, path)
        assert one.store.checkpoint()
        (told,) = one.said
        assert (told.code, told.done) == ("BLOB_DAMAGED", done)
        assert path in told.damaged
        assert state_of(one.store) == state
        assert one.damaged == []
    check_silent(folder, state)


def test_told_once(saved: tuple[Path, State]) -> None:
    """By the question that met it, and not by the checkpoint again."""
    folder, state = saved
    with opened(folder) as one:
        settle(one)
        damage_facts(one, sample_record(1).path)
        assert state_of(one.store) == state
        assert one.store.checkpoint()
        assert one.codes == ["BLOB_DAMAGED"]
    check_silent(folder, state)


def test_lost_in_both_stores(saved: tuple[Path, State]) -> None:
    folder, _ = saved
    path = sample_record(1).path
    with opened(folder) as one:
        settle(one)
        damage_facts(one, path)
        shutil.rmtree(folder / manifest_of(folder).search)
        assert one.store.checkpoint()
        assert sorted(one.codes) == ["BLOB_DAMAGED", "SEARCH_REBUILT"]
        assert one.damaged == [path]
        assert not one.store.view().has_file(path)
        commit(one.store, [1], version=1)
