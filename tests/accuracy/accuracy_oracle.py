"""The truth: another language server over LSP, with its answers kept on disk.

Columns of LSP are UTF-16 units; positions here are characters, and are converted.
"""

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import unquote, urlparse

from tests.accuracy.accuracy_sample import Position, shuffled_positions

INDEXING = "backgroundIndexProgress"  # clangd's


class Place(NamedTuple):
    """A name where it is defined: on one line, columns in characters, half-open.

    A parameter's place begins with its stars. A module's place is the file's start.
    """

    path: str
    line: int
    column: int
    end_column: int

    def holds(self, path: str, line: int, column: int) -> bool:
        """Whether a name that starts at a position is this one."""
        inside = self.column <= column < max(self.end_column, self.column + 1)
        return (path, line) == (self.path, self.line) and inside


class Truth(NamedTuple):
    """A position and where its definitions stand."""

    position: Position
    targets: tuple[Place, ...]


def truths(
    root: Path,
    *,
    count: int,
    seed: int,
    cache: Path,
    command: Sequence[str] = (),
    positions: Iterable[Position] | None = None,
) -> list[Truth]:
    """The first `count` shuffled positions whose definition lies in the package.

    A position that is itself among the definitions is passed over.
    command: of the server; basedpyright's when it is empty.
    """
    name = root.relative_to(cache).as_posix().replace("/", "-")
    kept = cache / f"truth-{name}-{seed}-{count}.json"
    if kept.is_file():
        rows = json.loads(kept.read_text())
        return [Truth(Position(*p), tuple(Place(*one) for one in t)) for p, t in rows]
    found: list[Truth] = []
    asked = shuffled_positions(root, seed=seed) if positions is None else positions
    with _oracle(root, command or basedpyright()) as oracle:
        for position in asked:
            targets = oracle.definition(position)
            own = position[:3]
            if not targets or any(place.holds(*own) for place in targets):
                continue
            found.append(Truth(position, targets))
            if len(found) == count:
                break
    kept.write_text(json.dumps(found))
    return found


@contextlib.contextmanager
def _oracle(root: Path, command: Sequence[str]) -> Generator["Oracle"]:
    oracle = Oracle(root, command)
    try:
        yield oracle
    finally:
        oracle.close()


_LSP_IDS = {
    ".ts": "typescript",
    ".tsx": "typescriptreact",
    ".js": "javascript",
    ".jsx": "javascriptreact",
    ".mjs": "javascript",
    ".c": "c",
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".inc"), "cpp"),
}


def basedpyright() -> tuple[str, ...]:
    """The command of the oracle for Python."""
    beside = Path(sys.executable).parent / "basedpyright-langserver"
    command = str(beside) if beside.is_file() else "basedpyright-langserver"
    if shutil.which(command) is None:
        raise SystemExit("basedpyright is not installed: pip install basedpyright")
    return command, "--stdio"


class Oracle:
    """One server on one folder."""

    def __init__(self, root: Path, command: Sequence[str]) -> None:
        self.root = root.resolve()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.serial = 0
        self.opened: set[str] = set()
        self.is_indexed = "--background-index" not in command
        self.lines: dict[str, list[str]] = {}
        folder = {"uri": self.root.as_uri(), "name": self.root.name}
        capabilities = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "window": {"workDoneProgress": not self.is_indexed},
        }
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": folder["uri"],
                "capabilities": capabilities,
                # TypeScript's: its quicker half answers before imports are known.
                "initializationOptions": {"tsserver": {"useSyntaxServer": "never"}},
                "workspaceFolders": [folder],
            },
        )
        self.notify("initialized", {})

    def definition(self, position: Position) -> tuple[Place, ...]:
        """Targets inside the folder; none when any target lies outside of it."""
        self._open(position.path)
        while not self.is_indexed:  # clangd begins with the first file that is opened
            self._note(self._receive())
        text = self._text_line(position.path, position.line)
        column = len(text[: position.column].encode("utf-16-le")) // 2
        answer = self.request(
            "textDocument/definition",
            {
                "textDocument": {"uri": (self.root / position.path).as_uri()},
                "position": {"line": position.line, "character": column},
            },
        )
        places: list[Place] = []
        for item in cast("list[dict[str, Any]]", answer or []):
            place = self._place(item)
            if place is None:
                return ()
            places.append(place)
        return tuple(places)

    def _place(self, item: dict[str, Any]) -> Place | None:
        uri = item.get("uri") or item.get("targetUri")
        span = item.get("range") or item.get("targetSelectionRange")
        path = Path(unquote(urlparse(str(uri)).path))
        if span is None or not path.is_relative_to(self.root):
            return None
        relative = path.relative_to(self.root).as_posix()
        start, end = span["start"], span["end"]
        text = self._text_line(relative, start["line"]).encode("utf-16-le")
        first = len(text[: start["character"] * 2].decode("utf-16-le", "replace"))
        last = len(text[: end["character"] * 2].decode("utf-16-le", "replace"))
        if end["line"] != start["line"]:
            last = first + 1
        return Place(relative, start["line"], first, last)

    def _open(self, path: str) -> None:
        if path in self.opened:
            return
        if len(self.opened) >= 40:
            for other in self.opened:
                uri = (self.root / other).as_uri()
                self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
            self.opened.clear()
        self.opened.add(path)
        document = {
            "uri": (self.root / path).as_uri(),
            "languageId": _LSP_IDS.get(Path(path).suffix, "python"),
            "version": 1,
            "text": "".join(self._text(path)),
        }
        self.notify("textDocument/didOpen", {"textDocument": document})

    def _text(self, path: str) -> list[str]:
        if path not in self.lines:
            data = (self.root / path).read_bytes()
            text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
            self.lines[path] = [line + "\n" for line in text.split("\n")]
        return self.lines[path]

    def _text_line(self, path: str, line: int) -> str:
        lines = self._text(path)
        return lines[line] if line < len(lines) else ""

    def request(self, method: str, params: Any) -> Any:
        """Send a request and wait for its answer, serving the server's own."""
        self.serial += 1
        mine = self.serial
        self._send({"id": mine, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" in message and "id" in message:
                self._send({"id": message["id"], "result": self._reply(message)})
            elif message.get("id") == mine:
                return message.get("result")

    def _note(self, message: dict[str, Any]) -> None:
        if "method" in message and "id" in message:
            self._send({"id": message["id"], "result": self._reply(message)})
        elif message.get("method") == "$/progress":
            told = message["params"]
            is_end = told["value"]["kind"] == "end"
            self.is_indexed |= is_end and told["token"] == INDEXING

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def close(self) -> None:
        """End the server."""
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.wait(timeout=20)

    @staticmethod
    def _reply(message: dict[str, Any]) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        settings = {"diagnosticMode": "openFilesOnly", "typeCheckingMode": "off"}
        answers: list[Any] = []
        for item in message["params"]["items"]:
            section = str(item.get("section", ""))
            answers.append(settings if section.endswith("analysis") else {})
        return answers

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            key, _, value = line.partition(b":")
            if key.lower() == b"content-length":
                length = int(value)
        if not length:
            raise SystemExit("the oracle ended before it answered")
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message
