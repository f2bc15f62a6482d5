"""A process that ends, or a disk that fails, at any step leaves a committed state."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from codanna_lsp.cli.checks import check_parts
from tests.recovery.crashing_disk import CrashingDisk, Killed
from tests.recovery.power_cut_disk import PowerCutDisk
from tests.recovery.saved_index import (
    Opened,
    State,
    check_silent,
    commit,
    opened,
    settle,
    state_in_search,
    state_of,
    write_history,
)

FIRES_AT_MOST = 200
FROM_A_CRASH = {"ROLLED_FORWARD"}
FROM_A_FAILURE = {"NOT_DURABLE", "CHECKPOINT_FAILED"}

Crash = Callable[[Path, int, list[int]], bool]
"""Runs a folder until its n-th change goes wrong; whether it came to that change."""


@pytest.fixture(scope="module")
def history(fast_folder: Path) -> tuple[Path, State]:
    folder = fast_folder / f"history-{__name__}"
    return folder, write_history(folder)


@pytest.fixture(scope="module")
def logical(history: tuple[Path, State], fast_folder: Path) -> list[State]:
    """The states that the index goes through when nothing goes wrong."""
    folder = fast_folder / "logical"
    shutil.copytree(history[0], folder)
    states = [history[1]]
    with opened(folder) as one:
        run_to_the_end(one, [], states)
    return states


def run_to_the_end(
    one: Opened, durable: list[int], states: list[State] | None = None
) -> None:
    """A save, a checkpoint, a save; each that is durable notes its number."""
    seen = [] if states is None else states
    if commit(one.store, [10], version=3, removed=1):
        durable.append(1)
    seen.append(state_of(one.store))
    one.store.checkpoint()
    if commit(one.store, [11, 3], version=4):
        durable.append(2)
    seen.append(state_of(one.store))


def check_every_point(
    source: Path, logical: list[State], tmp_path: Path, crash: Crash
) -> int:
    """Go wrong at each change in turn; how many changes there were."""
    for number in range(1, FIRES_AT_MOST):
        folder = tmp_path / f"at-{number}"
        shutil.copytree(source, folder)
        durable = [0]
        fired = crash(folder, number, durable)
        with opened(folder) as one:
            found = state_of(one.store)
            assert found in logical[max(durable) :], number
            settle(one)
            assert set(one.codes) <= FROM_A_CRASH, (number, one.said)
            assert state_of(one.store) == found, number
            if not one.store.data.changes().indexed:
                assert state_in_search(folder) == found, number
        # A checkpoint at each point would double the time and find the same.
        check_silent(folder, found, saves=number % 5 == 0)
        shutil.rmtree(folder, ignore_errors=True)
        if not fired:
            return number
    raise AssertionError("there is no end to the changes")


def test_killed_at_any_change(
    history: tuple[Path, State], logical: list[State], tmp_path: Path
) -> None:
    def kill_at(folder: Path, number: int, durable: list[int]) -> bool:
        disk = CrashingDisk(at=number)
        one = None
        try:
            one = Opened(folder, disk=disk)
            run_to_the_end(one, durable)
            one.store.close()
        except Killed:
            if one is not None:
                one.die()
        return disk.fired

    assert check_every_point(history[0], logical, tmp_path, kill_at) > 20


def test_one_change_fails(
    history: tuple[Path, State], logical: list[State], tmp_path: Path
) -> None:
    """The session goes on in memory, and what counts as durable is durable."""

    def fail_at(folder: Path, number: int, durable: list[int]) -> bool:
        disk = CrashingDisk(at=number, how="error")
        one = Opened(folder, disk=disk)
        if one.store.mode == "memory":
            assert one.codes == ["IN_MEMORY"]
            return disk.fired
        run_to_the_end(one, durable)
        assert state_of(one.store) == logical[-1]
        assert set(one.codes) <= FROM_A_FAILURE
        assert one.store.make_durable()
        durable.append(2)
        one.store.close()
        return disk.fired

    assert check_every_point(history[0], logical, tmp_path, fail_at) > 20


def test_full_disk_from_any_change_on(
    history: tuple[Path, State], logical: list[State], tmp_path: Path
) -> None:
    """No answer is lost to a full disk, and with space again nothing stays behind."""

    def fill_at(folder: Path, number: int, durable: list[int]) -> bool:
        disk = CrashingDisk(at=number, how="full")
        one = Opened(folder, disk=disk)
        if one.store.mode == "memory":
            return disk.fired
        run_to_the_end(one, durable)
        assert state_of(one.store) == logical[-1]
        assert set(one.codes) <= FROM_A_FAILURE
        assert len(one.codes) == len(set(one.codes)), "said once"
        if number % 2:
            disk.space = True
            assert one.store.make_durable()
            assert one.store.status().pending_files == 0
            durable.append(2)
        one.store.close()
        return disk.fired

    assert check_every_point(history[0], logical, tmp_path, fill_at) > 20


def cut_at(
    folder: Path, number: int, durable: list[int], *, names: bool, lies_about: str = ""
) -> bool:
    """Run until the n-th change, and lose what was not synced by then."""
    disk = PowerCutDisk(folder, at=number, lies_about=lies_about)
    one = None
    try:
        one = Opened(folder, disk=disk)
        run_to_the_end(one, durable)
    except Killed:
        pass
    if one is not None:
        one.die()
    disk.cut_power(names=names)
    return disk.fired


@pytest.mark.parametrize("names", [False, True], ids=["bytes", "bytes and names"])
def test_power_cut_at_any_change(
    history: tuple[Path, State], logical: list[State], tmp_path: Path, *, names: bool
) -> None:
    crash = partial(cut_at, names=names)
    assert check_every_point(history[0], logical, tmp_path, crash) > 20


@pytest.mark.parametrize("lies_about", ["files", "folders"])
def test_a_disk_that_lies_about_syncs_is_found_out(
    history: tuple[Path, State], logical: list[State], tmp_path: Path, lies_about: str
) -> None:
    """The check itself works: without the syncs, states are lost."""
    crash = partial(cut_at, names=True, lies_about=lies_about)
    with pytest.raises(AssertionError):
        check_every_point(history[0], logical, tmp_path, crash)


def test_a_crash_between_the_stores_is_no_damage_to_verify(
    history: tuple[Path, State], tmp_path: Path
) -> None:
    """Tantivy stands at the next generation, and so does a good snapshot."""
    verdicts: list[str] = []
    for number in range(1, FIRES_AT_MOST):
        folder = tmp_path / f"at-{number}"
        shutil.copytree(history[0], folder)
        disk = CrashingDisk(at=number)
        one = None
        try:
            one = Opened(folder, disk=disk)
            run_to_the_end(one, [])
        except Killed:
            pass
        if one is not None:
            one.die()
        damaged = [part for part in check_parts(folder) if part.damage]
        assert damaged == [], number
        with opened(folder) as again:
            again.store.check_search_index()
            verdicts += again.codes
        if not disk.fired:
            assert "ROLLED_FORWARD" in verdicts
            return
    raise AssertionError("there is no end to the changes")
