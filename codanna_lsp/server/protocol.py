"""Protocol: JSON-RPC and LSP's life cycle, where pygls leaves them to us.

Every method, the life cycle's included, is a handler of `server/features`, registered
by name. Handlers take and return JSON data: building and reading attrs objects costs
more than the questions themselves.

Invariant: every well-formed request gets exactly one response.
Invariant: handlers run on the loop, one at a time, in the order of their messages.
"""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import ContextVar
from enum import Enum
from typing import Any

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol

from codanna_lsp.errors import FramingError
from codanna_lsp.server import guard
from codanna_lsp.server.from_lsp import dig, is_object
from codanna_lsp.server.to_lsp import JsonText
from codanna_lsp.server.wire.transport import Outbox

_log = logging.getLogger("codanna_lsp.server")

MessageId = str | int

STATUS_METHOD = "codanna/status"
MAX_CANCELLED_IDS = 10_000
MAX_ASKED = 1000  # questions that the client has not answered yet


class Life(Enum):
    """Where the server stands between its first and its last message."""

    FRESH = "waiting for initialize"
    RUNNING = "running"
    SHUT_DOWN = "shut down"
    ENDED = "ended"


class Request:
    """The request that is being answered; `is_cancelled` may change at any time."""

    __slots__ = ("_protocol", "id", "method")

    def __init__(
        self, protocol: "Protocol", request_id: MessageId, method: str
    ) -> None:
        self._protocol = protocol
        self.id = request_id
        self.method = method

    def is_cancelled(self) -> bool:
        """True when the client no longer wants the answer."""
        return self.id in self._protocol.cancelled

    def check(self) -> None:
        """Give up with "request cancelled" when the client no longer wants it."""
        if self.is_cancelled():
            raise guard.ResponseFailure(
                guard.REQUEST_CANCELLED, "the request was cancelled"
            )


CURRENT_REQUEST: ContextVar[Request] = ContextVar("request")
"""The request of the handler that runs, set for the time of its call."""


