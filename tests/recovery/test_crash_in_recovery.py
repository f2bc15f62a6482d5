"""A process that ends while it repairs leaves what the next one repairs."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.recovery.crashing_disk import CrashingDisk, Killed
from tests.recovery.saved_index import (
    Opened,
    State,
    check_silent,
    opened,
    settle,
    state_of,
    write_history,
)

FIRES_AT_MOST = 200


def remove(*names: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for name in names:
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return damage


@pytest.fixture(scope="module")
def history(fast_folder: Path) -> tuple[Path, State]:
    folder = fast_folder / f"history-{__name__}"
    return folder, write_history(folder)


@pytest.mark.parametrize(
    "damage",
    [
        remove("tantivy-1"),
        remove("snapshot-2.bin"),
        remove("snapshot-2.bin", "tantivy-1"),
        remove("index.meta"),
        remove("index.meta", "snapshot-2.bin"),
    ],
    ids=["search", "snapshot", "both", "meta", "meta and snapshot"],
)
def test_killed_while_it_repairs(
    history: tuple[Path, State], tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Everything is there after any number of crashes, and at last it is silent."""
    source, state = history
    for number in range(1, FIRES_AT_MOST):
        folder = tmp_path / f"at-{number}"
        shutil.copytree(source, folder)
        damage(folder)
        disk = CrashingDisk(at=number)
        one = None
        try:
            one = Opened(folder, disk=disk)
            settle(one)
            one.store.close()
        except Killed:
            if one is not None:
                one.die()
        with opened(folder) as again:
            assert state_of(again.store) == state, number
            settle(again)
            assert state_of(again.store) == state, number
        check_silent(folder, state, saves=number % 4 == 0)
        shutil.rmtree(folder, ignore_errors=True)
        if not disk.fired:
            return
    raise AssertionError("there is no end to the changes")
