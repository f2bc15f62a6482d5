"""Two processes on one index, a folder that vanishes, a child that dies."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from codanna_lsp.store.holding.lock import take_lock
from tests.recovery.saved_index import (
    Opened,
    State,
    check_silent,
    commit,
    opened,
    settle,
    state_of,
    write_history,
)
from tests.unit.store.sample_records import sample_record

DEADLINE_S = 30.0


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, State]:
    return tmp_path / "index", write_history(tmp_path / "index")


def test_reader_follows_and_takes_over(saved: tuple[Path, State]) -> None:
    folder, state = saved
    writer, reader = Opened(folder), Opened(folder)
    assert (reader.store.mode, reader.codes) == ("reader", ["READER"])
    assert reader.store.status().holder == os.getpid()
    assert state_of(reader.store) == state
    assert not reader.store.follow()
    commit(writer.store, [20], version=1, removed=3)
    assert reader.store.follow()
    assert state_of(reader.store) == state_of(writer.store)
    assert writer.store.checkpoint()
    assert writer.store.checkpoint()
    commit(writer.store, [21], version=1)
    assert reader.store.follow()
    assert state_of(reader.store) == state_of(writer.store)
    assert not reader.store.try_take_over()
    assert not reader.store.checkpoint()
    expected = state_of(writer.store)
    writer.store.close()
    assert reader.store.try_take_over()
    assert (reader.store.mode, reader.codes) == ("writer", ["READER", "TOOK_OVER"])
    assert commit(reader.store, [22], version=1)
    expected = state_of(reader.store)
    reader.store.close()
    check_silent(folder, expected)


def test_what_only_the_reader_knew_is_kept(saved: tuple[Path, State]) -> None:
    folder, _ = saved
    writer, reader = Opened(folder), Opened(folder)
    assert not commit(reader.store, [30], version=0)
    newer = sample_record(1, version=9)
    newer = newer._replace(
        indexed_ns=newer.indexed_ns + 1,
        fingerprint=newer.fingerprint._replace(digest=b"n" * 16),
    )
    with reader.store.begin() as transaction:
        transaction.stage(newer)
        transaction.commit()
    commit(writer.store, [31], version=0)
    assert reader.store.follow()
    expected = state_of(reader.store)
    assert {sample_record(n).path for n in (30, 31)} <= set(expected)
    assert expected[newer.path] == newer
    writer.store.close()
    assert reader.store.try_take_over()
    assert state_of(reader.store) == expected
    reader.store.close()
    check_silent(folder, expected)


def test_reader_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    folder.mkdir(0o700)
    lock = take_lock(folder)
    reader = Opened(folder)
    assert reader.store.mode == "reader"
    assert reader.store.data.file_count == 0
    lock.release()
    assert reader.store.try_take_over()
    reader.store.close()


@pytest.mark.parametrize("again", [False, True], ids=["gone", "replaced"])
def test_folder_removed_under_the_writer(
    saved: tuple[Path, State], *, again: bool
) -> None:
    folder, _ = saved
    one = Opened(folder)
    shutil.rmtree(folder)
    if again:
        folder.mkdir(0o700)
        (folder / "writer.lock").touch(0o600)
    assert commit(one.store, [40], version=0)
    assert one.codes == ["FOLDER_GONE"]
    expected = state_of(one.store)
    settle(one)
    assert state_of(one.store) == expected
    one.store.close()
    check_silent(folder, expected)


def test_folder_removed_and_taken_by_another(saved: tuple[Path, State]) -> None:
    folder, _ = saved
    one = Opened(folder)
    settle(one)
    assert one.store.status().verified == "all"
    shutil.rmtree(folder)
    other = Opened(folder)
    assert other.store.mode == "writer"
    assert not commit(one.store, [40], version=0)
    assert sample_record(40).path in state_of(one.store)
    assert one.codes == ["FOLDER_GONE", "READER"]
    assert one.store.status().verified == "columns", "the other's bytes are the other's"
    commit(other.store, [41], version=0)
    assert one.store.follow()
    assert set(state_of(one.store)) == {sample_record(n).path for n in (40, 41)}
    expected = state_of(other.store)
    one.store.close()
    other.store.close()
    check_silent(folder, expected)


def test_killed_process_leaves_what_it_acknowledged(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    script = """
import sys, time
from pathlib import Path
from tests.recovery.saved_index import Opened, commit
one = Opened(Path(sys.argv[1]))
for number in range(10_000):
    assert commit(one.store, [number % 50], version=number)
    print(number, flush=True)
"""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        acknowledged = 0
        for line in process.stdout:
            acknowledged = int(line)
            if acknowledged == 60:
                process.send_signal(signal.SIGKILL)
                break
        acknowledged = max([acknowledged, *map(int, process.stdout)])
    with opened(folder) as one:
        assert one.codes == []
        last = one.store.view().serial - 1
        assert last in (acknowledged, acknowledged + 1)
        expected = sample_record(last % 50, version=last)
        assert one.store.view().record(expected.path) == expected


def test_checkpoint_in_a_child_process(saved: tuple[Path, State]) -> None:
    folder, state = saved
    with opened(folder, inline=False) as one:
        assert one.store.check_search_index()
        assert one.store.checkpoint()
        assert state_of(one.store) == state
        assert one.codes == []
    check_silent(folder, state)


def test_damaged_snapshot_is_mended_by_a_child(saved: tuple[Path, State]) -> None:
    folder, state = saved
    (folder / "snapshot-2.bin").write_bytes(b"nothing")
    with opened(folder, inline=False) as one:
        assert one.codes == ["SNAPSHOT_REBUILT"]
        assert state_of(one.store) == state
    check_silent(folder, state)


def test_child_that_dies_is_a_failed_checkpoint(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, state = saved
    with opened(folder, inline=False) as one:
        assert one.store.check_search_index()
        monkeypatch.setattr(sys, "executable", shutil.which("false"))
        assert not one.store.checkpoint()
        assert one.codes == ["CHECKPOINT_FAILED"]
        assert state_of(one.store) == state
        monkeypatch.undo()
        assert one.store.checkpoint()
    check_silent(folder, state)


def test_orphaned_child_keeps_the_lock_until_it_ends(tmp_path: Path) -> None:
    """A server that is killed leaves no child behind, and nobody writes meanwhile."""
    folder = tmp_path / "index"
    write_history(folder)
    script = """
import os, sys
from pathlib import Path
from codanna_lsp.store.checkpoints import checkpoint_process
from tests.recovery.saved_index import Opened
one = Opened(Path(sys.argv[1]), inline=False)
parsed = checkpoint_process._parsed
print("ready", flush=True)
one.store.checkpoint()
print("done", flush=True)
while True:
    one.store.checkpoint()
"""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert process.stdout.readline() == "done\n"
        process.send_signal(signal.SIGKILL)
    stop = time.monotonic() + DEADLINE_S
    while True:
        one = Opened(folder)
        if one.store.mode == "writer":
            break
        one.store.close()
        assert time.monotonic() < stop, "the child still holds the lock"
    assert set(one.codes) <= {"ROLLED_FORWARD"}
    expected = state_of(one.store)
    settle(one)
    one.store.close()
    check_silent(folder, expected)
