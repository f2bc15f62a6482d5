"""Each row of the recovery table: what is found, what is done, what is told.

After each, the index is right at once, and the second load is silent.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from codanna_lsp.errors import FormatError
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.metadata import format_manifest, write_manifest
from codanna_lsp.store.recovering.repair import QUARANTINE_NAME
from codanna_lsp.store.state import IndexState
from tests.recovery.crashing_disk import CrashingDisk
from tests.recovery.damage import (
    Damage,
    both,
    delete,
    flip,
    flip_first_facts,
    older_snapshot,
    search_file,
    truncate,
)
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


def check_row(
    saved: tuple[Path, State], damage: Damage, codes: Sequence[str]
) -> Opened:
    """Damage, load: the whole state is there at once, these codes are told, and the
    second load is silent."""
    folder, state = saved
    damage(folder)
    with opened(folder) as one:
        assert one.store.mode == "writer"
        assert state_of(one.store) == state
        settle(one)
        assert one.codes == list(codes)
        assert state_of(one.store) == state
    check_silent(folder, state)
    return one


def test_no_folder(tmp_path: Path) -> None:
    with opened(tmp_path / "deep" / "index") as one:
        assert one.store.state.shown().state == IndexState.EMPTY
        assert (one.store.mode, one.codes) == ("writer", [])
    assert (tmp_path / "deep" / "index").stat().st_mode & 0o777 == 0o700


def test_generation_zero_replays_its_journal(tmp_path: Path) -> None:
    with opened(tmp_path / "index") as one:
        commit(one.store, [1, 2, 3], version=0)
        state = state_of(one.store)
    check_silent(tmp_path / "index", state)


def test_both_stores_at_the_live_generation(saved: tuple[Path, State]) -> None:
    check_row(saved, lambda _: None, [])


def leave_next_snapshot(folder: Path) -> None:
    """What a process leaves that ended after step 1."""
    shutil.copy(folder / "snapshot-2.bin", folder / "snapshot-3.bin")


def test_next_snapshot_alone_is_dropped(saved: tuple[Path, State]) -> None:
    check_row(saved, leave_next_snapshot, [])
    assert manifest_of(saved[0]).metadata.generation == 3


def undo_commit_point(folder: Path) -> None:
    """What a process leaves that ended after step 2."""
    before = (folder / "index.meta").read_bytes()
    with opened(folder) as one:
        assert one.store.checkpoint()
        newest = manifest_of(folder).newest_journal
        first = manifest_of(folder).first_journal
    (folder / "index.meta").write_bytes(before)
    old = manifest_of(folder)._replace(newest_journal=newest)
    assert old.first_journal < first
    write_manifest(RealDisk(), folder, old)


def test_both_stores_at_the_next_generation_are_rolled_forward(
    saved: tuple[Path, State],
) -> None:
    check_row(saved, undo_commit_point, ["ROLLED_FORWARD"])
    assert manifest_of(saved[0]).metadata.generation >= 3


def lose_a_file_in_the_checkpoint(folder: Path) -> None:
    """A power cut in Tantivy's commit: its old list, and not all of the old files."""
    leave_next_snapshot(folder)
    search = folder / manifest_of(folder).search
    next(search.glob("*.store")).unlink()


def test_search_index_that_a_crash_left_between_two_commits(
    saved: tuple[Path, State],
) -> None:
    check_row(saved, lose_a_file_in_the_checkpoint, ["ROLLED_FORWARD"])


def last_journal(folder: Path) -> str:
    return f"journal-{manifest_of(folder).newest_journal}.wal"


def append_half_a_transaction(folder: Path) -> None:
    path = folder / last_journal(folder)
    data = path.read_bytes()
    path.write_bytes(data + data[64:90])


def test_torn_tail_is_dropped(saved: tuple[Path, State]) -> None:
    check_row(saved, append_half_a_transaction, [])


def test_tail_that_the_next_journal_cut_is_ignored(saved: tuple[Path, State]) -> None:
    folder, _ = saved
    append_half_a_transaction(folder)
    with opened(folder) as one:
        commit(one.store, [9], version=5)
        state = state_of(one.store)
    check_silent(folder, state)


