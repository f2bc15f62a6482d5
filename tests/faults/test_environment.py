"""A server whose disk is full, read-only or gone, or that is ended: answers go on."""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from tests.faults.live_kills import processes_with
from tests.faults.sourced_index import opened
from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    ANSWERS,
    check_answers,
    index_here,
    save,
    session,
    shown,
    symbols,
    wait_for_status,
    wait_for_symbols,
    write_files,
)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="uses /proc and prlimit"
)

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_files(tmp_path / "workspace")


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


@contextlib.contextmanager
def mounted(place: Path, *options: str) -> Generator[None]:
    """A file system at a folder, or a skip where even root may not mount."""
    place.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", *options, str(place)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def save_class(client: RawClient, root: Path, name: str, *, more: str = "") -> None:
    """Save a file and wait until its one class is found."""
    (root / "saved.py").write_text(f"class {name}: pass\n{more}")
    save(client, root / "saved.py")
    wait_for_symbols(client, name, [f"saved.py:0:6-{6 + len(name)} {name}"])


def incidents(client: RawClient) -> list[str]:
    (root,) = client.request("codanna/status")["roots"]
    return [incident["code"] for incident in root["incidents"]]


def is_health(message: Any, wanted: str, *, after: str, of: RawClient) -> bool:
    """Whether a message says this health, and an earlier one said the other."""
    if message.get("method") != "experimental/serverStatus":
        return False
    *before, last = [
        m["params"]
        for m in of.messages
        if m.get("method") == "experimental/serverStatus"
    ]
    worse = any(told["health"] == after for told in before)
    return bool(message["params"] is last and worse and last["health"] == wanted)


def is_durable(status: Any) -> bool:
    (root,) = status["roots"]
    return (root["pendingFiles"], root["mode"]) == (0, "writer")


def check_next_start(root: Path, cache: dict[str, str], name: str) -> None:
    """The next server finds everything and has nothing to say."""
    with session(root, cache=cache) as client:
        wait_for_symbols(client, name, [f"saved.py:0:6-{6 + len(name)} {name}"])
        check_answers(client)
        assert shown(client) == []


