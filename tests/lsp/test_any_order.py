"""Messages in any order: each request gets one reply, and the right one refuses it.

What a session is to be answered with is told by the judge of tests/mutants, which
knows the protocol and not the server.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.lsp.in_process import InProcessClient
from tests.mutants.play import REPLY_S, Arena, Outcome, finish
from tests.mutants.recorded import frame

METHODS = (
    *("workspace/symbol", "textDocument/definition", "textDocument/documentSymbol"),
    *("codanna/status", "workspace/executeCommand", "textDocument/hover", "a/b"),
    *("$/unknown", "initialized", "exit", "textDocument/didOpen", "$/cancelRequest"),
)
NOTIFICATIONS = (
    *("initialized", "$/setTrace", "$/unknown", "a/b", "workspace/symbol"),
    *("initialize", "shutdown/now", "textDocument/didSave", "codanna/status"),
    *("workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles"),
)
FILES = ("app.py", "web/store.ts", "new.py", "../outside.py", "no/such.txt")

numbers = st.sampled_from((0, 1, 5, -1, 1.5, 2**31, 2**40, None, "0", True))
texts = st.sampled_from(("", "Shape", "total", "\ud800", "x" * 2000, "((((", "\0"))
ids = st.one_of(st.integers(1, 3), st.sampled_from(("a", "", -1, 2**40)))
nonsense = st.recursive(
    st.one_of(st.none(), numbers, texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(("query", "textDocument", "uri", "text")), inner
        ),
    ),
    max_leaves=6,
)


class Order(RuleBasedStateMachine):
    """One client that says whatever comes to its mind."""

    arena: Arena

    @initialize()
    def connect(self) -> None:
        self.sent = b""
        self.number = 100
        self.client = InProcessClient(self.arena.settings)
        self.client.__enter__()

    def send(self, message: Any) -> None:
        data = frame(json.dumps(message).encode())
        self.sent += data
        try:
            self.client.send_bytes(data)
        except BrokenPipeError:
            assert self.client.wait_for_exit() is not None

    def ask(self, method: str, params: Any, request_id: Any = None) -> None:
        self.number += 1
        number = self.number if request_id is None else request_id
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self.send(message)

    def notify(self, method: str, params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def document(self, name: str) -> dict[str, Any]:
        return {"uri": f"file://{self.arena.root}/{name}"}

    @rule(with_root=st.booleans(), is_right=st.booleans())
    def begin(self, *, with_root: bool, is_right: bool) -> None:
        params: dict[str, Any] = {"capabilities": {} if is_right else 5}
        root = self.arena.root.as_uri() if with_root else None
        self.ask("initialize", {**params, "rootUri": root if is_right else 7})

    @rule(query=texts, request_id=st.none() | ids)
    def search(self, query: str, request_id: Any) -> None:
        self.ask("workspace/symbol", {"query": query}, request_id)

    @rule(name=st.sampled_from(FILES), line=numbers, character=numbers)
    def define(self, name: str, line: Any, character: Any) -> None:
        position = {"line": line, "character": character}
        where = {"textDocument": self.document(name), "position": position}
        self.ask("textDocument/definition", where)

    @rule(method=st.sampled_from(METHODS), params=nonsense, request_id=st.none() | ids)
    def ask_anything(self, method: str, params: Any, request_id: Any) -> None:
        self.ask(method, params, request_id)

    @rule(name=st.sampled_from(("codanna.status", "codanna.verify", "rm", "")))
    def command(self, name: str) -> None:
        self.ask("workspace/executeCommand", {"command": name})

    @rule(method=st.sampled_from(NOTIFICATIONS), params=nonsense)
    def tell_anything(self, method: str, params: Any) -> None:
        self.notify(method, params)

    @rule(back=st.integers(0, 3), request_id=st.none() | ids)
    def cancel(self, back: int, request_id: Any) -> None:
        wanted = self.number - back if request_id is None else request_id
        self.notify("$/cancelRequest", {"id": wanted})

    @rule(name=st.sampled_from(FILES), text=texts)
    def open(self, name: str, text: str) -> None:
        document = {**self.document(name), "languageId": "", "version": 1}
        self.notify(
            "textDocument/didOpen", {"textDocument": {**document, "text": text}}
        )

    @rule(name=st.sampled_from(FILES), text=texts, line=numbers)
    def change(self, name: str, text: str, line: Any) -> None:
        place = {"line": line, "character": 0}
        change = {"range": {"start": place, "end": place}, "text": text}
        document = {**self.document(name), "version": 2}
        self.notify(
            "textDocument/didChange",
            {"textDocument": document, "contentChanges": [change, {"text": text}]},
        )

    @rule(name=st.sampled_from(FILES), what=st.sampled_from(("didSave", "didClose")))
    def save_or_close(self, name: str, what: str) -> None:
        self.arena.touch(self.number)
        self.notify(f"textDocument/{what}", {"textDocument": self.document(name)})

    @rule(body=st.sampled_from((b"", b"{", b"null", b"[]", b"\xff", b'{"id":1}')))
    def babble(self, body: bytes) -> None:
        self.sent += frame(body)
        try:
            self.client.send_bytes(frame(body))
        except BrokenPipeError:
            assert self.client.wait_for_exit() is not None

    @rule()
    def shut_down(self) -> None:
        self.ask("shutdown", None)

    @precondition(lambda self: len(self.sent) > 1500)
    @rule()
    def leave(self) -> None:
        self.notify("exit", None)

    def teardown(self) -> None:
        if not hasattr(self, "client"):
            return
        started = time.monotonic()
        self.client.close_input()
        outcome = Outcome(0, "any order", code=self.client.wait_for_exit(REPLY_S))
        took_s = time.monotonic() - started
        self.client.__exit__(None, None, None)
        outcome.troubles += self.client.troubles
        finish(self.arena, self.client, self.sent, outcome, took_s)
        assert outcome.is_right, (outcome, self.client.messages)


# As in tests/mutants/test_mutants.py: a worker process outlives its short session.
@pytest.mark.filterwarnings(
    "ignore:subprocess .* is still running:ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
def test_messages_in_any_order_get_one_reply_each() -> None:
    with tempfile.TemporaryDirectory() as place:
        Order.arena = Arena.make(Path(place))
        machine: Any = Order.TestCase
        machine.settings = settings(max_examples=80, stateful_step_count=30)
        machine().runTest()
