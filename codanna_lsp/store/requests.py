"""Requests: a command beside a running server asks it to do the work.

The command leaves `request-<id>.json` in the index folder; the lock's holder looks each
second, removes it and answers in `answer-<id>.jsonl`, one JSON object a line:
{"line": "..."} for progress, and at last {"exit": 0}.

Invariant: a request names one of COMMANDS and nothing else; one that is stale, too
large or unreadable is removed, and nothing is done.
Invariant: of one look at most MAX_REQUESTS are taken, and an answer is bounded.
"""

import contextlib
import json
import os
import re
import time
from pathlib import Path
from typing import NamedTuple, TypeGuard

from codanna_lsp.errors import CorruptionError, DiskError, StoreError
from codanna_lsp.store.disk import Disk, DiskFile, replace_file

COMMANDS = ("index", "rebuild", "repair", "verify", "clean")
MAX_REQUESTS = 8
REQUEST_LIMIT_BYTES = 1024
ANSWER_LIMIT_BYTES = 1 << 20
MAX_LINE_LENGTH = 500
STALE_AFTER_S = 30.0
ANSWER_KEPT_S = 600.0

_REQUEST_NAME = re.compile(r"request-([0-9a-f]{1,40})\.json")
_ANSWER_NAME = re.compile(r"answer-([0-9a-f]{1,40})\.jsonl")


class LeftRequest(NamedTuple):
    """The asking side's ticket for one request."""

    folder: Path
    id: str


class Progress(NamedTuple):
    """What an answer says so far; exit_code is None until the work is done."""

    lines: tuple[str, ...]
    exit_code: int | None


class TakenRequest:
    """The holder's side of one request: say what happens, then finish."""

    def __init__(self, command: str, file: DiskFile) -> None:
        self.command = command
        self._file: DiskFile | None = file

    def say(self, line: str) -> None:
        """One line of progress; a full disk or a full answer says nothing."""
        self._write({"line": line[:MAX_LINE_LENGTH]})

    def finish(self, exit_code: int) -> None:
        """The work is done; the command ends with this code."""
        self._write({"exit": exit_code}, spare=0)
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, item: dict[str, str | int], *, spare: int = 64) -> None:
        data = json.dumps(item).encode() + b"\n"
        file = self._file
        if file is not None and file.tell() + len(data) <= ANSWER_LIMIT_BYTES - spare:
            with contextlib.suppress(DiskError):
                file.write(data)


def is_of_a_request(name: str) -> bool:
    """Whether a file of the index folder is a request or the answer to one."""
    found = _REQUEST_NAME.fullmatch(name) or _ANSWER_NAME.fullmatch(name)
    return found is not None


def leave_request(disk: Disk, folder: Path, command: str) -> LeftRequest:
    """Ask the holder of a folder's lock to run a command.

    Raises:
        ValueError: not one of COMMANDS. DiskError: it cannot be written.
    """
    if command not in COMMANDS:
        raise ValueError(f"{command!r} is none of {', '.join(COMMANDS)}")
    request = LeftRequest(folder, f"{os.getpid():x}{time.time_ns():x}")
    body = json.dumps({"command": command, "at": time.time()}).encode()
    replace_file(disk, folder / f"request-{request.id}.json", body)
    return request


def read_progress(disk: Disk, request: LeftRequest) -> Progress | None:
    """The answer so far; None while the holder has not taken the request."""
    path = request.folder / f"answer-{request.id}.jsonl"
    try:
        data = disk.read(path, limit=ANSWER_LIMIT_BYTES)
    except CorruptionError as damage:
        return Progress((damage.message,), 1)
    if data is None:
        return None
    lines: list[str] = []
    code: int | None = None
    for text in data.split(b"\n")[:-1]:
        item = _object(text)
        line, exit_code = item.get("line"), item.get("exit")
        if isinstance(line, str):
            lines.append(line)
        if type(exit_code) is int:
            code = exit_code
    return Progress(tuple(lines), code)


def forget_request(disk: Disk, request: LeftRequest) -> None:
    """Take a request back, and remove its answer."""
    with contextlib.suppress(DiskError):
        disk.remove(request.folder / f"request-{request.id}.json")
        disk.remove(request.folder / f"answer-{request.id}.jsonl")


def take_requests(
    disk: Disk, folder: Path, *, now_s: float | None = None
) -> list[TakenRequest]:
    """What others ask of the lock's holder, each once; to be called each second."""
    now = time.time() if now_s is None else now_s
    taken: list[TakenRequest] = []
    try:
        names = disk.names(folder)
    except DiskError:
        return taken
    for name in names:
        found = _REQUEST_NAME.fullmatch(name)
        with contextlib.suppress(DiskError):  # one that cannot be taken holds up none
            if found and len(taken) < MAX_REQUESTS:
                one = _take(disk, folder, found[1], now)
                taken.extend([one] if one else [])
            elif _ANSWER_NAME.fullmatch(name):
                _remove_old(disk, folder / name, now)
    return taken


def _take(disk: Disk, folder: Path, number: str, now: float) -> TakenRequest | None:
    path = folder / f"request-{number}.json"
    try:
        data = disk.read(path, limit=REQUEST_LIMIT_BYTES)
    except StoreError:
        data = None
    disk.remove_tree(path)  # whatever lies there
    item = _object(data or b"")
    command, at = item.get("command"), item.get("at")
    if not isinstance(command, str) or command not in COMMANDS:
        return None
    if not isinstance(at, int | float) or abs(now - at) > STALE_AFTER_S:
        return None
    return TakenRequest(command, disk.create(folder / f"answer-{number}.jsonl"))


def _remove_old(disk: Disk, path: Path, now: float) -> None:
    """An answer that nobody came for."""
    with contextlib.suppress(OSError):
        if now - path.lstat().st_mtime > ANSWER_KEPT_S:
            disk.remove(path)


def _object(data: bytes) -> dict[str, object]:
    try:
        found: object = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if _is_object(found) else {}


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)
