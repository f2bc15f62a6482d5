"""Requests and notifications in each other's form, twins, cancellations, blocked work."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from codanna_lsp.server.app import build_server
from codanna_lsp.server.guard import ResponseFailure
from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.server.protocol import CURRENT_REQUEST, MAX_ASKED, Protocol
from codanna_lsp.server.wire import transport
from codanna_lsp.server.wire.transport import Outbox, Room
from tests.lsp.in_process import InProcessClient
from tests.lsp.raw_client import DEADLINE_S


class Blocking:
    """Handlers that come back when they are cancelled, or when `gate` opens."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.begun = threading.Event()

    def spin(self, ls: CodannaServer, params: Any) -> str:
        """As a long search does: on the loop, with a look at the token."""
        del ls, params
        request = CURRENT_REQUEST.get()
        self.begun.set()
        while not self.gate.wait(0.001):
            request.check()
        return "done"

    async def wait(self, ls: CodannaServer, params: Any) -> str:
        """As work in a worker does: behind the loop."""
        import asyncio

        del params
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self.begun.set()

        def work() -> None:
            self.gate.wait(DEADLINE_S)
            ls.session.on_loop(finish)

        def finish() -> None:
            if not done.done():
                done.set_result(None)

        threading.Thread(target=work, daemon=True).start()
        await done
        return "done"


@pytest.fixture
def blocking() -> Blocking:
    return Blocking()


@pytest.fixture
def client(blocking: Blocking) -> Iterator[InProcessClient]:
    with InProcessClient(server=_server(blocking)) as client:
        client.initialize()
        yield client
        blocking.gate.set()
        client.request("shutdown")
        client.notify("exit")
        assert client.wait_for_exit() == 0
    assert client.troubles == []


def _server(blocking: Blocking) -> CodannaServer:
    def spin(ls: CodannaServer, params: Any) -> Any:
        return blocking.spin(ls, params)

    def wait(ls: CodannaServer, params: Any) -> Any:
        return blocking.wait(ls, params)

    server = build_server()
    server.protocol.register("test/spin", spin, is_request=True)
    server.protocol.register("test/wait", wait, is_request=True)
    return server


def replies(client: InProcessClient, request_id: Any) -> list[Any]:
    client.request("codanna/status")
    return [m for m in client.messages if "method" not in m and m["id"] == request_id]


# ---- one in the other's form


def test_a_request_without_id_is_not_carried_out(client: InProcessClient) -> None:
    for method in ("initialize", "workspace/symbol", "test/spin", "shutdown"):
        client.notify(method, {"capabilities": {}, "query": "a"})
    assert client.request("workspace/symbol", {"query": "a"}) == []


def test_a_notification_with_an_id_is_unknown(client: InProcessClient) -> None:
    for method in ("exit", "initialized", "textDocument/didOpen", "$/cancelRequest"):
        assert client.error_of(method, {"id": 1000}) == -32601
    message = {"jsonrpc": "2.0", "id": 1000, "method": "codanna/status"}
    client.send(message)
    assert "result" in client.answer_to(1000)


def test_a_bad_change_leaves_the_text_as_it_was(client: InProcessClient) -> None:
    uri = "file:///nowhere/half.py"
    opened = {"uri": uri, "languageId": "python", "version": 1, "text": "class A: 0\n"}
    client.notify("textDocument/didOpen", {"textDocument": opened})
    for changes, version in (([{"text": "class B: 0\n"}, {"text": 5}], 2), ([], "x")):
        client.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": uri, "version": version},
                "contentChanges": changes,
            },
        )
    where = {"textDocument": {"uri": uri}}
    outline = client.request("textDocument/documentSymbol", where)
    assert [item["name"] for item in outline] == ["A"]


# ---- cancellation


def test_a_running_question_is_cancelled(
    client: InProcessClient, blocking: Blocking
) -> None:
    """The loop is busy with it: the reading thread sees the cancellation."""
    asked = client.ask("test/spin")
    assert blocking.begun.wait(DEADLINE_S)
    client.notify("$/cancelRequest", {"id": asked})
    assert client.answer_to(asked)["error"]["code"] == -32800
    assert len(replies(client, asked)) == 1


def test_a_question_that_waits_is_cancelled(
    client: InProcessClient, blocking: Blocking
) -> None:
    asked = client.ask("test/wait")
    assert blocking.begun.wait(DEADLINE_S)
    client.notify("$/cancelRequest", {"id": asked})
    assert client.answer_to(asked)["error"]["code"] == -32800
    assert len(replies(client, asked)) == 1


