"""What passed between an editor and the server, and whether all of it is LSP.

Every message of the server is read by lsprotocol's types and written again: what is
lost or appears on the way is a key or a value that the protocol does not have.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from lsprotocol import converters, types

_CONVERTER = converters.get_converter()
_TYPES: dict[str, Any] = dict(types.METHOD_TO_TYPES)

# Ours and rust-analyzer's; the protocol knows no such messages.
CUSTOM = {"codanna/status", "experimental/serverStatus"}

# For eglot, which sorts by it; other clients do not look.
EXTRA_KEYS = {"score"}


class Entry(NamedTuple):
    """One line of a record."""

    sender: str
    message: dict[str, Any]


class Traffic:
    """One record, read when asked: the editor may still be running."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        text = self.path.read_bytes().decode()
        return [json.loads(line) for line in text.splitlines() if line.endswith("}")]

    def entries(self) -> list[Entry]:
        return [
            Entry(line["from"], line["message"])
            for line in self.lines()
            if "message" in line
        ]

    def pids(self) -> list[int]:
        """The servers that were started, the running one last."""
        return [line["pid"] for line in self.lines() if "pid" in line]

    def exit_codes(self) -> list[int]:
        return [line["code"] for line in self.lines() if "code" in line]

    def notified(self, method: str) -> list[Any]:
        """The params of each such message of the server."""
        return [
            entry.message["params"]
            for entry in self.entries()
            if entry.sender == "server" and entry.message.get("method") == method
        ]

    def shown(self) -> list[str]:
        return [params["message"] for params in self.notified("window/showMessage")]

    def problems(self) -> list[str]:
        """What is not as the protocol says, in words; nothing when all is well."""
        return list(_problems(self.entries()))


def _problems(entries: list[Entry]) -> Iterator[str]:
    asked: dict[tuple[str, Any], str] = {}
    for sender, message in entries:
        method, other = message.get("method"), _other(sender)
        if sender == "client" and method == "initialize":
            # Another server; what the one before left unanswered died with it.
            asked.clear()
        if method is None:
            key = other, message.get("id")
            if key not in asked:
                yield f"{sender}: an answer to nothing: {message!r:.200}"
            elif sender == "server":
                yield from _of_answer(asked[key], message)
            asked.pop(key, None)
            continue
        if "id" in message:
            if (sender, message["id"]) in asked:
                yield f"{sender}: the id {message['id']} twice"
            asked[sender, message["id"]] = method
        if sender == "server":
            yield from _of_call(method, message)


def _other(sender: str) -> str:
    return "client" if sender == "server" else "server"


def _of_call(method: str, message: dict[str, Any]) -> Iterator[str]:
    known = _TYPES.get(method)
    if known is not None:
        yield from _round_trip(method, message, known[0])
    elif method not in CUSTOM:
        yield f"server: an unknown method {method}"


def _of_answer(method: str, message: dict[str, Any]) -> Iterator[str]:
    if "error" in message:
        if not isinstance(message["error"].get("code"), int):
            yield f"server: an error without a code for {method}"
    elif method in _TYPES:
        yield from _round_trip(f"the answer to {method}", message, _TYPES[method][1])


def _round_trip(what: str, message: dict[str, Any], kind: Any) -> Iterator[str]:
    if message.get("jsonrpc") != "2.0":
        yield f"server: {what} is no JSON-RPC 2.0"
    try:
        structured = _CONVERTER.structure(message, kind)
    except Exception as error:  # noqa: BLE001 - cattrs raises groups of anything
        yield f"server: {what} cannot be read: {error!r:.300}"
        return
    again = json.loads(json.dumps(_CONVERTER.unstructure(structured)))
    for difference in _differences(message, again, ""):
        yield f"server: {what}{difference}"


def _differences(one: Any, other: Any, place: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        mine, theirs = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
        for key in (mine.keys() | theirs.keys()) - EXTRA_KEYS:
            yield from _differences(mine.get(key), theirs.get(key), f"{place}.{key}")
    elif isinstance(one, list) and isinstance(other, list):
        ours, read = cast("Sequence[Any]", one), cast("Sequence[Any]", other)
        if len(ours) != len(read):
            yield f"{place}: {len(ours)} items became {len(read)}"
        for number, (mine, theirs) in enumerate(zip(ours, read, strict=False)):
            yield from _differences(mine, theirs, f"{place}[{number}]")
    elif one != other:
        yield f"{place}: {one!r:.100} became {other!r:.100}"
