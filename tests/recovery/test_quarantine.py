"""What was set aside: the last two are kept, and nothing in them ends a recovery."""

import os
import sys
import time
from pathlib import Path

import pytest

from codanna_lsp.errors import DiskError
from codanna_lsp.store.disk import Disk, RealDisk
from codanna_lsp.store.recovering.repair import QUARANTINE_NAME, set_aside
from tests.recovery.crashing_disk import CrashingDisk, refused
from tests.recovery.saved_index import (
    State,
    check_silent,
    commit,
    manifest_of,
    opened,
    settle,
    state_of,
)

DEPTH = 1500
RECURSES = sys.version_info < (3, 13)  # as the library's rmtree did until then


def make_deep(place: Path) -> Path:
    """A folder in a folder in a folder ..., deeper than Python can recurse."""
    place.mkdir(parents=True)
    folder = os.open(place, os.O_RDONLY)
    for _ in range(DEPTH):
        os.mkdir("a", dir_fd=folder)
        inner = os.open("a", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    return place


def remove_deep(place: Path) -> None:
    """As above, from the top: each inner folder is moved up and its place removed."""
    while (inner := place / "a").exists():
        above = inner.rename(place.with_name("moved"))
        place.rmdir()
        place = above.rename(place)
    place.rmdir()


def aside(folder: Path, name: str, *, disk: Disk | None = None) -> list[str]:
    """Set a file of that name aside; what is kept in the quarantine then."""
    (folder / name).write_text(name)
    set_aside(disk or RealDisk(), folder, [name], code="TEST")
    place = folder / QUARANTINE_NAME
    return sorted(path.name for path in place.glob("*/*"))


def test_a_clock_that_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last one is kept, though its name says that it is the oldest."""
    kept: list[list[str]] = []
    for name, now in (("a", 3e8), ("b", 2e8), ("c", 1e8)):
        at = time.gmtime(now)
        monkeypatch.setattr(time, "gmtime", lambda at=at: at)
        kept.append(aside(tmp_path, name))
        monkeypatch.undo()
    assert [len(names) for names in kept] == [1, 2, 2]
    assert "c" in kept[-1]


def test_one_that_cannot_be_removed(tmp_path: Path) -> None:
    class Clinging(CrashingDisk):
        def remove_tree(self, path: Path) -> None:
            raise refused(path, 13)

    for name in "abc":
        assert name in aside(tmp_path, name, disk=Clinging())
    assert len(aside(tmp_path, "d")) == 2


@pytest.mark.parametrize("name", [QUARANTINE_NAME, "tantivy-9", "else"])
def test_folders_nested_deeply(saved: tuple[Path, State], name: str) -> None:
    folder, state = saved
    deep = make_deep(folder / name / "deep")
    for damaged in (*folder.glob("snapshot-*"), *folder.glob("tantivy-?/meta.json")):
        damaged.write_bytes(b"nothing")
    (folder / f"journal-{manifest_of(folder).first_journal}.wal").unlink()
    with opened(folder) as one:
        assert one.store.status().bytes_on_disk["journal"]
        assert one.codes == ["REBUILD"]
        commit(one.store, range(3), version=0)
        settle(one)
        state = state_of(one.store)
    for place in (deep, *(folder / QUARANTINE_NAME).glob("*/*/deep")):
        if place.exists():
            if RECURSES:
                with pytest.raises(DiskError, match="nested too deeply"):
                    RealDisk().remove_tree(place)
                remove_deep(place)
            else:
                RealDisk().remove_tree(place)
            assert not place.exists()
    check_silent(folder, state)


def test_quarantine_keeps_two(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    for number in range(4):
        with opened(folder) as one:
            commit(one.store, [number], version=0)
        for path in folder.iterdir():
            if path.name.startswith(("journal", "index")):
                path.write_bytes(b"\xff" * 500)
    assert len(list((folder / QUARANTINE_NAME).iterdir())) == 2