@needs_root
def test_a_full_disk(root: Path, tmp_path: Path, cache: dict[str, str]) -> None:
    place = tmp_path / "cache"
    with mounted(place, "-t", "tmpfs", "-o", "size=2m,mode=700", "none"):
        index_here(root, cache)
        asks = {"experimental": {"serverStatusNotification": True}}
        with session(root, cache=cache, capabilities=asks) as client:
            ballast = place / "ballast"
            with contextlib.suppress(OSError), ballast.open("wb") as file:
                while True:
                    file.write(bytes(4096))
                    file.flush()
            # More than may be free in the journal's last page.
            names = [
                blake2b(bytes((n % 256, n // 256))).hexdigest()[:24] for n in range(999)
            ]
            more = "".join(f"def f_{name}(): pass\n" for name in names)
            save_class(client, root, "OnAFullDisk", more=more)
            check_answers(client)
            wait_for_status(client, lambda _: bool(shown(client)))
            (told,) = shown(client)
            assert "changes cannot be written" in told
            assert "free some space" in told or "No space left" in told
            (index,) = client.request("codanna/status")["roots"]
            assert index["pendingFiles"] == 1
            client.wait_for(lambda m: is_health(m, "warning", after="ok", of=client))
            ballast.unlink()
            save_class(client, root, "OnceMore")
            wait_for_status(client, is_durable)
            client.wait_for(lambda m: is_health(m, "ok", after="warning", of=client))
        check_next_start(root, cache, "OnceMore")


@needs_root
def test_a_read_only_folder(root: Path, tmp_path: Path, cache: dict[str, str]) -> None:
    index_here(root, cache)
    place = tmp_path / "cache"
    before = {p: p.lstat().st_mtime_ns for p in place.rglob("*")}
    with (
        mounted(place, "--bind", "-o", "ro", str(place)),
        session(root, cache=cache) as client,
    ):
        check_answers(client)
        (told,) = shown(client)
        assert "cannot be kept on disk" in told
        save_class(client, root, "InMemory")
        (index,) = client.request("codanna/status")["roots"]
        assert (index["mode"], index["state"]) == ("memory", "READY")
    assert {p: p.lstat().st_mtime_ns for p in place.rglob("*")} == before
    check_next_start(root, cache, "InMemory")


def limit(client: RawClient, what: int, soft: int) -> tuple[int, int]:
    """Set a running server's soft limit; what it was."""
    hard = resource.getrlimit(what)[1]
    return resource.prlimit(client.process.pid, what, (soft, hard))


def test_no_descriptors_left(root: Path, cache: dict[str, str]) -> None:
    index_here(root, cache)
    with session(root, cache=cache) as client:
        check_answers(client)  # what is imported late is imported now
        before = limit(client, resource.RLIMIT_NOFILE, 3)
        check_answers(client)
        (root / "saved.py").write_text("class NoDescriptors: pass\n")
        save(client, root / "saved.py")
        client.request("codanna/status")
        limit(client, resource.RLIMIT_NOFILE, before[0])
        save_class(client, root, "Descriptors")
        wait_for_status(client, is_durable)
        check_answers(client)
    check_next_start(root, cache, "Descriptors")


def test_no_memory_left(root: Path, cache: dict[str, str]) -> None:
    """A question may fail then; the server lives, and nothing is lost."""
    index_here(root, cache)
    with session(root, cache=cache) as client:
        save_class(client, root, "Before")
        wait_for_status(client, is_durable)
        pages = int(Path(f"/proc/{client.process.pid}/statm").read_text().split()[0])
        limit(client, resource.RLIMIT_AS, pages * 4096 + (1 << 20))
        for query in ANSWERS:
            client.answer_to(client.ask("workspace/symbol", {"query": query}))
        save_class(client, root, "Between")
        client.ask("workspace/executeCommand", {"command": "codanna.repair"})
        client.answer_to(client.ask("codanna/status"))
        limit(client, resource.RLIMIT_AS, resource.RLIM_INFINITY)
        save_class(client, root, "After")
        wait_for_status(client, is_durable)
        check_answers(client)
    check_next_start(root, cache, "After")


def test_the_folder_is_removed(
    root: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    index_here(root, cache)
    with session(root, cache=cache) as client:
        shutil.rmtree(tmp_path / "cache")
        check_answers(client)
        save_class(client, root, "WhileGone")
        (told,) = shown(client)
        assert "was removed or replaced while in use" in told
        wait_for_status(client, is_durable)
        assert incidents(client) == ["FOLDER_GONE"]
    check_next_start(root, cache, "WhileGone")


def end_by_signal(client: RawClient) -> None:
    client.process.send_signal(signal.SIGTERM)


def hang_up(client: RawClient) -> None:
    client.process.send_signal(signal.SIGHUP)


def kill(client: RawClient) -> None:
    client.process.kill()


def end_input(client: RawClient) -> None:
    client.close_input()


def say_exit(client: RawClient) -> None:
    client.notify("exit")


@pytest.mark.parametrize("end", [end_by_signal, hang_up, kill, end_input, say_exit])
def test_the_server_is_ended(
    root: Path,
    tmp_path: Path,
    cache: dict[str, str],
    end: Callable[[RawClient], None],
) -> None:
    """Every save is there by recovery alone, and no process is left."""
    index_here(root, cache)
    with RawClient(environment=cache) as client:
        client.initialize(
            rootUri=root.as_uri(), initializationOptions={"jobs": 1, "watch": "off"}
        )
        for number in range(5):
            save_class(client, root, f"Saved{number}")
        wait_for_status(client, is_durable)
        end(client)
        client.wait_for_exit()
    marker = f"XDG_CACHE_HOME={cache['XDG_CACHE_HOME']}".encode()
    while processes_with(marker):
        pass  # a child ends with its parent; pytest's own limit is the only one
    folder = next((tmp_path / "cache" / "codanna-lsp").glob("v*/*"))
    with opened(root, folder) as one:
        assert one.codes == ()
        facts = one.store.view().facts("saved.py")
        assert facts is not None
        assert [symbol.name for symbol in facts.symbols] == ["Saved4"]
    check_next_start(root, cache, "Saved4")


@pytest.mark.parametrize("how", ["half", "empty"])
def test_a_snapshot_truncated_under_the_server(
    root: Path, tmp_path: Path, cache: dict[str, str], how: str
) -> None:
    """The one death that nobody can prevent (SIGBUS): the next start heals it."""
    index_here(root, cache)
    (snapshot,) = (tmp_path / "cache").rglob("snapshot-*.bin")
    with RawClient(environment=cache) as client:
        client.initialize(rootUri=root.as_uri(), initializationOptions={"jobs": 1})
        check_answers(client)
        os.truncate(snapshot, snapshot.stat().st_size // 2 if how == "half" else 0)
        with contextlib.suppress(AssertionError, BrokenPipeError):
            for query in ANSWERS:
                symbols(client, query)
            client.request("workspace/executeCommand", {"command": "codanna.repair"})
        client.process.kill()
    with session(root, cache=cache) as client:
        check_answers(client)
        (told,) = shown(client)
        assert "the snapshot is damaged" in told
        wait_for_status(client, lambda s: s["roots"][0]["generation"] > 1)
    with session(root, cache=cache) as client:
        check_answers(client)
        assert shown(client) == []
