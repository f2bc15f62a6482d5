"""The disk: every read, write, sync, rename and removal of an index file.

`Disk` is what the rest of the store is written against: `RealDisk` here, and one that
fails, records and crashes in the tests.

Invariant: nothing is opened through a link, and nothing that is no regular file of our
own user; such a file is a CorruptionError, never followed.
Invariant: a failure of the operating system is a DiskError and says nothing about the
bytes, so nobody may delete anything because of it.
Invariant: after one failed write or sync a file takes no more writes and no more syncs:
what a failed fsync left behind is unknown and stays so.
"""

import contextlib
import errno
import mmap
import os
import stat
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Protocol, Self

from codanna_lsp.errors import DiskError, FolderError
from codanna_lsp.store.trusted_files import not_ours, open_trusted

ASIDE_SUFFIX = ".new"
"""What a file is called until it is whole and renamed into place."""

_CREATE_FLAGS = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_WINDOWS_BUSY = (5, 32, 33)
_WINDOWS_TRIES = 10
_F_FULLFSYNC = 51  # macOS: os.fsync leaves the bytes in the drive's cache


class MappedFile:
    """A whole file's bytes, mapped and read-only.

    The map lives as long as anything looks into `view`; `close` only lets go early.
    A file that is truncated under a map ends the process (SIGBUS): the store never
    truncates a file.
    """

    def __init__(self, path: Path, descriptor: int, size: int) -> None:
        self.path = path
        self.size = size
        self._map = (
            mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) if size else None
        )
        self.view = memoryview(self._map) if self._map is not None else memoryview(b"")

    def close(self) -> None:
        """Let go of the map, unless columns still look into it."""
        with contextlib.suppress(BufferError):
            self.view.release()
            if self._map is not None:
                self._map.close()


class DiskFile(Protocol):
    """A file being written: refuses everything after its first failure."""

    @property
    def path(self) -> Path:
        """Where the file was created."""
        ...

    def write(self, data: bytes | memoryview) -> None:
        """Append all of the bytes, or raise DiskError and refuse from then on."""
        ...

    def sync(self) -> None:
        """Make what was written durable, or raise DiskError and refuse for ever."""
        ...

    def overwrite(self, offset: int, data: bytes) -> None:
        """Write in place, where a torn or lost write does no harm; else as `write`."""
        ...

    def tell(self) -> int:
        """Bytes written so far."""
        ...

    def close(self) -> None:
        """Let go of the file; closing twice is fine, and nothing is synced."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...


class Disk(Protocol):
    """The operations that the store needs of a file system."""

    def read(self, path: Path, *, limit: int) -> bytes | None:
        """All bytes of a file of at most `limit` bytes; None when it is missing.

        Raises:
            CorruptionError: a link, no regular file, not ours, or over the limit.
            DiskError: the operating system refused.
        """
        ...

    def open_map(self, path: Path, *, limit: int) -> MappedFile | None:
        """A file's bytes, mapped; None when missing; errors as for `read`."""
        ...

    def create(self, path: Path) -> DiskFile:
        """A new file of mode 0600; DiskError when the name exists already."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Give a file or folder another name, replacing a file that has it."""
        ...

    def remove(self, path: Path) -> None:
        """Remove one file or link; a missing one is fine."""
        ...

    def remove_tree(self, path: Path) -> None:
        """Remove a folder and all in it, following no link; a missing one is fine."""
        ...

    def make_folder(self, path: Path) -> None:
        """Make the folder (0700) or check that it is a real one and only ours.

        Raises:
            FolderError: a link, no folder, another user's, or writable by others.
            DiskError: the operating system refused.
        """
        ...

    def sync_folder(self, path: Path) -> None:
        """Make the folder's names durable: renames, new files and removals."""
        ...

    def sync_file(self, path: Path) -> None:
        """Make the bytes of a file durable that another process has written."""
        ...

    def names(self, folder: Path) -> tuple[str, ...]:
        """The names in a folder, sorted; () when it is missing."""
        ...


def replace_file(disk: Disk, path: Path, data: bytes) -> None:
    """Put `data` in place of a file: after any crash it is wholly old or wholly new.

    Written aside, synced, renamed, and the folder synced. When this returns, the new
    bytes are durable; when it raises DiskError they may or may not be in place.
    """
    aside = path.with_name(path.name + ASIDE_SUFFIX)
    disk.remove(aside)
    with disk.create(aside) as file:
        file.write(data)
        file.sync()
    disk.rename(aside, path)
    disk.sync_folder(path.parent)