@pytest.mark.parametrize(
    "suffix", [".store", ".term", ".idx", ".fast", ".fieldnorm", "meta.json"]
)
@pytest.mark.parametrize("how", ["delete", "half", "flip"])
def test_search_index_bad(saved: tuple[Path, State], suffix: str, how: str) -> None:
    name = search_file(saved[0], suffix)
    harm = {
        "delete": delete(name),
        "half": truncate(name, keep=0.5),
        "flip": flip(name, at=0.3),
    }
    check_row(saved, harm[how], ["SEARCH_REBUILT"])


def test_search_index_missing(saved: tuple[Path, State]) -> None:
    check_row(saved, delete("tantivy-1"), ["SEARCH_REBUILT"])


def test_search_index_of_another_generation(saved: tuple[Path, State]) -> None:
    folder, _ = saved
    old = folder.parent / "old"
    shutil.copytree(folder / "tantivy-1", old)
    with opened(folder) as one:
        assert one.store.checkpoint()

    def swap(folder: Path) -> None:
        shutil.rmtree(folder / "tantivy-1")
        shutil.copytree(old, folder / "tantivy-1")

    check_row(saved, swap, ["SEARCH_REBUILT"])


def test_search_index_with_a_hostile_list_of_files(saved: tuple[Path, State]) -> None:
    victim = saved[0].parent / "victim.txt"
    victim.write_text("precious")

    def harm(folder: Path) -> None:
        (folder / "tantivy-1" / ".managed.json").write_text('["../../victim.txt"]')

    check_row(saved, harm, ["SEARCH_REBUILT"])
    assert victim.read_text() == "precious"


@pytest.mark.parametrize(
    "harm",
    [
        delete("snapshot-2.bin"),
        truncate("snapshot-2.bin", keep=0),
        truncate("snapshot-2.bin", keep=0.5),
        flip("snapshot-2.bin", at=0),
        flip("snapshot-2.bin", at=0.9),
        older_snapshot,
    ],
    ids=["delete", "empty", "half", "header", "table", "older"],
)
def test_snapshot_bad_and_search_index_good(
    saved: tuple[Path, State], harm: Damage
) -> None:
    check_row(saved, harm, ["SNAPSHOT_REBUILT"])


def test_snapshot_is_a_link(saved: tuple[Path, State]) -> None:
    def harm(folder: Path) -> None:
        (folder / "snapshot-2.bin").rename(folder / "elsewhere")
        (folder / "snapshot-2.bin").symlink_to(folder / "elsewhere")

    check_row(saved, harm, ["SNAPSHOT_REBUILT"])


def test_facts_of_one_file_bad(saved: tuple[Path, State]) -> None:
    """The header is whole, so it loads; the facts come from the other store."""
    check_row(saved, flip_first_facts, ["BLOB_DAMAGED"])


def test_facts_of_one_file_bad_in_both_stores(saved: tuple[Path, State]) -> None:
    """The owner is told to read the source again; the other files are untouched."""
    folder, state = saved
    flip_first_facts(folder)
    delete("tantivy-1")(folder)
    lost = min(state)
    with opened(folder) as one:
        view = one.store.view()
        assert view.facts(lost) is None
        assert view.has_file(lost)
        assert one.damaged == [lost]
        assert one.codes == ["BLOB_DAMAGED"]
        settle(one)
        assert one.codes == ["BLOB_DAMAGED", "SEARCH_REBUILT"]
        assert not one.store.data.has_file(lost)
        with one.store.begin() as transaction:
            transaction.stage(state[lost])
            transaction.commit()
    check_silent(folder, state)


@pytest.mark.parametrize("store", ["tantivy-1", "tantivy-1/meta.json"])
def test_both_bad_and_the_previous_generation_good(
    saved: tuple[Path, State], store: str
) -> None:
    check_row(saved, both(delete("snapshot-2.bin"), delete(store)), ["FELL_BACK"])


def first_journal(folder: Path) -> str:
    return f"journal-{manifest_of(folder).first_journal}.wal"


def check_lost_journal(saved: tuple[Path, State], damage: Damage) -> None:
    """What stands before the damage is there, and the sources are to be hashed."""
    folder, _ = saved
    damage(folder)
    with opened(folder) as one:
        assert one.codes == ["JOURNAL_DAMAGED"]
        assert one.store.must_hash_sources
        before = state_of(one.store)
        settle(one)
        assert commit(one.store, [3, 4, 8], version=2, removed=5)
        state = state_of(one.store)
    assert set(before.values()) != set(state.values())
    assert state == saved[1]
    with opened(folder) as one:
        assert one.codes == []
        assert one.store.must_hash_sources
        one.store.sources_hashed()
    with opened(folder) as one:
        assert not one.store.must_hash_sources
    check_silent(folder, state)


