"""A real server as a child, asked over standard input and output as an editor asks.

This speaks just enough of the protocol's framing to be a client: one request at a time,
and every request of the server gets an answer.
"""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Self, cast

from codanna_lsp.errors import CodannaError

MAX_FRAME_BYTES = 64_000_000
ANSWER_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 10.0
_LOOK_EVERY_S = 0.02
_LOG_LINES = 40


class Answer(NamedTuple):
    """What the server said to one request, and after how many milliseconds."""

    result: Any
    milliseconds: float


class ServerSession:
    """One server process on one workspace, from `initialize` to `exit`."""

    def __init__(self, root: Path, options: Mapping[str, Any]) -> None:
        self.messages: list[str] = []
        self._answers: dict[int, Mapping[str, Any]] = {}
        self._news = threading.Condition()
        self._ended = False
        self._last_id = 0
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self.start_milliseconds = 0.0
        self._started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "codanna_lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._input = cast("BinaryIO", self._process.stdin)
        self._output = cast("BinaryIO", self._process.stdout)
        self._readers = [
            threading.Thread(target=work, daemon=True)
            for work in (self._read_frames, self._read_log)
        ]
        for reader in self._readers:
            reader.start()
        try:
            self._initialize(root, options)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ask(self, method: str, params: Any) -> Answer:
        """One request and its answer.

        Raises:
            CodannaError: the server ended, refused, or took over ANSWER_TIMEOUT_S.
        """
        self._last_id += 1
        number = self._last_id
        started = time.perf_counter()
        self._send({"id": number, "method": method, "params": params})
        self._wait_for(lambda: number in self._answers, what=method)
        milliseconds = (time.perf_counter() - started) * 1000
        answer = self._answers.pop(number)
        if "error" in answer:
            said = answer["error"].get("message", "no reason")
            raise CodannaError(f"the server refused {method}: {said}")
        return Answer(answer.get("result"), milliseconds)

    def wait_until_ready(self) -> None:
        """Wait until the index is loaded and whole: answers before that are partial.

        Raises:
            CodannaError: that took over ANSWER_TIMEOUT_S.
        """
        until = time.monotonic() + ANSWER_TIMEOUT_S
        while True:
            status = self.ask("codanna/status", {}).result
            if status["state"] == "READY" and not status["partial"]:
                break
            if time.monotonic() > until:
                raise CodannaError(f"the server's index stayed {status['state']}")
            time.sleep(_LOOK_EVERY_S)
        self.start_milliseconds = (time.perf_counter() - self._started) * 1000

    def open_file(self, path: Path, language: str) -> None:
        """Tell the server that the user has this file open."""
        text = path.read_bytes().decode("utf-8", errors="replace")
        document = {
            "uri": path.as_uri(),
            "languageId": language,
            "version": 1,
            "text": text,
        }
        self._send(
            {"method": "textDocument/didOpen", "params": {"textDocument": document}}
        )

    def wait_for_message(self, *, timeout_s: float) -> str | None:
        """The first message for the user that the server has shown or will show."""
        try:
            self._wait_for(
                lambda: bool(self.messages), what="a message", timeout_s=timeout_s
            )
        except CodannaError:
            return None
        return self.messages[0]

    def close(self) -> int:
        """End the session as an editor does; the server's exit code."""
        if self._process.poll() is None:
            try:
                self.ask("shutdown", None)
                self._send({"method": "exit"})
                self._process.wait(_STOP_TIMEOUT_S)
            except (CodannaError, subprocess.TimeoutExpired):
                self._process.kill()
        code = self._process.wait()
        for reader in self._readers:
            reader.join(_STOP_TIMEOUT_S)
        for pipe in (self._input, self._output, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return code

    def _initialize(self, root: Path, options: Mapping[str, Any]) -> None:
        uri = root.as_uri()
        self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": root.name}],
                "initializationOptions": dict(options),
                "capabilities": {
                    "general": {"positionEncodings": ["utf-8"]},
                    "window": {"workDoneProgress": True},
                },
            },
        )
        self._send({"method": "initialized", "params": {}})

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        try:
            self._input.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self._input.flush()
        except OSError as error:
            raise self._gone(str(message.get("method"))) from error

    def _wait_for(
        self,
        happened: Callable[[], bool],
        *,
        what: str,
        timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> None:
        with self._news:
            self._news.wait_for(lambda: happened() or self._ended, timeout_s)
            if not happened():
                raise self._gone(what)

    def _gone(self, what: str) -> CodannaError:
        state = "ended" if self._ended else "did not answer"
        log = "\n".join(self._log)
        return CodannaError(
            f"the server {state} when asked for {what}"
            + (f"; it said:\n{log}" if log else "")
        )

    def _read_frames(self) -> None:
        try:
            while (message := _read_frame(self._output)) is not None:
                self._take(message)
        finally:
            with self._news:
                self._ended = True
                self._news.notify_all()

    def _take(self, message: Mapping[str, Any]) -> None:
        method: str | None = message.get("method")
        if method is not None and "id" in message:
            # Every setting that is asked for is left at what `initialize` said.
            params: dict[str, Any] = message.get("params") or {}
            settings = method == "workspace/configuration"
            result = [None] * len(params["items"]) if settings else None
            self._send({"id": message["id"], "result": result})
        with self._news:
            if method is None:
                self._answers[message["id"]] = message
            elif method == "window/showMessage":
                self.messages.append(message["params"]["message"])
            self._news.notify_all()

    def _read_log(self) -> None:
        for line in cast("BinaryIO", self._process.stderr):
            self._log.append(line.decode("utf-8", errors="replace").rstrip())


def _read_frame(pipe: BinaryIO) -> Mapping[str, Any] | None:
    """The next message, or None at the end of the stream."""
    length = 0
    while (line := pipe.readline(1000).strip()) or not length:
        if not line:
            return None
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = min(int(value), MAX_FRAME_BYTES)
    body = pipe.read(length)
    if len(body) < length:
        return None
    return cast("Mapping[str, Any]", json.loads(body))