class RealDisk:
    """The operating system's file system."""

    def read(self, path: Path, *, limit: int) -> bytes | None:
        """See Disk."""
        with _told(path, "read"):
            descriptor = open_trusted(path, limit=limit)
            if descriptor is None:
                return None
            with os.fdopen(descriptor, "rb") as file:
                # A file that grows meanwhile is cut at the limit that was checked.
                return file.read(limit)

    def open_map(self, path: Path, *, limit: int) -> MappedFile | None:
        """See Disk."""
        with _told(path, "map"):
            descriptor = open_trusted(path, limit=limit)
            if descriptor is None:
                return None
            try:
                return MappedFile(path, descriptor, os.fstat(descriptor).st_size)
            finally:
                os.close(descriptor)

    def create(self, path: Path) -> DiskFile:
        """See Disk."""
        with _told(path, "create"):
            return RealFile(path, os.open(path, _CREATE_FLAGS, 0o600))

    def rename(self, source: Path, target: Path) -> None:
        """See Disk."""
        with _told(target, "rename"):
            for left in range(_WINDOWS_TRIES, -1, -1):
                try:
                    source.replace(target)
                except OSError as failure:
                    # A reader that has the file open blocks the rename on Windows.
                    busy = getattr(failure, "winerror", None) in _WINDOWS_BUSY
                    if not busy or not left:
                        raise
                    time.sleep(0.02)
                else:
                    return

    def remove(self, path: Path) -> None:
        """See Disk."""
        with _told(path, "remove"), contextlib.suppress(FileNotFoundError):
            path.unlink()

    def remove_tree(self, path: Path) -> None:
        """See Disk."""
        import shutil

        with _told(path, "remove"), contextlib.suppress(FileNotFoundError):
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                path.unlink()
                return
            try:
                shutil.rmtree(path)
            except RecursionError:
                raise OSError(errno.ELOOP, "it is nested too deeply") from None

    def make_folder(self, path: Path) -> None:
        """See Disk."""
        with _told(path, "make the folder"):
            try:
                path.mkdir(0o700)
            except FileExistsError:
                check_folder(path)
            else:
                self.sync_folder(path.parent)

    def sync_folder(self, path: Path) -> None:
        """See Disk."""
        if sys.platform == "win32":
            return  # NTFS orders names by its own log and syncs no folder
        with _told(path, "sync the folder"):
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def sync_file(self, path: Path) -> None:
        """See Disk."""
        flags = os.O_RDWR | getattr(os, "O_BINARY", 0)
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        with _told(path, "sync"):
            descriptor = os.open(path, flags)
            try:
                _sync(descriptor)
            finally:
                os.close(descriptor)

    def names(self, folder: Path) -> tuple[str, ...]:
        """See Disk."""
        with _told(folder, "list"):
            try:
                return tuple(sorted(entry.name for entry in folder.iterdir()))
            except FileNotFoundError:
                return ()


class RealFile:
    """A DiskFile of the operating system."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._written = 0
        self._failed = False

    @property
    def path(self) -> Path:
        """See DiskFile."""
        return self._path

    def write(self, data: bytes | memoryview) -> None:
        """See DiskFile."""
        rest = memoryview(data).cast("B")
        with self._last_chance("write"):
            while rest:
                count = os.write(self._descriptor, rest)
                self._written += count
                rest = rest[count:]

    def sync(self) -> None:
        """See DiskFile."""
        with self._last_chance("sync"):
            _sync(self._descriptor)

    def overwrite(self, offset: int, data: bytes) -> None:
        """See DiskFile."""
        with self._last_chance("write"):
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            os.write(self._descriptor, data)

    def tell(self) -> int:
        """See DiskFile."""
        return self._written

    def close(self) -> None:
        """See DiskFile."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            # What close reports was either synced before or given up.
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _last_chance(self, doing: str) -> Generator[None]:
        if self._failed or self._descriptor < 0:
            raise DiskError(
                f"cannot {doing} {self._path.name}: an earlier write to it failed",
                path=self._path,
                errno=errno.EIO,
            )
        self._failed = True
        with _told(self._path, doing):
            yield
        self._failed = False


def check_folder(path: Path) -> None:
    """Raise FolderError unless `path` is a real folder that only our user may write.

    Raises:
        FolderError: see Disk.make_folder. DiskError: the operating system refused.
    """
    with _told(path, "look at"):
        found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise FolderError(
            f"{path} is a link or no folder",
            path=path,
            advice="remove it, or choose another place with the setting indexFolder",
        )
    trouble = not_ours(found, forbidden=0o022)
    if trouble:
        raise FolderError(
            f"{path} {trouble}",
            path=path,
            advice="make it yours with mode 0700, or choose another indexFolder",
        )


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(descriptor, _F_FULLFSYNC)
        except OSError:
            os.fsync(descriptor)  # a network file system that knows no full sync
    elif hasattr(os, "fdatasync"):
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)


@contextlib.contextmanager
def _told(path: Path, doing: str) -> Generator[None]:
    try:
        yield
    except OSError as failure:
        full = failure.errno in (errno.ENOSPC, errno.EDQUOT)
        raise DiskError(
            f"cannot {doing} {path}: {failure.strerror or failure}",
            path=path,
            errno=failure.errno or 0,
            advice="free some space on that disk" if full else "",
        ) from failure
