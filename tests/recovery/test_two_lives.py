"""A kill, another process that goes on, and then the power fails.

What the kill left unsynced is whole for the second process, which builds on it: so it
has to make that durable first.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.recovery.crashing_disk import Killed
from tests.recovery.power_cut_disk import PowerCutDisk
from tests.recovery.saved_index import (
    Opened,
    check_silent,
    commit,
    opened,
    state_of,
    write_history,
)


@pytest.fixture(scope="module")
def history(fast_folder: Path) -> Path:
    folder = fast_folder / f"history-{__name__}"
    write_history(folder)
    return folder


class SecondLife(NamedTuple):
    """A process that goes on behind one that was killed at its n-th change."""

    number: int
    folder: Path
    disk: PowerCutDisk
    opened: Opened


def second_lives(history: Path, place: Path, *, saves: int) -> Iterator[SecondLife]:
    """One for each change of a first life with so many saves; the last was not killed."""
    for number in range(1, 40):
        folder = place / f"at-{number}"
        shutil.copytree(history, folder)
        disk = PowerCutDisk(folder, at=number)
        one = None
        try:
            one = Opened(folder, disk=disk)
            for save in range(saves):
                commit(one.store, [10 + save], version=3 + save)
        except Killed:
            pass
        if one is not None:
            one.die()
        killed = disk.fired
        disk.start_again()
        yield SecondLife(number, folder, disk, Opened(folder, disk=disk))
        if not killed:
            return
    raise AssertionError("there is no end to the changes")


@pytest.mark.parametrize("names", [False, True], ids=["bytes", "bytes and names"])
def test_a_save_after_a_kill_outlasts_a_power_cut(
    history: Path, tmp_path: Path, *, names: bool
) -> None:
    for number, folder, disk, second in second_lives(history, tmp_path, saves=2):
        assert commit(second.store, [1], version=5)
        state = state_of(second.store)
        second.die()
        disk.cut_power(names=names)
        with opened(folder) as third:
            assert third.codes == [], number
            assert state_of(third.store) == state, number
        check_silent(folder, state)


def test_what_a_load_shows_outlasts_a_power_cut(history: Path, tmp_path: Path) -> None:
    """Its serial is in the status from the start, so it has to be durable by then."""
    for number, folder, disk, second in second_lives(history, tmp_path, saves=1):
        state, serial = state_of(second.store), second.store.status().serial
        second.die()
        disk.cut_power(names=True)
        with opened(folder) as third:
            assert state_of(third.store) == state, number
            assert third.store.status().serial == serial, number
