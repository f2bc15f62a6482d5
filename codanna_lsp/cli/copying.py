"""A copy of an index folder, to see what a start would make of it.

Invariant: only what a start reads is copied; a link, a pipe or a folder in the place of
a file becomes a link that leads nowhere, which a start believes as little.
Invariant: what a file does not hold on the disk (holes) is not read and not written.
"""

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from io import BufferedWriter, RawIOBase
from pathlib import Path

from codanna_lsp.store.journals.journal import journal_serial
from codanna_lsp.store.metadata import META_NAME, search_number, snapshot_generation
from codanna_lsp.store.recovering.repair import BOOT_NAME

_CHUNK_BYTES = 1 << 20
_READ_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
_NOWHERE = "nothing"


def copy_index(folder: Path, copy: Path) -> None:
    """Copy the index in a folder to another, which is made.

    Raises:
        OSError: it cannot be read, or there is no room for it.
    """
    copy.mkdir(0o700)
    for path in sorted(folder.iterdir()):
        if search_number(path.name) is not None and _is_folder(path):
            (copy / path.name).mkdir(stat.S_IMODE(path.lstat().st_mode))
            for inner in sorted(path.iterdir()):
                _copy(inner, copy / path.name / inner.name)
        elif _is_of_an_index(path.name):
            _copy(path, copy / path.name)


def _is_folder(path: Path) -> bool:
    """Whether it is one itself, and no link to one."""
    return stat.S_ISDIR(path.lstat().st_mode)


def _is_of_an_index(name: str) -> bool:
    numbers = (journal_serial(name), snapshot_generation(name), search_number(name))
    return name in (META_NAME, BOOT_NAME) or any(n is not None for n in numbers)


def _copy(source: Path, target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):  # its writer has removed it just now
        if not stat.S_ISREG(source.lstat().st_mode):
            target.symlink_to(_NOWHERE)
            return
        given = os.open(source, _READ_FLAGS)
        with os.fdopen(given, "rb", buffering=0) as old, target.open("xb") as new:
            size = os.fstat(given).st_size
            new.truncate(size)
            for start, stop in _filled(given, size):
                _copy_part(old, new, start, stop)
        target.chmod(stat.S_IMODE(source.lstat().st_mode))


def _copy_part(old: RawIOBase, new: BufferedWriter, start: int, stop: int) -> None:
    old.seek(start)
    new.seek(start)
    while start < stop and (data := old.read(min(_CHUNK_BYTES, stop - start))):
        start += new.write(data)


def _filled(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    """Where the file has bytes; all of it where the system does not tell."""
    if sys.platform != "linux":
        yield 0, size
        return
    at = 0
    while at < size:
        try:
            start = os.lseek(descriptor, at, os.SEEK_DATA)
            at = os.lseek(descriptor, start, os.SEEK_HOLE)
        except OSError:  # nothing but a hole follows
            return
        yield start, at
