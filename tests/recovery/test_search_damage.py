"""Damage to Tantivy's folder, told as damage; what a crash leaves there, as a crash.

Beside a snapshot of the next generation a folder that is no good may be what a power cut
left in Tantivy's commit. Then files are missing; whatever else is wrong with it is rot.
"""

import shutil
from pathlib import Path

import pytest

from codanna_lsp.cli.checks import check_parts
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.search.segment_check import search_index_checksum
from tests.recovery.crashing_disk import CrashingDisk
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


def leave_next_snapshot(folder: Path) -> None:
    """What a process leaves that ended after step 1."""
    shutil.copy(folder / "snapshot-2.bin", folder / "snapshot-3.bin")


def rot(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    path.unlink()
    if how == "flip":
        data[len(data) // 3] ^= 4
    if how == "half":
        del data[len(data) // 2 :]
    if how != "delete":
        path.write_bytes(data)


def store_of(folder: Path) -> Path:
    return max((folder / manifest_of(folder).search).glob("*.store"))


def damaged_parts(folder: Path) -> list[str]:
    """What `verify` names."""
    return [part.name for part in check_parts(folder) if part.damage]


@pytest.mark.parametrize("name", ["*.store", "meta.json"])
@pytest.mark.parametrize("how", ["flip", "half"])
def test_rot_beside_an_unfinished_checkpoint(
    saved: tuple[Path, State], name: str, how: str
) -> None:
    folder, state = saved
    leave_next_snapshot(folder)
    rot(max((folder / manifest_of(folder).search).glob(name)), how)
    assert damaged_parts(folder) == ["tantivy-1"]
    with opened(folder) as one:
        settle(one)
        assert one.codes == ["SEARCH_REBUILT"]
        assert state_of(one.store) == state
    check_silent(folder, state)


@pytest.mark.parametrize("name", ["meta.json", ""])
def test_what_no_crash_takes_away(saved: tuple[Path, State], name: str) -> None:
    """Tantivy replaces its list, and never removes its folder."""
    folder, state = saved
    leave_next_snapshot(folder)
    gone = folder / manifest_of(folder).search / name
    gone.unlink() if name else shutil.rmtree(gone)
    assert damaged_parts(folder) == ["tantivy-1"]
    with opened(folder) as one:
        settle(one)
        assert one.codes == ["SEARCH_REBUILT"]
    check_silent(folder, state)


def test_a_file_that_a_crash_took_away(saved: tuple[Path, State]) -> None:
    folder, state = saved
    leave_next_snapshot(folder)
    store_of(folder).unlink()
    assert damaged_parts(folder) == []
    with opened(folder) as one:
        settle(one)
        assert one.codes == ["ROLLED_FORWARD"]
    check_silent(folder, state)


def test_an_unfinished_snapshot_goes_once_the_search_index_was_looked_at(
    saved: tuple[Path, State],
) -> None:
    """So that what is lost of Tantivy later is not taken for a crash."""
    folder, state = saved
    leave_next_snapshot(folder)
    with opened(folder) as one:
        assert one.store.check_search_index()
        assert one.codes == []
    store_of(folder).unlink()
    with opened(folder) as one:
        settle(one)
        assert one.codes == ["SEARCH_REBUILT"]
    check_silent(folder, state)


@pytest.mark.parametrize("how", ["flip", "half", "delete"])
def test_damage_since_the_first_look_is_told(
    saved: tuple[Path, State], how: str
) -> None:
    """The next checkpoint finds it, builds another folder, and says so."""
    folder, _ = saved
    with opened(folder) as one:
        settle(one)
        rot(store_of(folder), how)
        commit(one.store, [3], version=9)
        state = state_of(one.store)
        assert one.store.checkpoint()
        assert one.codes == ["SEARCH_REBUILT"]
        assert list(one.store.troubles) == []
    check_silent(folder, state)


def test_a_disk_that_works_again_mends_no_other_trouble(
    saved: tuple[Path, State],
) -> None:
    folder, _ = saved
    rot(store_of(folder), "flip")
    disk = CrashingDisk(how="error")
    with opened(folder, disk=disk) as one:
        assert not one.store.check_search_index()
        assert list(one.store.troubles) == ["SEARCH_REBUILT"]
        disk.fail_at(len(disk.changes) + 1)
        assert not commit(one.store, [1], version=9)
        assert list(one.store.troubles) == ["SEARCH_REBUILT", "NOT_DURABLE"]
        assert commit(one.store, [1], version=10)
        assert list(one.store.troubles) == ["SEARCH_REBUILT"]
        assert one.store.checkpoint()
        assert list(one.store.troubles) == []


def failed_checkpoint(folder: Path, number: int) -> bool:
    """A session whose checkpoint fails at its n-th change, and which is then killed.

    Whether it failed there, with Tantivy left as it was.
    """
    disk = CrashingDisk(how="error")
    one = Opened(folder, disk=disk)
    settle(one)
    commit(one.store, [1], version=9)
    disk.fail_at(len(disk.changes) + number)
    failed = not one.store.checkpoint()
    assert one.codes == (["CHECKPOINT_FAILED"] if failed else [])
    one.die()
    manifest = manifest_of(folder)
    found = search_index_checksum(folder / manifest.search, disk=RealDisk())
    return failed and found == manifest.search_checksum


def test_damage_after_a_checkpoint_that_failed(
    history: tuple[Path, State], tmp_path: Path
) -> None:
    """Its snapshot is removed, or else a lost file would be taken for a crash's."""
    seen = 0
    for number in range(1, 60):
        folder = tmp_path / f"at-{number}"
        shutil.copytree(history[0], folder)
        if not failed_checkpoint(folder, number):
            continue
        seen += 1
        store_of(folder).unlink()
        with opened(folder) as one:
            settle(one)
            assert one.codes == ["SEARCH_REBUILT"], number
    assert seen > 5


def test_a_checkpoint_that_failed_late_is_completed(
    history: tuple[Path, State], tmp_path: Path
) -> None:
    """Tantivy stands at the next generation then: no damage, and told once."""
    for number in range(1, 60):
        folder = tmp_path / f"at-{number}"
        shutil.copytree(history[0], folder)
        disk = CrashingDisk(how="error")
        with opened(folder, disk=disk) as one:
            settle(one)
            commit(one.store, [1], version=9)
            disk.fail_at(len(disk.changes) + number)
            if one.store.checkpoint():
                continue
            state = state_of(one.store)
            assert one.store.checkpoint(), number
            assert one.codes == ["CHECKPOINT_FAILED"], number
            assert state_of(one.store) == state
        check_silent(folder, state)
