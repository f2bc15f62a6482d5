"""A disk whose n-th change fails, or is the last thing the process does."""

import errno
from pathlib import Path
from typing import Self

from codanna_lsp.errors import DiskError
from codanna_lsp.store.disk import Disk, DiskFile, MappedFile, RealDisk


class Killed(BaseException):
    """The process ends here; nothing catches it and nothing is written after it."""


class CrashingDisk:
    """The real disk with one operation that goes wrong.

    at: number of the change (1 is the first) where it does; 0 for never.
    how: "kill" ends the process there (a write is half done), "error" fails that one
    operation, "full" fails it and every later creation and write. Writes in a row to
    one file count as one.
    unreadable: name of files that may not be read.
    """

    def __init__(self, *, at: int = 0, how: str = "kill", unreadable: str = "") -> None:
        self.changes: list[str] = []
        self.fired = False
        self.space = True
        self._unreadable = unreadable
        self._at = at
        self._how = how
        self._disk: Disk = RealDisk()

    def read(self, path: Path, *, limit: int) -> bytes | None:
        self._check_permission(path)
        return self._disk.read(path, limit=limit)

    def open_map(self, path: Path, *, limit: int) -> MappedFile | None:
        self._check_permission(path)
        return self._disk.open_map(path, limit=limit)

    def names(self, folder: Path) -> tuple[str, ...]:
        return self._disk.names(folder)

    def create(self, path: Path) -> DiskFile:
        self.change("create", path)
        return _CrashingFile(self, self._disk.create(path))

    def rename(self, source: Path, target: Path) -> None:
        self.change("rename", target)
        self._disk.rename(source, target)

    def remove(self, path: Path) -> None:
        self.change("remove", path)
        self._disk.remove(path)

    def remove_tree(self, path: Path) -> None:
        self.change("remove_tree", path)
        self._disk.remove_tree(path)

    def make_folder(self, path: Path) -> None:
        self.change("make_folder", path)
        self._disk.make_folder(path)

    def sync_folder(self, path: Path) -> None:
        self.change("sync_folder", path)
        self._disk.sync_folder(path)

    def sync_file(self, path: Path) -> None:
        self.change("sync", path)
        self._disk.sync_file(path)

    def fail_at(self, change: int) -> None:
        """Have it go wrong at that change, which has not come yet."""
        self._at = change

    def allow_all(self) -> None:
        """From now on every file may be read."""
        self._unreadable = ""

    def _check_permission(self, path: Path) -> None:
        if path.name == self._unreadable:
            raise refused(path, errno.EACCES)

    def change(self, what: str, path: Path) -> None:
        """Count a change; raise where it goes wrong."""
        if self.fired and self._how == "kill":
            raise Killed
        done = f"{what} {path.name}"
        if what != "write" or self.changes[-1:] != [done]:
            self.changes.append(done)
        if len(self.changes) == self._at and not self.fired:
            self.fired = True
            if self._how == "kill":
                raise Killed
            if self._how == "full":
                self.space = False
            raise refused(path, errno.EIO if self._how == "error" else errno.ENOSPC)
        if not self.space and what in ("create", "write", "make_folder"):
            raise refused(path, errno.ENOSPC)


class _CrashingFile:
    def __init__(self, disk: CrashingDisk, file: DiskFile) -> None:
        self._disk = disk
        self._file = file
        self._failed = False

    @property
    def path(self) -> Path:
        return self._file.path

    def write(self, data: bytes | memoryview) -> None:
        try:
            self._change("write")
        except BaseException:
            self._file.write(data[: len(data) // 2])
            raise
        self._file.write(data)

    def sync(self) -> None:
        self._change("sync")
        self._file.sync()

    def overwrite(self, offset: int, data: bytes) -> None:
        self._change("overwrite")
        self._file.overwrite(offset, data)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _change(self, what: str) -> None:
        assert not self._failed, f"{what} of {self.path.name} after one that failed"
        self._failed = True
        self._disk.change(what, self.path)
        self._failed = False


def refused(path: Path, number: int) -> DiskError:
    return DiskError(f"cannot change {path.name}", path=path, errno=number)