class Protocol(LanguageServerProtocol):
    """Takes message bodies, calls handlers, sends responses.

    heard_s: when the last message but codanna/status came, in `time.monotonic` seconds.
    """

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self.life = Life.FRESH
        self.outbox: Outbox | None = None
        self.heard_s = 0.0
        self.cancelled: set[MessageId] = set()
        self.newest_query: tuple[MessageId, str] | None = None
        self._answering: dict[asyncio.Task[Any], MessageId] = {}
        self._requests: set[str] = set()
        self._asked: dict[str, Future[Any]] = {}
        self.on_end: Callable[[int], None] = _ignore
        self.on_damage: Callable[[], None] = _nothing

    def _register_builtin_features(self) -> None:
        """Nothing is built in: see the module's first lines."""

    async def refuse_what_waits(self) -> None:
        """Answer all that is not answered yet: the session ends."""
        waiting = list(self._answering)
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting, timeout=1)
            await asyncio.sleep(0)  # their responses are sent by callbacks

    def register(
        self, method: str, handler: Callable[..., Any], *, is_request: bool
    ) -> None:
        """Have a handler called with the server and the params of a method."""
        manager: Any = self.fm
        manager.feature(method)(handler)
        if is_request:
            self._requests.add(method)

    # ---- from the client

    def arrived(self, body: bytes) -> Callable[[], object]:
        """Parse a body in the reading thread, so that a cancellation is seen early."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError, MemoryError) as error:
            text = f"no JSON: {type(error).__name__}"
            return lambda: self._send_failure(None, guard.PARSE_ERROR, text)
        if is_object(message):
            # Who only asks how we are may wait for the answer.
            if message.get("method") != STATUS_METHOD:
                self.heard_s = time.monotonic()
            self._look_ahead(message)
        return lambda: guard.attempt("a message", lambda: self.receive(message))

    def ended(self, error: FramingError | None) -> None:
        """The client's stream ended: leave, with 0 only after a shutdown."""
        if error is not None:
            _log.error("the stream from the client is broken: %s", error)
            self.on_end(1)
        else:
            self.on_end(0 if self.life is Life.SHUT_DOWN else 1)

    def receive(self, message: Any) -> None:
        """Handle one parsed message; what comes behind the end is not handled."""
        if self.life is Life.ENDED:
            return
        if not is_object(message) or message.get("jsonrpc") != "2.0":
            failed_id = read_id(dig(message, "id"))
            self._send_failure(failed_id, guard.INVALID_REQUEST, "no JSON-RPC 2.0")
            return
        method = message.get("method")
        if method is None and ("result" in message or "error" in message):
            self._receive_response(message)
            return
        request_id = read_id(message.get("id"))
        if not isinstance(method, str) or ("id" in message and request_id is None):
            self._send_failure(
                request_id, guard.INVALID_REQUEST, "a message without method or id"
            )
            return
        if request_id is None:
            self._receive_notification(method, message.get("params"))
        else:
            self._receive_request(request_id, method, message.get("params"))

    def _look_ahead(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        params = message.get("params")
        if not is_object(params) or message.get("jsonrpc") != "2.0":
            return
        if method == types.CANCEL_REQUEST and "id" not in message:
            wanted = read_id(params.get("id"))
            if wanted is not None and len(self.cancelled) < MAX_CANCELLED_IDS:
                self.cancelled.add(wanted)
        elif method == types.WORKSPACE_SYMBOL:
            query, request_id = params.get("query"), read_id(message.get("id"))
            if isinstance(query, str) and request_id is not None:
                self.newest_query = (request_id, query)

    def _receive_request(self, request_id: MessageId, method: str, params: Any) -> None:
        refusal = self._refusal(method)
        if refusal is not None:
            self._send_failure(request_id, *refusal)
            return
        handler = self._handler(method, is_request=True)
        if handler is None:
            self._send_failure(
                request_id, guard.METHOD_NOT_FOUND, f"unknown method {method[:200]!r}"
            )
            return
        request = Request(self, request_id, method)
        token = CURRENT_REQUEST.set(request)
        try:
            request.check()
            answer = guard.call(handler, params)
            if asyncio.iscoroutine(answer):
                self._answer_later(request, answer)  # the task keeps this context
                return
        except guard.ResponseFailure as failure:
            self._finish(request_id)
            self._refuse(request_id, failure)
            return
        finally:
            CURRENT_REQUEST.reset(token)
        self._finish(request_id)
        self._send_result(request_id, answer)

    def _handler(self, method: str, *, is_request: bool) -> Callable[[Any], Any] | None:
        # One that came in the other's form is as unknown as one that nobody has.
        if (method in self._requests) is not is_request:
            return None
        manager: Any = self.fm
        handler: Callable[[Any], Any] | None = manager.features.get(method)
        return handler

    def _refusal(self, method: str) -> tuple[int, str] | None:
        if self.life is Life.SHUT_DOWN:
            return guard.INVALID_REQUEST, "the server is shut down"
        if self.life is Life.FRESH and method != types.INITIALIZE:
            return guard.NOT_INITIALIZED, "initialize comes first"
        if self.life is Life.RUNNING and method == types.INITIALIZE:
            return guard.INVALID_REQUEST, "the server is initialized already"
        return None

    def _answer_later(self, request: Request, answer: Any) -> None:
        task = asyncio.ensure_future(guard.call_later(answer))
        self._answering[task] = request.id

        def done(task: asyncio.Task[Any]) -> None:
            answer.close()  # a task that is cancelled early has not begun it
            self._answering.pop(task, None)
            self._finish(request.id)
            if task.cancelled():
                self._send_failure(
                    request.id, guard.REQUEST_CANCELLED, "the request was cancelled"
                )
                return
            error = task.exception()
            if error is None:
                self._send_result(request.id, task.result())
            else:
                self._refuse(request.id, guard.to_failure(error))

        task.add_done_callback(done)

    def _refuse(self, request_id: MessageId, failure: guard.ResponseFailure) -> None:
        self._send_failure(request_id, failure.code, failure.message)
        if failure.may_be_damage:
            self.on_damage()

    def _finish(self, request_id: MessageId) -> None:
        self.cancelled.discard(request_id)

    def _receive_notification(self, method: str, params: Any) -> None:
        if method == types.CANCEL_REQUEST:
            self._cancel(read_id(dig(params, "id")))
            return
        if method != types.EXIT and self.life is not Life.RUNNING:
            return
        handler = self._handler(method, is_request=False)
        if handler is None:
            if not method.startswith("$/"):
                _log.info("ignored the unknown notification %r", method[:200])
            return
        try:
            guard.call(handler, params)
        except guard.ResponseFailure as failure:
            # Nobody waits for an answer: a popup would only be in the user's way.
            _log.warning("%s: %s", method, failure.message)
            if failure.may_be_damage:
                self.on_damage()

    def _cancel(self, wanted: MessageId | None) -> None:
        if wanted is None:
            return
        running = [task for task, of in self._answering.items() if of == wanted]
        for task in running:
            task.cancel()
        if not running:
            self.cancelled.discard(wanted)  # it was answered before this came

    def _receive_response(self, message: dict[str, Any]) -> None:
        future = self._asked.pop(str(message.get("id")), None)
        if future is None or future.done():
            return
        error = message.get("error")
        if error is not None:
            future.set_exception(guard.ResponseFailure(0, str(error)[:500]))
        else:
            future.set_result(message.get("result"))

    # ---- to the client

    def notify(self, method: str, params: Any | None = None) -> None:
        """Send a notification; safe from any thread."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any) -> Future[Any]:
        """Send a request to the client; the future fails with a ResponseFailure."""
        request_id = str(uuid.uuid4())
        future: Future[Any] = Future()
        if len(self._asked) >= MAX_ASKED:
            given_up = self._asked.pop(next(iter(self._asked)))
            given_up.set_exception(guard.ResponseFailure(0, "never answered"))
        self._asked[request_id] = future
        self._send(
            {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
        )
        return future

    def _send_result(self, request_id: MessageId, result: Any) -> None:
        _, sent = guard.attempt(
            "an answer", lambda: self._send_body(self._answer(request_id, result))
        )
        if not sent:
            text = "the answer cannot be written as JSON"
            self._send_failure(request_id, guard.INTERNAL_ERROR, text)

    def _answer(self, request_id: MessageId, result: Any) -> str:
        if isinstance(result, JsonText):
            return (
                f'{{"jsonrpc":"2.0","id":{json.dumps(request_id)},"result":{result}}}'
            )
        return self._dumped({"jsonrpc": "2.0", "id": request_id, "result": result})

    def _send_failure(self, request_id: MessageId | None, code: int, text: str) -> None:
        error = {"code": code, "message": text}
        self._send({"jsonrpc": "2.0", "id": request_id, "error": error})

    def _send(self, message: dict[str, Any]) -> None:
        if self.outbox is not None:
            self._send_body(self._dumped(message))

    def _dumped(self, message: dict[str, Any]) -> str:
        return json.dumps(
            message, separators=(",", ":"), default=self._serialize_message
        )

    def _send_body(self, body: str) -> None:
        if self.outbox is not None:
            self.outbox.write(body.encode("ascii"))


def _ignore(code: int) -> None:
    """Before the server runs nothing is there to be ended."""


def _nothing() -> None:
    """Nobody looks for damage yet."""


def read_id(value: Any) -> MessageId | None:
    """A request's id; None for what can be none."""
    if isinstance(value, str):
        return value
    return value if isinstance(value, int) and not isinstance(value, bool) else None
