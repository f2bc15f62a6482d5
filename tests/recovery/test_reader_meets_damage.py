"""Columns that are damaged under a reader: it mends nothing, and has it mended."""

import contextlib
import json
from pathlib import Path

from codanna_lsp.errors import CorruptionError
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.requests import take_requests
from tests.recovery.saved_index import (
    Opened,
    State,
    check_silent,
    manifest_of,
    settle,
    state_of,
)
from tests.recovery.test_damaged_facts import damage_facts
from tests.unit.store.sample_records import sample_record


def damage_columns(folder: Path) -> None:
    """Turn the last byte of the mapped snapshot over, as a failing disk does."""
    snapshot = folder / manifest_of(folder).snapshot
    with snapshot.open("r+b") as file:
        file.seek(-1, 2)
        byte = file.read(1)[0]
        file.seek(-1, 2)
        file.write(bytes([byte ^ 0xFF]))


def test_the_writer_is_asked_and_mends_it(saved: tuple[Path, State]) -> None:
    folder, state = saved
    writer, reader = Opened(folder), Opened(folder)
    settle(writer)
    assert reader.store.check_columns()
    damage_columns(folder)
    for _ in range(2):
        assert not reader.store.check_columns()
    assert reader.codes == ["READER", "READ_DAMAGED"], "told once"
    assert list(reader.store.troubles) == ["READ_DAMAGED"]
    asked = take_requests(RealDisk(), folder)
    assert {request.command for request in asked} == {"repair"}
    assert writer.store.repair()
    assert writer.codes == ["SNAPSHOT_REBUILT"]
    assert reader.store.follow()
    assert reader.store.check_columns()
    assert list(reader.store.troubles) == []
    assert state_of(reader.store) == state_of(writer.store) == state
    for request in asked:
        request.finish(0)
    reader.store.close()
    writer.store.close()
    check_silent(folder, state)


def test_the_next_damage_is_told_again(saved: tuple[Path, State]) -> None:
    folder, _ = saved
    writer, reader = Opened(folder), Opened(folder)
    for _ in range(2):
        damage_columns(folder)
        assert not reader.store.check_columns()
        assert writer.store.repair()
        assert reader.store.follow()
        assert reader.store.check_columns()
    assert reader.codes == ["READER", "READ_DAMAGED", "READ_DAMAGED"]
    reader.store.close()
    writer.store.close()


def test_a_dead_writer_is_followed_by_the_reader(saved: tuple[Path, State]) -> None:
    """Who takes over recovers what it could not read."""
    folder, state = saved
    writer, reader = Opened(folder), Opened(folder)
    damage_columns(folder)
    assert not reader.store.check_columns()
    writer.die()
    assert reader.store.try_take_over()
    assert reader.codes[-2:] == ["SNAPSHOT_REBUILT", "TOOK_OVER"]
    assert state_of(reader.store) == state
    (request,) = folder.glob("request-*.json")
    assert json.loads(request.read_text())["command"] == "repair"
    reader.store.close()
    check_silent(folder, state)


def test_facts_that_were_damaged_are_mended_with_the_next_generation(
    saved: tuple[Path, State],
) -> None:
    """And damage to the same file's facts in that one is told again."""
    folder, state = saved
    path = sample_record(1).path
    writer, reader = Opened(folder), Opened(folder)
    settle(writer)
    for time in (1, 2):
        damage_facts(writer, path)
        with contextlib.suppress(CorruptionError):
            reader.store.view().record(path)
        assert reader.codes == ["READER", *["BLOB_DAMAGED"] * time]
        assert reader.damaged == [path] * time
        assert list(reader.store.troubles) == ["BLOB_DAMAGED"]
        assert writer.store.checkpoint()
        assert reader.store.follow()
        assert list(reader.store.troubles) == []
        assert state_of(reader.store) == state
    reader.store.close()
    writer.store.close()
