"""What a client does wrong, or a machine: one reply for each request, or a clean end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lsp.raw_client import RawClient

DOCUMENT = {"uri": "file:///nowhere/a.py"}


@pytest.fixture
def fresh() -> Iterator[RawClient]:
    with RawClient() as client:
        yield client


@pytest.fixture(scope="module")
def running() -> Iterator[RawClient]:
    """One server for all that it must survive."""
    with RawClient() as client:
        client.initialize()
        yield client
        assert client.leave() == 0


# ---- the life of a session


def test_requests_before_initialize_are_refused(fresh: RawClient) -> None:
    assert fresh.error_of("workspace/symbol", {"query": "a"}) == -32002
    assert fresh.error_of("shutdown") == -32002
    fresh.notify("textDocument/didOpen", {"nonsense": 1})
    assert "capabilities" in fresh.initialize()


def test_a_second_initialize_is_refused(running: RawClient) -> None:
    assert running.error_of("initialize", {"capabilities": {}}) == -32600
    assert running.request("workspace/symbol", {"query": "a"}) == []


def test_requests_after_shutdown_are_refused(fresh: RawClient) -> None:
    fresh.initialize()
    assert fresh.request("shutdown") is None
    assert fresh.error_of("workspace/symbol", {"query": "a"}) == -32600
    assert fresh.error_of("shutdown") == -32600
    fresh.notify("exit")
    assert fresh.wait_for_exit() == 0


def test_exit_without_shutdown_ends_with_1(fresh: RawClient) -> None:
    fresh.initialize()
    fresh.notify("exit")
    assert fresh.wait_for_exit() == 1


def test_exit_before_initialize_ends_with_1(fresh: RawClient) -> None:
    fresh.notify("exit")
    assert fresh.wait_for_exit() == 1


def test_the_end_of_input_ends_with_1(fresh: RawClient) -> None:
    fresh.initialize()
    fresh.close_input()
    assert fresh.wait_for_exit() == 1


def test_the_end_of_input_after_shutdown_ends_with_0(fresh: RawClient) -> None:
    fresh.initialize()
    fresh.request("shutdown")
    fresh.close_input()
    assert fresh.wait_for_exit() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_session_in_order(
    fresh: RawClient, number: signal.Signals
) -> None:
    fresh.initialize()
    fresh.process.send_signal(number)
    assert fresh.wait_for_exit() == 128 + number


def test_a_signal_is_heard_in_a_flood_of_messages(fresh: RawClient) -> None:
    fresh.initialize()
    for _ in range(3_000):
        fresh.ask("codanna/unknown" + "x" * 100)
    fresh.process.send_signal(signal.SIGTERM)
    assert fresh.wait_for_exit() == 128 + signal.SIGTERM


def test_a_client_that_does_not_read_does_not_keep_the_server(
    fresh: RawClient,
) -> None:
    """Its answers wait in a queue; a signal is heard all the same."""
    fresh.initialize()
    fresh.reads.clear()
    for _ in range(3_000):
        fresh.ask("codanna/unknown" + "x" * 100)
    fresh.process.send_signal(signal.SIGTERM)
    assert fresh.wait_for_exit() == 128 + signal.SIGTERM
    fresh.reads.set()


def test_a_server_whose_parent_has_died_ends(fresh: RawClient) -> None:
    program = [sys.executable, "-c", "input()"]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        fresh.initialize(processId=parent.pid)
        parent.kill()
    assert fresh.wait_for_exit() == 1


def test_a_parent_of_another_container_is_not_watched(fresh: RawClient) -> None:
    fresh.initialize(processId=2**22 + 1)
    assert fresh.request("workspace/symbol", {"query": "a"}) == []


# ---- messages that are none


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"{", -32700, id="half an object"),
        pytest.param(b"", -32700, id="nothing"),
        pytest.param(b'{"jsonrpc": "2.0", "id": \xff}', -32700, id="no UTF-8"),
        pytest.param(b"[" * 100_000, -32700, id="nested 100,000 deep"),
        pytest.param(b'{"x": ' + b"9" * 5000 + b"}", -32700, id="an absurd number"),
        pytest.param(b"5", -32600, id="a number"),
        pytest.param(b"null", -32600, id="null"),
        pytest.param(b"[]", -32600, id="a batch"),
        pytest.param(b"{}", -32600, id="an empty object"),
        pytest.param(b'{"id": 1, "method": "a"}', -32600, id="no version"),
        pytest.param(b'{"jsonrpc": "2.0", "id": 1}', -32600, id="no method"),
        pytest.param(b'{"jsonrpc":"2.0","id":[],"method":"a"}', -32600, id="a bad id"),
        pytest.param(b'{"jsonrpc":"2.0","id":1,"method":7}', -32600, id="a bad method"),
    ],
)
def test_a_bad_message_gets_an_error_and_the_next_an_answer(
    running: RawClient, body: bytes, code: int
) -> None:
    seen = len(running.messages)
    running.send_body(body)
    marker = running.ask("workspace/symbol", {"query": "after"})
    assert running.answer_to(marker)["result"] == []
    errors = [m for m in running.messages[seen:] if "error" in m]
    assert [error["error"]["code"] for error in errors] == [code]
    assert not [m for m in running.messages if m.get("method") == "window/showMessage"]


@pytest.mark.parametrize("request_id", ["text", 0, -7, 2**40, ""])
def test_ids_come_back_as_they_were(running: RawClient, request_id: Any) -> None:
    running.send(
        {"jsonrpc": "2.0", "id": request_id, "method": "workspace/symbol"}
        | {"params": {"query": "a"}}
    )
    assert running.answer_to(request_id)["result"] == []


def test_the_same_id_twice_gets_two_replies(running: RawClient) -> None:
    message = {"jsonrpc": "2.0", "id": "twin", "method": "workspace/symbol"}
    for _ in range(2):
        running.send({**message, "params": {"query": "a"}})
    running.request("workspace/symbol", {"query": "a"})
    assert sum(m.get("id") == "twin" for m in running.messages) == 2


def test_an_unknown_method_is_said_to_be_unknown(running: RawClient) -> None:
    assert running.error_of("textDocument/telepathy", {}) == -32601
    running.notify("$/unknown", {})
    running.notify("unknown", [1, 2])
    running.send({"jsonrpc": "2.0", "id": "never asked", "result": None})
    assert running.request("workspace/symbol", {"query": "a"}) == []


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("workspace/symbol", None),
        ("workspace/symbol", []),
        ("workspace/symbol", {}),
        ("workspace/symbol", {"query": 7}),
        ("workspace/symbol", {"query": None}),
        ("textDocument/definition", {"textDocument": DOCUMENT}),
        ("textDocument/definition", {"textDocument": {}, "position": {}}),
        ("textDocument/documentSymbol", {"textDocument": {"uri": 5}}),
        ("workspace/executeCommand", {"command": "rm"}),
        *(
            (
                "textDocument/definition",
                {
                    "textDocument": DOCUMENT,
                    "position": {"line": line, "character": character},
                },
            )
            for line, character in (
                (-1, 0),
                (0, -1),
                (1.5, 0),
                (2**40, 0),
                ("1", 0),
                (True, 0),
                (None, 0),
            )
        ),
    ],
)
def test_invalid_params_are_answered_with_their_id(
    running: RawClient, method: str, params: Any
) -> None:
    assert running.error_of(method, params) == -32602


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/didOpen", {}),
        ("textDocument/didOpen", {"textDocument": {"uri": "file:///a.py"}}),
        ("textDocument/didChange", {"textDocument": DOCUMENT, "contentChanges": []}),
        ("textDocument/didChange", {"textDocument": DOCUMENT, "contentChanges": 3}),
        ("textDocument/didClose", None),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": 1}]}),
        ("workspace/didChangeWorkspaceFolders", {"event": None}),
        ("$/cancelRequest", {"id": {}}),
        ("$/cancelRequest", None),
    ],
)
def test_a_bad_notification_bothers_nobody(
    running: RawClient, method: str, params: Any
) -> None:
    running.notify(method, params)
    assert running.request("workspace/symbol", {"query": "a"}) == []
    assert not [m for m in running.messages if m.get("method") == "window/showMessage"]


@pytest.mark.parametrize(
    "query", ["\ud800", "\0", "(" * 10_000, ".*" * 500, "é" * 9000]
)
def test_any_text_can_be_asked_for(running: RawClient, query: str) -> None:
    assert running.request("workspace/symbol", {"query": query}) == []


def test_a_cancelled_request_says_so(running: RawClient) -> None:
    # Both are in the pipe before the server reads the first: it sees the second in time.
    asked = {"jsonrpc": "2.0", "id": "gone", "method": "workspace/symbol"}
    bodies = [
        {**asked, "params": {"query": "a"}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "gone"}},
    ]
    frames = b""
    for body in bodies:
        data = json.dumps(body).encode()
        frames += b"Content-Length: %d\r\n\r\n%b" % (len(data), data)
    running.send_bytes(frames)
    answer = running.answer_to("gone")
    # The server may have been quicker: then it is the answer.
    assert answer.get("result") == [] or answer["error"]["code"] == -32800


# ---- streams out of step


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(b"Content-Length: 3\r\n\r\n{}{}{}", id="too small"),
        pytest.param(b"Content-Length: 100000000000\r\n\r\n{}", id="1e11"),
        pytest.param(b"Content-Length: 1" + b"0" * 30 + b"\r\n\r\n{}", id="1e30"),
        pytest.param(b"Content-Length: none\r\n\r\n{}", id="no number"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", id="HTTP"),
        pytest.param(os.urandom(64).replace(b"C", b"\0") + b"\0\0", id="noise"),
    ],
)
def test_a_broken_stream_ends_the_server_with_1(
    fresh: RawClient, stream: bytes
) -> None:
    fresh.initialize()
    fresh.send_bytes(stream)
    assert fresh.wait_for_exit() == 1


def test_headers_in_lower_case_are_headers(fresh: RawClient) -> None:
    body = (
        b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
    )
    fresh.send_bytes(b"content-length: %d\r\n\r\n%b" % (len(body), body))
    assert "result" in fresh.answer_to(1)
