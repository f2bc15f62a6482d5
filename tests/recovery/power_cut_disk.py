"""A disk that knows what would be left after the power failed.

Files and names of one folder are tracked: what of each file was synced, and which names
the folder had when it was last synced. Tantivy's folders are left as they are.
"""

from pathlib import Path
from typing import Self

from codanna_lsp.store.disk import DiskFile
from tests.recovery.crashing_disk import CrashingDisk


class _Inode:
    def __init__(self, data: bytes = b"") -> None:
        self.data = data
        self.synced = data


class PowerCutDisk(CrashingDisk):
    """See the module. lies_about: "files" or "folders" whose syncs do nothing."""

    def __init__(self, folder: Path, *, at: int = 0, lies_about: str = "") -> None:
        super().__init__(at=at)
        self.lies_about = lies_about
        self._folder = folder
        self._names = {
            path.name: _Inode(path.read_bytes())
            for path in folder.iterdir()
            if path.is_file()
        }
        self._durable = dict(self._names)

    def create(self, path: Path) -> DiskFile:
        inode = _Inode()
        file = super().create(path)
        if path.parent == self._folder:
            self._names[path.name] = inode
        return _TrackedFile(file, inode, lies=self.lies_about == "files")

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        if source.parent == self._folder and source.name in self._names:
            inode = self._names.pop(source.name)
            if target.parent == self._folder:
                self._names[target.name] = inode

    def remove(self, path: Path) -> None:
        super().remove(path)
        self._forget(path)

    def remove_tree(self, path: Path) -> None:
        super().remove_tree(path)
        self._forget(path)

    def sync_folder(self, path: Path) -> None:
        super().sync_folder(path)
        if path == self._folder and self.lies_about != "folders":
            self._durable = dict(self._names)

    def sync_file(self, path: Path) -> None:
        super().sync_file(path)
        inode = self._names.get(path.name)
        if inode is not None and self.lies_about != "files":
            inode.synced = inode.data

    def start_again(self) -> None:
        """Another process begins: what was not synced is still not synced."""
        self.fired, self._at = False, 0
        for name, inode in self._names.items():
            inode.data = (self._folder / name).read_bytes()  # a write may be half done

    def cut_power(self, *, names: bool) -> None:
        """Leave what a power cut may leave: of each file what was synced, and half of
        the rest; with `names`, only the names that were synced."""
        left = self._durable if names else self._names
        for path in self._folder.iterdir():
            if path.is_file() and path.name != "writer.lock":
                path.unlink()
        for name, inode in left.items():
            if name == "writer.lock":
                continue
            rest = inode.data[len(inode.synced) :]
            data = inode.synced + bytes(len(rest) // 2) + rest[len(rest) // 2 :]
            (self._folder / name).write_bytes(data if rest else inode.synced)

    def _forget(self, path: Path) -> None:
        if path.parent == self._folder:
            self._names.pop(path.name, None)


class _TrackedFile:
    """A file whose synced bytes are known."""

    def __init__(self, file: DiskFile, inode: _Inode, *, lies: bool) -> None:
        self._file = file
        self._inode = inode
        self._lies = lies

    @property
    def path(self) -> Path:
        return self._file.path

    def write(self, data: bytes | memoryview) -> None:
        self._inode.data += bytes(data)
        self._file.write(data)

    def overwrite(self, offset: int, data: bytes) -> None:
        was = self._inode.data
        self._inode.data = was[:offset] + data + was[offset + len(data) :]
        self._file.overwrite(offset, data)

    def sync(self) -> None:
        self._file.sync()
        if not self._lies:
            self._inode.synced = self._inode.data

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
