"""The writer's lock: an flock on `writer.lock`, held for the process's life.

Invariant: the file is never removed, since removing it would let a second writer in;
what it says (pid, host, time) is for messages only.
Invariant: the descriptor goes to the checkpoint's child too, so that an orphaned child
keeps every other writer out until it has ended.
Invariant: no errors of a lock ever lead to anything being removed.
"""

import contextlib
import errno
import os
import sys
import time
from pathlib import Path

from codanna_lsp.errors import DiskError, LockedError

LOCK_NAME = "writer.lock"
_TEXT_LIMIT_BYTES = 1024
_BUSY = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


class WriterLock:
    """A lock that is held; `release` gives it back, and so does the process's end."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor

    def is_still_ours(self) -> bool:
        """Whether the path still leads to the file that is locked.

        False means that the folder was removed or replaced, so that another process
        may hold a lock of the same name.

        Raises:
            DiskError: the operating system does not tell.
        """
        if self.descriptor < 0:
            return False
        try:
            named = os.lstat(self.path)
            held = os.fstat(self.descriptor)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as failure:
            raise _refused(self.path, failure, "look at") from failure
        return (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)

    def release(self) -> None:
        """Let another process write; releasing twice is fine."""
        if self.descriptor >= 0:
            descriptor, self.descriptor = self.descriptor, -1
            with contextlib.suppress(OSError):
                os.close(descriptor)


def take_lock(folder: Path) -> WriterLock:
    """Take the writer's lock of an index folder, without waiting.

    Raises:
        LockedError: another process holds it.
        DiskError: the file cannot be made or locked (read-only, no locks on NFS).
    """
    path = folder / LOCK_NAME
    flags = os.O_RDWR | os.O_CREAT
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as failure:
        raise _refused(path, failure) from failure
    try:
        _lock(descriptor)
    except OSError as failure:
        holder = _read_holder(descriptor)
        os.close(descriptor)
        if failure.errno in _BUSY:
            raise LockedError(
                f"another process writes the index in {folder}", holder=holder
            ) from None
        raise _refused(path, failure) from failure
    _write_holder(descriptor)
    lock = WriterLock(path, descriptor)
    try:
        if lock.is_still_ours():
            return lock
    except DiskError:
        lock.release()
        raise
    lock.release()  # the folder was replaced between open and lock
    raise LockedError(f"the index folder {folder} was replaced", holder=None)


def find_holder(folder: Path) -> int | None:
    """The process id that the lock file speaks of, for messages only."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(folder / LOCK_NAME, flags | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    try:
        return _read_holder(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        # Byte 1 << 30 lies past the text, so that others can read who holds it.
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write_holder(descriptor: int) -> None:
    host = os.uname().nodename if hasattr(os, "uname") else "here"
    text = f"{os.getpid()} {host} {int(time.time())}\n"
    with contextlib.suppress(OSError):  # a full disk does not keep us from locking
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, text.encode().ljust(256))


def _read_holder(descriptor: int) -> int | None:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        pid = int(os.read(descriptor, _TEXT_LIMIT_BYTES).split(maxsplit=1)[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if 0 < pid < 1 << 32 else None


def _refused(path: Path, failure: OSError, doing: str = "lock") -> DiskError:
    return DiskError(
        f"cannot {doing} {path}: {failure.strerror or failure}",
        path=path,
        errno=failure.errno or 0,
    )
