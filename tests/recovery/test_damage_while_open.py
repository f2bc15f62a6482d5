"""A snapshot that is damaged under an open index: verify sees it, repair mends it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.recovery.saved_index import (
    State,
    check_silent,
    commit,
    manifest_of,
    opened,
    settle,
    state_of,
)


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
