"""Sessions that end in trouble: deaf clients, blocked handlers, signals, broken frames."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codanna_lsp.server.app import LAST_RESORT_S
from codanna_lsp.server.wire.parent import PERIOD_S
from codanna_lsp.settings import Settings
from codanna_lsp.store.holding.folder import folder_of
from codanna_lsp.store.incident import Incident
from codanna_lsp.store.index_store import IndexStore
from tests.lsp.raw_client import DEADLINE_S, PipeClient, RawClient
from tests.lsp.workspaces import index_here, save, wait_until_quiet

# A server with a request that never comes back, whatever is done.
BLOCKED = """
import threading
from codanna_lsp.server import app

def block(ls, params):
    threading.Event().wait()

build_server = app.build_server

def build(settings):
    server = build_server(settings)
    server.protocol.register("test/block", block, is_request=True)
    return server

app.build_server = build
app.serve_stdio()
"""


@pytest.fixture
def fresh() -> Iterator[RawClient]:
    with RawClient() as client:
        yield client


# ---- nobody hears the answers


def test_a_client_that_closes_its_ear_ends_the_server() -> None:
    """Answers that nobody reads are no answers: better no server than a deaf one."""
    with subprocess.Popen(
        [sys.executable, "-m", "codanna_lsp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        body = b'{"jsonrpc":"2.0","id":1,"method":"codanna/status"}'
        process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        process.stdin.flush()
        assert process.wait(DEADLINE_S) == 1


# ---- a handler that does not come back


@pytest.mark.parametrize("ending", ["signal", "end of input"])
def test_a_blocked_handler_does_not_keep_the_process(ending: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BLOCKED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with PipeClient(process.stdin, process.stdout) as client:
            client.initialize()
            client.ask("codanna/status")
            client.answer_to(client.ask("codanna/status"))
            client.ask("test/block")
            if ending == "signal":
                process.send_signal(signal.SIGTERM)
                assert process.wait(DEADLINE_S) == 128 + signal.SIGTERM
            else:
                client.close_input()
                assert process.wait(DEADLINE_S) == 1


def test_the_times_of_an_end_are_what_is_promised() -> None:
    assert LAST_RESORT_S < 5
    assert PERIOD_S + LAST_RESORT_S < 10


# ---- what a signal must not lose


def test_a_signal_in_a_storm_of_saves_loses_nothing(
    root: Path, cache: dict[str, str]
) -> None:
    index_here(root, cache)
    app = root / "app.py"
    with RawClient(environment=cache) as client:
        client.initialize(rootUri=root.as_uri())
        wait_until_quiet(client)
        for number in range(30):
            app.write_text(f"class Saved{number}: pass\n")
            save(client, app)
        acknowledged = client.request("codanna/status")["roots"][0]["serial"]
        for number in range(30, 60):
            app.write_text(f"class Saved{number}: pass\n")
            save(client, app)
        client.process.send_signal(signal.SIGTERM)
        assert client.wait_for_exit() == 128 + signal.SIGTERM
    told: list[Incident] = []
    settings = Settings(index_folder=f"{cache['XDG_CACHE_HOME']}/codanna-lsp")
    store = IndexStore.open(
        folder_of(root, settings), root=root, on_incident=told.append
    )
    assert (store.mode, told) == ("writer", [])
    assert store.status().serial >= acknowledged
    store.close()


# ---- frames


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(b"Content-Length: -2\r\n\r\n{}", id="below zero"),
        pytest.param(b"Content-Type: x\r\n\r\n{}", id="no length"),
        pytest.param(
            b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", id="two lengths"
        ),
        pytest.param(b"Content-Length: 2\r\n{}", id="no empty line"),
        pytest.param(b"Content-Length: 2\n\n{}", id="line feeds only"),
        pytest.param(b"Content-Length : 2\r\n\r\n{}", id="a blank in the name"),
        pytest.param(b"\r\n", id="no header"),
    ],
)
def test_a_header_that_is_none_ends_the_server_with_1(
    fresh: RawClient, stream: bytes
) -> None:
    """At once: the client keeps the stream open."""
    fresh.initialize()
    fresh.send_bytes(stream)
    assert fresh.wait_for_exit() == 1


def test_the_same_length_twice_is_one_length(fresh: RawClient) -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"codanna/status"}'
    header = b"Content-Length: %d\r\n" % len(body)
    fresh.send_bytes(header + header.upper() + b"\r\n" + body)
    assert fresh.answer_to(1)["error"]["code"] == -32002


def test_a_stream_that_ends_inside_of_a_message_ends_with_1(fresh: RawClient) -> None:
    fresh.initialize()
    fresh.request("shutdown")
    fresh.send_bytes(b"Content-Length: 50\r\n\r\n{")
    fresh.close_input()
    assert fresh.wait_for_exit() == 1


def test_what_comes_behind_the_exit_is_not_begun(fresh: RawClient, root: Path) -> None:
    """An initialize there would take the lock of an index that nobody closes."""
    frames = b""
    for message in (
        {"method": "exit"},
        {"id": 1, "method": "initialize", "params": {"rootUri": root.as_uri()}},
    ):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        frames += b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    fresh.send_bytes(frames)
    assert fresh.wait_for_exit() == 1
    fresh.read_rest()
    assert fresh.messages == []


def test_every_request_before_the_end_of_input_is_answered(fresh: RawClient) -> None:
    fresh.initialize()
    asked = [fresh.ask("workspace/symbol", {"query": "a"}) for _ in range(500)]
    fresh.close_input()
    fresh.wait_for_exit()
    fresh.read_rest()
    answers: list[Any] = [m["id"] for m in fresh.messages if "method" not in m]
    assert answers == [1, *asked]