@pytest.mark.parametrize("wanted", [{}, [], None, True, 1.5, "never", 10**30])
def test_a_cancellation_of_nothing_cancels_nothing(
    client: InProcessClient, wanted: Any
) -> None:
    client.notify("$/cancelRequest", {"id": wanted})
    message = {"jsonrpc": "2.0", "id": 1, "method": "codanna/status"}
    seen = len(client.messages)
    client.send(message)  # 1 equals True, and was asked before
    client.request("codanna/status")
    (answer,) = [m for m in client.messages[seen:] if m.get("id") == 1]
    assert "result" in answer


def test_a_late_cancellation_does_not_meet_the_next_of_its_id(
    client: InProcessClient,
) -> None:
    for _ in range(3):
        client.send({"jsonrpc": "2.0", "id": "again", "method": "codanna/status"})
        client.request("codanna/status")
        client.notify("$/cancelRequest", {"id": "again"})
    assert all("result" in answer for answer in replies(client, "again"))


def test_the_cancelled_are_not_remembered_for_ever(client: InProcessClient) -> None:
    for number in range(300):
        client.notify("$/cancelRequest", {"id": f"no such {number}"})
        client.send(
            {"jsonrpc": "1.0", "method": "$/cancelRequest", "params": {"id": 9}}
        )
    client.request("codanna/status")
    assert client.server.protocol.cancelled == set()


# ---- twins


def test_twins_that_wait_get_a_reply_each(
    client: InProcessClient, blocking: Blocking
) -> None:
    for _ in range(3):
        client.send({"jsonrpc": "2.0", "id": "twin", "method": "test/wait"})
    client.request("codanna/status")
    blocking.gate.set()
    assert client.has_replies("twin", 3, DEADLINE_S)
    assert len(replies(client, "twin")) == 3


def test_twins_are_refused_at_the_end(blocking: Blocking) -> None:
    with InProcessClient(server=_server(blocking)) as client:
        client.initialize()
        for _ in range(3):
            client.send({"jsonrpc": "2.0", "id": "twin", "method": "test/wait"})
        client.close_input()
        assert client.wait_for_exit() == 1
        client.read_rest()
        codes = [m["error"]["code"] for m in client.messages if m.get("id") == "twin"]
        assert codes == [-32800] * 3


# ---- blocked work


def test_waiting_questions_do_not_make_the_server_deaf(
    client: InProcessClient, blocking: Blocking
) -> None:
    waiting = [client.ask("test/wait") for _ in range(200)]
    assert client.request("workspace/symbol", {"query": "a"}) == []
    blocking.gate.set()
    assert all(client.answer_to(asked)["result"] == "done" for asked in waiting)


# ---- answers that cannot be sent


def test_an_answer_that_is_no_json_is_an_internal_error() -> None:
    def bad(ls: CodannaServer, params: Any) -> Any:
        del ls, params
        return {"deep": {1, 2}}

    server = build_server()
    server.protocol.register("test/bad", bad, is_request=True)
    with InProcessClient(server=server) as client:
        client.initialize()
        assert client.error_of("test/bad") == -32603
        assert client.request("workspace/symbol", {"query": "a"}) == []


def test_a_client_that_is_hopelessly_behind_ends_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "MAX_UNSENT_BYTES", 1000)
    gate, broken = threading.Event(), threading.Event()

    def write(frame: bytes) -> None:
        del frame
        gate.wait(DEADLINE_S)

    outbox = Outbox(write, on_broken=broken.set)
    while not broken.is_set():
        outbox.write(b"x" * 100)
    assert not outbox.drain(0.0)
    gate.set()
    outbox.stop()


def test_questions_to_a_client_that_never_answers_are_given_up() -> None:
    protocol: Protocol = build_server().protocol
    first = protocol.ask("window/workDoneProgress/create", {})
    for _ in range(MAX_ASKED):
        protocol.ask("window/workDoneProgress/create", {})
    assert isinstance(first.exception(0), ResponseFailure)


def test_the_loop_has_room_for_one_large_message_at_a_time() -> None:
    room = Room()
    large = transport.MAX_WAITING_BYTES * 2
    assert room.take(large, wait=False)
    assert not room.take(1, wait=False)
    room.give_back(large)
    assert room.take(1, wait=False)
    assert not room.take(large, wait=False)
