"""The journal: whole transactions or nothing, whatever happens to its bytes."""

import shutil
from pathlib import Path

import pytest

from codanna_lsp.errors import CorruptionError, DiskError
from codanna_lsp.model.facts import FileRecord, Fingerprint
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.journals.chain import Chain, ChainTip, read_chain
from codanna_lsp.store.journals.journal import (
    HEADER_BYTES,
    JournalHeader,
    JournalReader,
    JournalWriter,
    SnapshotCreated,
    format_header,
    format_transaction,
    journal_name,
    journal_serial,
    read_header,
)
from tests.recovery.crashing_disk import CrashingDisk

DISK = RealDisk()

Written = list[tuple[int, dict[str, FileRecord | None]]]


def record(path: str, *, version: int = 0) -> FileRecord:
    fingerprint = Fingerprint(version, 7, b"0123456789abcdef")
    return FileRecord(path, "python", fingerprint, "x", 8, "", b"facts" * version)


def header(
    serial: int = 1, tip: ChainTip | None = None, last: int = 0
) -> JournalHeader:
    return JournalHeader(serial, 0, *(tip or (0, 0, 0)), last)


def write_journal(folder: Path, *, serial: int = 1) -> Written:
    """Three small transactions; the offset behind each, and the state there."""
    writer = JournalWriter(DISK, folder, header(serial))
    state: dict[str, FileRecord | None] = {}
    written: Written = [(HEADER_BYTES, {})]
    for changes in (
        {"a.py": record("a.py", version=1), "b.py": record("b.py")},
        {"a.py": record("a.py", version=2)},
        {"b.py": None, "caf\udce9.py": record("caf\udce9.py", version=3)},
    ):
        writer.append(changes)
        state = {**state, **changes}
        written.append((writer.length, state))
    writer.close()
    return written


def read_one(folder: Path, *, serial: int = 1) -> Chain:
    return read_chain(DISK, folder, first=serial, newest=serial)


def test_what_was_appended_is_read(tmp_path: Path) -> None:
    *_, (length, state) = write_journal(tmp_path)
    chain = read_one(tmp_path)
    assert chain.changes == state
    assert (chain.transaction, chain.torn, chain.damage) == (3, False, "")
    assert chain.tip is not None
    assert (chain.tip.serial, chain.tip.length) == (1, length)


def test_cut_at_every_byte(tmp_path: Path) -> None:
    """A journal cut anywhere holds the transactions that end before the cut."""
    written = write_journal(tmp_path)
    path = tmp_path / journal_name(1)
    whole = path.read_bytes()
    for cut in range(HEADER_BYTES, len(whole) + 1):
        path.write_bytes(whole[:cut])
        chain = read_one(tmp_path)
        number, (end, state) = max(
            (n, one) for n, one in enumerate(written) if one[0] <= cut
        )
        assert chain.changes == state, cut
        assert chain.transaction == number
        assert chain.torn == (cut != end)
        assert not chain.damage


def test_header_cut_or_flipped_at_every_byte(tmp_path: Path) -> None:
    write_journal(tmp_path)
    path = tmp_path / journal_name(1)
    whole = path.read_bytes()
    for place in range(HEADER_BYTES):
        flipped = bytearray(whole)
        flipped[place] ^= 0x40
        for data in (whole[:place], bytes(flipped)):
            path.write_bytes(data)
            chain = read_one(tmp_path)
            assert chain.damage
            assert (chain.changes, chain.tip) == ({}, None)


def test_flipped_at_every_byte(tmp_path: Path) -> None:
    """A flip is a torn tail in the last transaction, and damage before it; what
    stands before the flip is whole."""
    written = write_journal(tmp_path)
    path = tmp_path / journal_name(1)
    whole = path.read_bytes()
    for place in range(HEADER_BYTES, len(whole)):
        data = bytearray(whole)
        data[place] ^= 1 << place % 8
        path.write_bytes(data)
        chain = read_one(tmp_path)
        number, (_, state) = max(
            (n, one) for n, one in enumerate(written) if one[0] <= place
        )
        assert chain.changes == state, place
        assert chain.torn == (number == 2), place
        assert bool(chain.damage) == (number != 2), place


