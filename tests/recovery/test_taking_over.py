"""A reader becomes the writer: nothing that it or the writer knew is lost on the way."""

import shutil
from pathlib import Path

import pytest

from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.incident import Incident
from codanna_lsp.store.live_index import LiveIndex
from codanna_lsp.store.transaction import Commit
from tests.recovery.saved_index import (
    Opened,
    State,
    check_silent,
    commit,
    opened,
    settle,
    state_of,
)
from tests.unit.store.sample_records import sample_record


@pytest.mark.parametrize("emptied", [False, True], ids=["removed", "emptied"])
def test_the_index_was_removed(saved: tuple[Path, State], *, emptied: bool) -> None:
    """Who takes over has all of it in memory, answers on, and writes it anew."""
    folder, state = saved
    writer, reader = Opened(folder), Opened(folder)
    writer.store.close()
    shutil.rmtree(folder)
    if emptied:
        folder.mkdir(0o700)
    assert reader.store.try_take_over()
    assert reader.codes == ["READER", "FOLDER_GONE", "TOOK_OVER"]
    assert state_of(reader.store) == state
    assert reader.store.status().pending_files == 0
    reader.die()
    with opened(folder) as again:
        assert state_of(again.store) == state
        settle(again)
    check_silent(folder, state)


def test_the_index_was_removed_before_it_held_anything(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    writer, reader = Opened(folder), Opened(folder)
    writer.store.close()
    shutil.rmtree(folder)
    assert reader.store.try_take_over()
    assert reader.codes == ["READER", "TOOK_OVER"]
    reader.store.close()


def test_a_folder_that_cannot_be_made_again(saved: tuple[Path, State]) -> None:
    """It stays a reader, answers on, and tries again."""
    folder, state = saved
    writer, reader = Opened(folder), Opened(folder)
    writer.store.close()
    shutil.rmtree(folder)
    folder.write_text("in its place")
    assert not reader.store.try_take_over()
    assert reader.store.mode == "reader"
    assert state_of(reader.store) == state
    folder.unlink()
    assert reader.store.try_take_over()
    assert state_of(reader.store) == state
    reader.store.close()
    check_silent(folder, state)


def test_an_index_made_anew_under_a_reader(tmp_path: Path) -> None:
    """Its files have the names of those before it, and are not those."""
    folder = tmp_path / "index"
    writer = Opened(folder)
    commit(writer.store, [1], version=0)
    reader = Opened(folder)
    shutil.rmtree(folder)
    commit(writer.store, [2], version=0)
    assert reader.store.follow()
    commit(writer.store, [3], version=0)
    assert reader.store.follow()
    assert state_of(reader.store) == state_of(writer.store)
    reader.store.close()
    writer.store.close()


def test_a_save_in_the_middle_wins(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is saved while the lock changes hands is newer than what waited for it."""
    folder, _ = saved
    writer, reader = Opened(folder), Opened(folder)
    older, newer = sample_record(30, version=0), sample_record(30, version=1)
    shown = [publish(reader, older)]
    make_durable = LiveIndex.make_durable

    def save_first(live: LiveIndex, changes: dict[str, FileRecord | None]) -> bool:
        if live is reader.store._live and live.mode == "writer" and len(shown) == 1:
            shown.append(publish(reader, newer))
        return make_durable(live, changes)

    monkeypatch.setattr(LiveIndex, "make_durable", save_first)
    writer.store.close()
    assert reader.store.try_take_over()
    assert len(shown) == 2, "the save came in the middle"
    assert state_of(reader.store)[newer.path] == newer
    assert reader.store.make_durable()
    expected = state_of(reader.store)
    reader.die()
    check_silent(folder, expected)


def test_what_only_the_reader_knew_is_never_out_of_sight(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = saved
    writer, reader = Opened(folder), Opened(folder)
    mine = sample_record(30, version=0)
    publish(reader, mine)
    seen: list[bool] = []
    tell = LiveIndex.tell

    def look(live: LiveIndex, told: Incident) -> None:
        seen.append(reader.store.view().record(mine.path) == mine)
        tell(live, told)

    monkeypatch.setattr(LiveIndex, "tell", look)
    writer.store.close()
    assert reader.store.try_take_over()
    assert seen
    assert all(seen)
    reader.store.close()


def publish(one: Opened, record: FileRecord) -> Commit:
    """Show a record as a save does, and leave the disk for later."""
    with one.store.begin() as transaction:
        transaction.stage(record)
        return transaction.publish()
