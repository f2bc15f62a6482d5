"""A client that speaks in bytes: it may send what no library would let it send."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import IO, Any, Self

DEADLINE_S = (
    30.0  # far beyond what a loaded machine needs; nothing waits for it to pass
)


class PipeClient:
    """A client at two pipes; every message that the server sent is in `messages`.

    arrived: when the newest one had been read, before it was decoded, in seconds of
    `time.perf_counter`.
    """

    def __init__(self, to_server: IO[bytes], from_server: IO[bytes]) -> None:
        self.messages: list[Any] = []
        self.arrived = 0.0
        self.is_at_end = False
        self.to_server = to_server
        self.from_server = from_server
        self._incoming: SimpleQueue[Any] = SimpleQueue()
        self._next_id = 0
        self.reads = threading.Event()  # cleared by a test that does not read
        self.reads.set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.reads.set()
        self._reader.join()
        for pipe in (self.to_server, self.from_server):
            # What was not flushed has no reader any more.
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.to_server.write(data)
        self.to_server.flush()

    def send_body(self, body: bytes) -> None:
        """Send a body in a right frame."""
        self.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send(self, message: Any) -> None:
        """Send JSON data in a right frame."""
        self.send_body(json.dumps(message).encode())

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any = None) -> int:
        """Send a request; its id."""
        self._next_id += 1
        message = {"jsonrpc": "2.0", "id": self._next_id, "method": method}
        self.send(message if params is None else {**message, "params": params})
        return self._next_id

    def request(self, method: str, params: Any = None) -> Any:
        """Send a request and wait for its result; an error fails the test."""
        answer = self.answer_to(self.ask(method, params))
        assert "result" in answer, answer
        return answer["result"]

    def error_of(self, method: str, params: Any = None) -> int:
        """Send a request that must fail; the error's code."""
        answer = self.answer_to(self.ask(method, params))
        assert "error" in answer, answer
        code: int = answer["error"]["code"]
        return code

    def answer_to(self, request_id: Any) -> Any:
        """Wait for the response with this id."""
        return self.wait_for(lambda m: "method" not in m and m.get("id") == request_id)

    def wait_for(self, wanted: Callable[[Any], bool]) -> Any:
        """Wait for a message, also one that has come already."""
        for message in self.messages:
            if wanted(message):
                return message
        deadline = time.monotonic() + DEADLINE_S
        while (left := deadline - time.monotonic()) > 0:
            if not self._take(left):
                break
            if wanted(self.messages[-1]):
                return self.messages[-1]
        if self.is_at_end:
            raise AssertionError(f"the server ended; it said {self.messages}")
        raise AssertionError(f"no such message among {self.messages}")

    def wait_for_method(self, method: str) -> Any:
        """Wait for a notification or request of the server."""
        return self.wait_for(lambda m: m.get("method") == method)

    def initialize(self, **params: Any) -> Any:
        """Say initialize and initialized; what the server can do."""
        given: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
        given |= params
        answer = self.request("initialize", given)
        self.notify("initialized", {})
        return answer

    def has_replies(self, request_id: Any, count: int, timeout_s: float) -> bool:
        """Wait until so many replies with this id have come."""

        def is_one(message: Any) -> bool:
            same = type(message.get("id")) is type(request_id)
            return "method" not in message and same and message["id"] == request_id

        deadline = time.monotonic() + timeout_s
        while sum(map(is_one, self.messages)) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not self._take(left):
                return False
        return True

    def read_rest(self) -> None:
        """Take all that the server sent until its end."""
        while self._take(DEADLINE_S):
            pass

    def _take(self, timeout_s: float) -> bool:
        if self.is_at_end:
            return False
        try:
            self.arrived, message = self._incoming.get(timeout=timeout_s)
        except Empty:
            return False
        self.is_at_end = message is None
        if not self.is_at_end:
            self.messages.append(message)
        return not self.is_at_end

    def close_input(self) -> None:
        """End the stream to the server."""
        self.to_server.close()

    def _read(self) -> None:
        stream = self.from_server
        while self.reads.wait() and (header := stream.readline()):
            length = int(header.partition(b":")[2])
            while stream.readline() not in (b"\r\n", b""):
                pass
            body = stream.read(length)
            self._incoming.put((time.perf_counter(), json.loads(body)))
        self._incoming.put((time.perf_counter(), None))


class RawClient(PipeClient):
    """The client of one server process."""

    def __init__(
        self,
        *arguments: str,
        environment: dict[str, str] | None = None,
        stderr: Path | None = None,
        module: str = "codanna_lsp",
    ) -> None:
        self._stderr = stderr.open("wb") if stderr else None
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr or subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        super().__init__(self.process.stdin, self.process.stdout)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        super().__exit__(kind, error, trace)
        if self._stderr is not None:
            self._stderr.close()

    def wait_for_exit(self) -> int:
        """Wait for the end of the process; its exit code."""
        return self.process.wait(DEADLINE_S)

    def leave(self) -> int:
        """Say shutdown and exit; the exit code."""
        self.request("shutdown")
        self.notify("exit")
        return self.wait_for_exit()
