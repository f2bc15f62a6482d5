"""From what strace wrote to the changes of a folder, in the order in which they ended.

Every system call that can change a name or a byte is asked for. One that this file does
not understand is an error, never left out: a model that misses a call proves nothing.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GONE = 0
"""In place of an inode: the name leads nowhere."""
ROOT = 1
"""The inode of the world, the folder in which everything happens."""

SILENT_FILES = ("writer.lock",)
"""What these hold is for messages only: process ids and times."""

_OPENS = ("open", "openat", "creat")
_WRITES = ("write", "writev", "pwrite64", "pwritev", "pwritev2")
_SYNCS = ("fsync", "fdatasync")
_RENAMES = ("rename", "renameat", "renameat2")
_REMOVALS = ("unlink", "unlinkat", "rmdir")
_MAKES = ("mkdir", "mkdirat")
_CUTS = ("truncate", "ftruncate")
# None of these is used today; one that succeeds inside the world ends the recording.
_STRANGE = (
    "copy_file_range",
    "fallocate",
    "link",
    "linkat",
    "sendfile",
    "symlink",
    "symlinkat",
    "sync_file_range",
)
TRACED = (
    *(_OPENS + _WRITES + _SYNCS + _RENAMES + _REMOVALS + _MAKES + _CUTS + _STRANGE),
    "lseek",
)

_LINE = re.compile(r"(\d+) +(.*)", re.DOTALL)
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)", re.DOTALL)
_UNFINISHED = " <unfinished ...>"
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)", re.DOTALL)
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DESCRIPTOR = re.compile(r"(?:AT_FDCWD|\d+)<((?:\\x[0-9a-f]{2})*)>")


class Named(NamedTuple):
    """Names that change together: (folder, name, inode or GONE)."""

    entries: tuple[tuple[int, str, int], ...]


class Wrote(NamedTuple):
    """Bytes that were written to a file."""

    file: int
    at: int
    data: bytes


class Cut(NamedTuple):
    """A file was given another size."""

    file: int
    size: int


class Synced(NamedTuple):
    """A file or folder was synced: what happened before event `began` is durable."""

    inode: int
    began: int


class Acked(NamedTuple):
    """The program said on its own file that something was reported durable."""

    text: str


Event = Named | Wrote | Cut | Synced | Acked


class World(NamedTuple):
    """What was there before the first event.

    names: by folder, then by name, the inode. contents: by file.
    """

    names: dict[int, dict[str, int]]
    contents: dict[int, bytes]


class Recording(NamedTuple):
    """A run: what was there, and what it did to it; every inode that is a folder."""

    before: World
    events: tuple[Event, ...]
    folders: frozenset[int]


class _Call(NamedTuple):
    name: str
    arguments: str
    result: int
    began: int


def read_world(place: Path) -> World:
    """All folders and files of a place, as the world before a recording."""
    world = World({ROOT: {}}, {})
    folders = {place: ROOT}
    inode = ROOT
    for path in sorted(place.rglob("*")):
        inode += 1
        world.names[folders[path.parent]][path.name] = inode
        if path.is_dir():
            folders[path] = inode
            world.names[inode] = {}
        else:
            silent = path.name in SILENT_FILES
            world.contents[inode] = b"" if silent else path.read_bytes()
    return world


def read_recording(trace: str, *, place: Path, acks: Path, before: World) -> Recording:
    """The recording of a run in `place`, out of what strace wrote.

    acks: the file to which the program wrote its acknowledgements, a line a write.
    """
    reader = _Reader(str(place), str(acks), before)
    for call in _calls(trace, reader):
        reader.take(call)
    return Recording(before, tuple(reader.events), frozenset(reader.names))


def _calls(trace: str, reader: "_Reader") -> Iterator[_Call]:
    """The calls that succeeded, each when it ended."""
    waiting: dict[str, tuple[str, int]] = {}
    for line in trace.splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            raise AssertionError(f"strace wrote {line[:200]!r}")
        process, text = found.groups()
        began = len(reader.events)
        if text.endswith(_UNFINISHED):
            waiting[process] = (text.removesuffix(_UNFINISHED), began)
            continue
        resumed = _RESUMED.fullmatch(text)
        if resumed is not None:
            head, began = waiting.pop(process)
            text = head + resumed[1]
        call = _CALL.match(text)
        if call is not None and int(call[3]) >= 0:
            yield _Call(call[1], call[2], int(call[3]), began)


class _Reader:
    """Follows the names of the world, so that every path leads to its inode."""

    def __init__(self, place: str, acks: str, before: World) -> None:
        self.events: list[Event] = []
        self._place = place
        self._acks = acks
        self.names = {folder: dict(names) for folder, names in before.names.items()}
        self._sizes = {file: len(data) for file, data in before.contents.items()}
        self._offsets: dict[int, int] = {}
        self._silent: set[int] = set()
        self._next = 1 + max([*before.names, *before.contents])

    def take(self, call: _Call) -> None:
        """Note what a call did to the world, if it did anything."""
        name = call.name
        if name in _OPENS:
            self._open(call)
        elif name in _WRITES:
            self._write(call)
        elif name in _SYNCS:
            inode = self._inode(_of_descriptor(call.arguments))
            if inode:
                self.events.append(Synced(inode, call.began))
        elif name in _RENAMES:
            self._rename(call)
        elif name in _REMOVALS:
            (path,) = _paths(call.arguments)
            if self._inode(path):
                self._name((path, GONE))
        elif name in _MAKES:
            (path,) = _paths(call.arguments)
            if self._inner(path) is not None:
                self.names[self._next] = {}
                self._name((path, self._new()))
        elif name == "lseek":
            file = self._inode(_of_descriptor(call.arguments))
            if file:
                self._offsets[file] = call.result
        else:
            self._refuse(call)

    def _open(self, call: _Call) -> None:
        (path,) = _paths(call.arguments)
        if self._inner(path) is None:
            return
        file = self._inode(path)
        writes = "O_WRONLY" in call.arguments or "O_RDWR" in call.arguments
        if not file and "O_CREAT" in call.arguments:
            file = self._new()
            self._sizes[file] = 0
            if Path(path).name in SILENT_FILES:
                self._silent.add(file)
            self._name((path, file))
        elif writes and "O_TRUNC" in call.arguments and self._sizes[file]:
            self._cut(file, 0)
        if writes:
            appends = "O_APPEND" in call.arguments
            self._offsets[file] = self._sizes[file] if appends else 0

    def _write(self, call: _Call) -> None:
        path = _of_descriptor(call.arguments)
        data = b"".join(_bytes(text) for text in _TEXT.findall(call.arguments))
        data = data[: call.result]
        if path == self._acks:
            self.events.append(Acked(data.decode()))
            return
        file = self._inode(path)
        if not file or file in self._silent:
            return
        if call.name not in ("write", "writev"):
            self._refuse(call)
        at = self._offsets[file]
        self._offsets[file] = at + len(data)
        self._sizes[file] = max(self._sizes[file], at + len(data))
        self.events.append(Wrote(file, at, data))

    def _rename(self, call: _Call) -> None:
        source, target = _paths(call.arguments)
        inode = self._inode(source)
        if inode:
            self._name((source, GONE), (target, inode))

    def _refuse(self, call: _Call) -> None:
        paths = [*_paths(call.arguments), _of_descriptor(call.arguments)]
        if any(self._inner(path) is not None for path in paths):
            raise AssertionError(f"{call.name} is no part of the model: {paths}")

    def _cut(self, file: int, size: int) -> None:
        self._sizes[file] = size
        self.events.append(Cut(file, size))

    def _name(self, *changes: tuple[str, int]) -> None:
        entries: list[tuple[int, str, int]] = []
        for path, inode in changes:
            parent, name = os.path.split(path)
            folder = self._inode(parent)
            if not folder:
                raise AssertionError(f"{path} left the world")
            entries.append((folder, name, inode))
            if inode:
                self.names[folder][name] = inode
            else:
                self.names[folder].pop(name, None)
        self.events.append(Named(tuple(entries)))

    def _new(self) -> int:
        self._next += 1
        return self._next - 1

    def _inner(self, path: str) -> str | None:
        """The path inside the world, or None."""
        if path == self._place:
            return ""
        inside = path.startswith(self._place + "/")
        return path[len(self._place) + 1 :] if inside else None

    def _inode(self, path: str) -> int:
        """Where a path leads; GONE for outside the world, or to nothing."""
        inner = self._inner(path)
        if inner is None:
            return GONE
        inode = ROOT
        for name in filter(None, inner.split("/")):
            inode = self.names.get(inode, {}).get(name, GONE)
        return inode


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _of_descriptor(arguments: str) -> str:
    """The path of the descriptor that is a call's first argument, or ""."""
    found = _DESCRIPTOR.match(arguments)
    return os.fsdecode(_bytes(found[1])) if found else ""


def _paths(arguments: str) -> list[str]:
    """The paths in a call's arguments, each relative to the descriptor before it."""
    paths: list[str] = []
    folder = ""
    for part in arguments.split(", "):
        descriptor, text = _DESCRIPTOR.match(part), _TEXT.match(part)
        if descriptor is not None:
            folder = os.fsdecode(_bytes(descriptor[1]))
        elif text is not None:
            path = os.fsdecode(_bytes(text[1]))
            paths.append(path if path.startswith("/") else f"{folder}/{path}")
    return paths
