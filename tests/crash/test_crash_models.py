"""The models themselves, on histories that are short enough to know every state."""

from pathlib import Path

import pytest

from tests.crash.crash_states import KILL, ORDERED, WEAK, CrashStates, unique_states
from tests.crash.system_calls import Recording, World, read_recording, read_world

PLACE = "/w"


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def fd(number: int, path: str) -> str:
    return f"{number}<{hexed(path)}>"


def text(value: str) -> str:
    return f'"{hexed(value)}"'


def recorded(*lines: str, before: World | None = None) -> Recording:
    trace = "\n".join(line if line[0].isdigit() else f"7 {line}" for line in lines)
    world = before or World({1: {}}, {})
    return read_recording(trace, place=Path(PLACE), acks=Path("/acks"), before=world)


def states(recording: Recording, model: str) -> set[str]:
    """Every state as text: name=content, separated by blanks."""
    found = CrashStates(recording)
    return {
        " ".join(f"{path}={found.contents[key].decode()}" for path, key in state.files)
        for state in unique_states(found.enumerate([model])).values()
    }


CREATE = (
    f"openat({fd(-100, '/')}, {text('/w/a.new')}, O_WRONLY|O_CREAT|O_EXCL, 0600)"
    f" = {fd(3, '/w/a.new')}"
).replace("-100<", "AT_FDCWD<")
WRITE = f"write({fd(3, '/w/a.new')}, {text('data')}, 4) = 4"
SYNC = f"fdatasync({fd(3, '/w/a.new')}) = 0"
RENAME = f"rename({text('/w/a.new')}, {text('/w/a')}) = 0"
SYNC_FOLDER = f"fsync({fd(4, '/w')})          = 0"


def test_a_kill_leaves_every_prefix_and_half_a_write() -> None:
    found = states(recorded(CREATE, WRITE, SYNC, RENAME, SYNC_FOLDER), KILL)
    assert found == {"", "a.new=", "a.new=da", "a.new=data", "a=data"}


def test_ordered_names_come_in_their_order_and_unsynced_bytes_in_parts() -> None:
    found = states(recorded(CREATE, WRITE, RENAME, SYNC_FOLDER), ORDERED)
    parts = {"", "data", "\0\0\0\0", "da", "\0\0ta"}
    assert found == {""} | {f"{n}={part}" for n in ("a.new", "a") for part in parts}


def test_what_was_synced_is_there() -> None:
    done = recorded(CREATE, WRITE, SYNC, RENAME, SYNC_FOLDER)
    last = CrashStates(done)
    for model in (ORDERED, WEAK):
        at_end = {
            state.files for state in last.enumerate([model]) if state.point >= 4
        }  # the folder's sync is event 4, so nothing but its names is open before it
        assert all(
            last.contents[key] == b"data" for files in at_end for _, key in files
        )
    after = recorded(CREATE, WRITE, SYNC, RENAME, SYNC_FOLDER, ACK)
    for model in (KILL, ORDERED, WEAK):
        found = CrashStates(after)
        known = {s.files for s in found.enumerate([model]) if s.acked}
        assert [[path for path, _ in files] for files in known] == [["a"]]


ACK = f"write({fd(5, '/acks')}, {text('9 d')}, 3) = 3"


def test_weak_names_are_any_subset() -> None:
    """Also the new name without the one that it was made under, and both gone."""
    before = World({1: {"old": 2}}, {2: b"old"})
    unlink = f"unlink({text('/w/old')}) = 0"
    done = recorded(CREATE, WRITE, SYNC, RENAME, unlink, before=before)
    names = {
        tuple(path for path, _ in state.files)
        for state in CrashStates(done).enumerate([WEAK])
    }
    assert names == {(), ("a",), ("a", "old"), ("a.new",), ("a.new", "old"), ("old",)}


def test_a_sync_covers_what_ended_before_it_began() -> None:
    """Of two threads: the write ended while the sync went on."""
    done = recorded(
        CREATE,
        f"8 fdatasync({fd(3, '/w/a.new')} <unfinished ...>",
        WRITE,
        "8 <... fdatasync resumed>) = 0",
        SYNC_FOLDER,
        ACK,
    )
    found = CrashStates(done)
    known = {s.files for s in found.enumerate([ORDERED]) if s.acked}
    assert b"" in {found.contents[key] for files in known for _, key in files}


def test_failed_calls_and_other_folders_change_nothing() -> None:
    done = recorded(
        f"unlink({text('/w/a')}) = -1 ENOENT (No such file or directory)",
        f"mkdir({text('/other')}, 0777) = 0",
        "--- SIGCHLD {si_signo=SIGCHLD} ---",
        "+++ exited with 0 +++",
    )
    assert done.events == ()


@pytest.mark.parametrize(
    "call",
    [
        f"fallocate({fd(3, '/w/a')}, 0, 0, 10) = 0",
        f"link({text('/x')}, {text('/w/a')}) = 0",
        f"pwrite64({fd(3, '/w/a.new')}, {text('a')}, 1, 5) = 1",
    ],
)
def test_a_call_that_the_models_do_not_know_ends_the_recording(call: str) -> None:
    with pytest.raises(AssertionError, match="no part of the model"):
        recorded(CREATE, call)


def test_a_world_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_text("see")
    (tmp_path / "b" / "writer.lock").write_text("1 host 2")
    world = read_world(tmp_path)
    folder = world.names[1]["b"]
    inner = world.names[folder]
    assert world.contents == {inner["c"]: b"see", inner["writer.lock"]: b""}
