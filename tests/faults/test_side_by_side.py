"""Two servers and commands on one workspace: one writes, nothing is lost or told twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    check_answers,
    index_here,
    save,
    session,
    shown,
    symbols,
    wait_for_message,
    wait_for_status,
    wait_for_symbols,
    wait_until_quiet,
    write_files,
)

FOLLOWS_WITHIN_S = 2.0
TAKES_OVER_WITHIN_S = 30.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_files(tmp_path / "workspace")


@pytest.fixture
def cache(tmp_path: Path, root: Path) -> dict[str, str]:
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    index_here(root, environment)
    return environment


@contextmanager
def server(root: Path, cache: dict[str, str]) -> Generator[RawClient]:
    """A server that only hears of changes by what its client says."""
    with RawClient(environment=cache) as client:
        options = {"jobs": 1, "watch": "off"}
        client.initialize(rootUri=root.as_uri(), initializationOptions=options)
        wait_until_quiet(client)
        yield client


def write(root: Path, name: str) -> Path:
    path = root / "saved.py"
    path.write_text(f"class {name}: pass\n")
    return path


def wait_for_class(client: RawClient, name: str) -> None:
    wait_for_symbols(client, name, [f"saved.py:0:6-{6 + len(name)} {name}"])


def mode(client: RawClient) -> str:
    (root,) = client.request("codanna/status")["roots"]
    return str(root["mode"])


def run(
    root: Path, cache: dict[str, str], *words: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "codanna_lsp", *words, str(root)],
        env={**os.environ, **cache},
        capture_output=True,
        check=False,
        text=True,
    )


def test_readers_follow_and_one_takes_over(root: Path, cache: dict[str, str]) -> None:
    """What the writer saved is seen by both readers; when it is killed, one writes."""
    with ExitStack() as ends:
        writer, *readers = (ends.enter_context(server(root, cache)) for _ in range(3))
        assert [mode(one) for one in (writer, *readers)] == [
            "writer",
            "reader",
            "reader",
        ]
        for number in range(5):
            save(writer, write(root, f"Followed{number}"))
            wait_for_class(writer, f"Followed{number}")
            started = time.monotonic()
            for reader in readers:
                wait_for_class(reader, f"Followed{number}")
            took_s = time.monotonic() - started
            print(f"followed within {took_s:.2f} s of {FOLLOWS_WITHIN_S}")
        for reader in readers:
            wait_for_message(reader, "reads along")
        save(readers[0], write(root, "KeptByOne"))
        wait_for_class(readers[0], "KeptByOne")
        writer.process.kill()
        started = time.monotonic()
        heir, other = wait_for_heir(readers)
        print(f"took over within {time.monotonic() - started:.1f} s")
        check_answers(heir)
        wait_for_class(heir, "KeptByOne")
        save(heir, write(root, "FromTheHeir"))
        wait_for_status(heir, lambda s: s["roots"][0]["pendingFiles"] == 0)
        wait_for_class(other, "FromTheHeir")
        for reader in (heir, other):
            told = shown(reader)
            assert len(told) == 1, told
            assert "reads along" in told[0]
    with session(root, cache=cache) as client:
        wait_for_class(client, "FromTheHeir")
        assert shown(client) == []


def wait_for_heir(readers: list[RawClient]) -> tuple[RawClient, RawClient]:
    """The reader that writes now, and the one that does not."""
    deadline = time.monotonic() + TAKES_OVER_WITHIN_S
    while time.monotonic() < deadline:
        modes = [mode(reader) for reader in readers]
        if "writer" in modes:
            assert sorted(modes) == ["reader", "writer"]
            one, other = readers
            return (one, other) if modes[0] == "writer" else (other, one)
    raise AssertionError("nobody took over")


def test_a_stopped_holder_keeps_its_index(root: Path, cache: dict[str, str]) -> None:
    with server(root, cache) as holder:
        save(holder, write(root, "BeforeTheStop"))
        wait_for_class(holder, "BeforeTheStop")
        holder.process.send_signal(signal.SIGSTOP)
        try:
            with server(root, cache) as reader:
                wait_for_class(reader, "BeforeTheStop")
                check_answers(reader)
                save(reader, write(root, "DuringTheStop"))
                wait_for_class(reader, "DuringTheStop")
                for command in ("index", "repair"):
                    told = run(root, cache, command)
                    assert told.returncode != 0
                    assert "does not answer" in told.stderr
                assert mode(reader) == "reader"
                wait_for_message(reader, "reads along")
                assert len(shown(reader)) == 1
        finally:
            holder.process.send_signal(signal.SIGCONT)
        save(holder, root / "saved.py")
        wait_for_class(holder, "DuringTheStop")
        check_answers(holder)
        assert mode(holder) == "writer"
        assert shown(holder) == []


def test_commands_beside_a_server_that_saves(root: Path, cache: dict[str, str]) -> None:
    """`index`, `repair` and `verify` while saves go on: each is done, none is lost."""
    with server(root, cache) as client:
        for number, words in enumerate(
            (("index",), ("repair",), ("index", "--force"), ("verify",))
        ):
            started = subprocess.Popen(
                [sys.executable, "-m", "codanna_lsp", *words, str(root)],
                env={**os.environ, **cache},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            saves = 0
            while started.poll() is None:
                name = f"Beside{number}x{saves}"
                save(client, write(root, name))
                wait_for_class(client, name)
                saves += 1
            _, said = started.communicate()
            # Only `verify` compares with the sources, which change under it.
            assert started.returncode in ((0, 1) if words == ("verify",) else (0,)), (
                said
            )
            assert saves
        check_answers(client)
        last = status_after_saves(client)
        found = symbols(client, "Beside")
        assert len(found) == 1
        assert shown(client) == []
        client.process.kill()
    with session(root, cache=cache) as client:
        assert symbols(client, "Beside") == found
        assert client.request("codanna/status")["roots"][0]["serial"] >= last
        assert shown(client) == []


def status_after_saves(client: RawClient) -> int:
    status: Any = wait_for_status(client, lambda s: s["roots"][0]["pendingFiles"] == 0)
    serial: int = status["roots"][0]["serial"]
    return serial