def test_journal_missing(saved: tuple[Path, State]) -> None:
    check_lost_journal(saved, lambda folder: (folder / last_journal(folder)).unlink())


def test_first_journal_missing(saved: tuple[Path, State]) -> None:
    check_lost_journal(saved, lambda folder: (folder / first_journal(folder)).unlink())


def test_journal_header_bad(saved: tuple[Path, State]) -> None:
    check_lost_journal(saved, lambda folder: flip(last_journal(folder), at=0)(folder))


def test_journal_bad_in_the_middle(saved: tuple[Path, State]) -> None:
    def harm(folder: Path) -> None:
        path = folder / last_journal(folder)
        data = bytearray(path.read_bytes())
        data[100] ^= 1
        path.write_bytes(data)

    check_lost_journal(saved, harm)


@pytest.mark.parametrize(
    "harm",
    [
        delete("index.meta"),
        truncate("index.meta", keep=0),
        truncate("index.meta", keep=0.5),
        flip("index.meta", at=0.3),
    ],
    ids=["delete", "empty", "half", "flip"],
)
def test_meta_bad(saved: tuple[Path, State], harm: Damage) -> None:
    check_row(saved, harm, ["META_REBUILT"])


def test_meta_and_snapshots_bad(saved: tuple[Path, State]) -> None:
    harm = both(
        delete("index.meta"), delete("snapshot-2.bin"), delete("snapshot-1.bin")
    )
    check_row(saved, harm, ["META_REBUILT", "SNAPSHOT_REBUILT"])


def test_meta_bad_and_the_newest_snapshot_too(saved: tuple[Path, State]) -> None:
    harm = both(delete("index.meta"), flip("snapshot-2.bin", at=0.9))
    check_row(saved, harm, ["META_REBUILT"])


def test_meta_bad_at_generation_zero(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with opened(folder) as one:
        commit(one.store, [1, 2], version=0)
        state = state_of(one.store)
    check_row((folder, state), delete("index.meta"), ["META_REBUILT"])


def test_newer_format_is_left_alone(saved: tuple[Path, State]) -> None:
    folder, _ = saved
    manifest = manifest_of(folder)
    newer = manifest._replace(metadata=manifest.metadata._replace(format=99))
    (folder / "index.meta").write_bytes(format_manifest(newer))
    names = {name: (folder / name).stat().st_mtime_ns for name in names_in(folder)}
    with opened(folder) as one:
        assert one.codes == ["NEWER_FORMAT"]
        assert one.store.mode == "memory"
        assert not commit(one.store, [1], version=0)
        assert one.store.data.file_count == 1
    after = {name: (folder / name).stat().st_mtime_ns for name in names}
    assert {n for n in names if names[n] != after[n]} <= {"writer.lock"}
    with pytest.raises(FormatError):
        manifest_of(folder)


def test_nothing_good(saved: tuple[Path, State]) -> None:
    folder, state = saved
    for name in names_in(folder):
        if name != "writer.lock":
            path = folder / name
            if path.is_dir():
                (path / "meta.json").write_text("{}")
            else:
                path.write_bytes(b"\xff" * 500)
    with opened(folder) as one:
        assert one.codes == ["REBUILD"]
        shown = one.store.state.shown()
        assert shown.state == IndexState.CORRUPTED
        assert shown.reason
        assert "codanna-lsp repair" in str(one.said[0])
        assert "codanna-lsp index --force" in str(one.said[0])
        commit(one.store, range(3), version=0)
        settle(one)
        assert one.store.state.shown().state == IndexState.READY
        state = state_of(one.store)
    (kept,) = names_in(folder / QUARANTINE_NAME)
    assert kept.endswith("REBUILD")
    check_silent(folder, state)


@pytest.mark.parametrize(
    "name", ["index.meta", "snapshot-2.bin", "journal-4.wal", "meta.json"]
)
def test_no_permission_removes_nothing(saved: tuple[Path, State], name: str) -> None:
    folder, state = saved
    before = names_in(folder)
    assert name in before or name == "meta.json"
    with opened(folder, disk=CrashingDisk(unreadable=name)) as one:
        one.store.check_search_index()
        assert set(one.codes) <= {"IN_MEMORY"}
        assert one.store.state.shown().state != IndexState.CORRUPTED
    assert set(before) <= set(names_in(folder))
    check_silent(folder, state)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