def test_transactions_twice_or_in_another_order_are_damage(tmp_path: Path) -> None:
    one, two, three = (
        format_transaction(1, n, {f"{n}.py": record(f"{n}.py")}) for n in (1, 2, 3)
    )
    for frames, good in (
        (one + one + two, 1),
        (two + one, 0),
        (one + three, 1),
        (one + two[: len(two) // 2] + three, 1),
    ):
        (tmp_path / journal_name(1)).write_bytes(format_header(header()) + frames)
        chain = read_one(tmp_path)
        assert chain.transaction == good
        assert chain.damage


def test_frames_of_another_journal_are_no_frames(tmp_path: Path) -> None:
    foreign = format_transaction(2, 1, {"a.py": record("a.py")})
    (tmp_path / journal_name(1)).write_bytes(format_header(header()) + foreign)
    chain = read_one(tmp_path)
    assert (chain.changes, chain.torn) == ({}, True)


@pytest.mark.parametrize("path", ["/etc/passwd", "../up.py", "a/../b", "", "a//b", "."])
def test_paths_that_lead_out_are_damage(tmp_path: Path, path: str) -> None:
    frames = format_transaction(1, 1, {path: record(path)})
    frames += format_transaction(1, 2, {"a.py": None})
    (tmp_path / journal_name(1)).write_bytes(format_header(header()) + frames)
    chain = read_one(tmp_path)
    assert (chain.changes, bool(chain.damage)) == ({}, True)


def test_huge_lengths_are_not_believed(tmp_path: Path) -> None:
    frame = b"\xc0\xdaJ\x01" + b"\xff" * 12
    (tmp_path / journal_name(1)).write_bytes(format_header(header()) + frame * 50)
    assert read_one(tmp_path).torn


def continue_journal(folder: Path, *, keep: int, serial: int = 2) -> None:
    """The next journal, which cuts the first one behind `keep` bytes."""
    shutil.copy(folder / journal_name(1), folder / "cut")
    data = (folder / "cut").read_bytes()[:keep]
    (folder / journal_name(3)).write_bytes(data)
    tip = read_chain_tip(folder, data)
    writer = JournalWriter(DISK, folder, header(serial, tip[0], tip[1]))
    writer.append({"new.py": record("new.py")})
    writer.close()


def read_chain_tip(folder: Path, data: bytes) -> tuple[ChainTip, int]:
    alone = folder / "alone"
    alone.mkdir()
    (alone / journal_name(1)).write_bytes(data)
    chain = read_one(alone)
    assert chain.tip is not None
    return chain.tip, chain.transaction


def test_next_journal_cuts_the_tail_of_the_one_before(tmp_path: Path) -> None:
    _, (_, first), (second_end, second), _ = write_journal(tmp_path)
    continue_journal(tmp_path, keep=second_end + 9)
    chain = read_chain(DISK, tmp_path, first=1, newest=2)
    assert chain.changes == {**second, "new.py": record("new.py")}
    assert (chain.transaction, chain.damage) == (3, "")
    assert first != second


def test_journal_in_the_middle_is_missing_or_changed(tmp_path: Path) -> None:
    *_, (_, state) = write_journal(tmp_path)
    continue_journal(tmp_path, keep=1 << 20)
    path = tmp_path / journal_name(1)
    whole = path.read_bytes()
    assert not read_chain(DISK, tmp_path, first=1, newest=2).damage
    path.write_bytes(whole[:-1])
    assert read_chain(DISK, tmp_path, first=1, newest=2).damage
    path.write_bytes(whole + b"later bytes do not count")
    assert read_chain(DISK, tmp_path, first=1, newest=2).changes.keys() > state.keys()
    path.unlink()
    chain = read_chain(DISK, tmp_path, first=1, newest=2)
    assert chain.damage == "journal-1.wal is missing"
    assert chain.changes == {}


def test_last_journal_must_exist_up_to_the_named_one(tmp_path: Path) -> None:
    *_, (_, state) = write_journal(tmp_path)
    chain = read_chain(DISK, tmp_path, first=1, newest=2)
    assert chain.changes == state
    assert chain.damage == "journal-2.wal is missing or damaged"


def test_journal_that_was_never_named_is_ignored(tmp_path: Path) -> None:
    """Two that continue the same: the earlier was begun by a process that died."""
    write_journal(tmp_path)
    tip = read_one(tmp_path).tip
    for serial in (2, 3):
        writer = JournalWriter(DISK, tmp_path, header(serial, tip, 3))
        if serial == 3:
            writer.append({"new.py": None})
        writer.close()
    chain = read_chain(DISK, tmp_path, first=1, newest=3)
    assert (chain.transaction, chain.damage) == (4, "")


@pytest.mark.parametrize("at", [5, 6], ids=["write", "sync"])
def test_after_a_failed_append_nothing_is_written(tmp_path: Path, at: int) -> None:
    disk = CrashingDisk(at=at, how="error")
    writer = JournalWriter(disk, tmp_path, header())
    with pytest.raises(DiskError):
        writer.append({"a.py": None})
    assert disk.fired
    size = (tmp_path / journal_name(1)).stat().st_size
    with pytest.raises(DiskError):
        writer.append({"b.py": None})
    assert (writer.length, writer.transaction) == (HEADER_BYTES, 0)
    assert (tmp_path / journal_name(1)).stat().st_size == size


def test_one_append_is_one_write_and_one_sync(tmp_path: Path) -> None:
    disk = CrashingDisk()
    writer = JournalWriter(disk, tmp_path, header())
    before = len(disk.changes)
    writer.append({f"{n}.py": record(f"{n}.py") for n in range(50)})
    assert disk.changes[before:] == ["write journal-1.wal", "sync journal-1.wal"]


def test_word_of_a_snapshot(tmp_path: Path) -> None:
    writer = JournalWriter(DISK, tmp_path, header())
    created = SnapshotCreated(7, "ab" * 16)
    writer.append({}, created)
    writer.close()
    view = memoryview((tmp_path / journal_name(1)).read_bytes())
    reader = JournalReader(read_header(view, serial=1))
    assert [one.created for one in reader.read(view, len(view))] == [created]


def test_reader_goes_on_where_it_stopped(tmp_path: Path) -> None:
    write_journal(tmp_path)
    whole = memoryview((tmp_path / journal_name(1)).read_bytes())
    reader = JournalReader(read_header(whole, serial=1))
    seen = [
        transaction.number
        for stop in range(HEADER_BYTES, len(whole) + 1, 7)
        for transaction in reader.read(whole, stop)
    ]
    seen += [one.number for one in reader.read(whole, len(whole))]
    assert seen == [1, 2, 3]


def test_names() -> None:
    assert journal_serial(journal_name(42)) == 42
    for name in (
        "journal-.wal",
        "journal-1.wal.new",
        "xjournal-1.wal",
        "journal--1.wal",
    ):
        assert journal_serial(name) is None


def test_header_of_another_file() -> None:
    data = memoryview(format_header(header(5)))
    assert read_header(data, serial=5).serial == 5
    with pytest.raises(CorruptionError, match="another file"):
        read_header(data, serial=6)
