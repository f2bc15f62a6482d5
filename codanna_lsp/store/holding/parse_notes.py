"""ParseNotes: what the holder of an index folder is parsing, for who comes after it.

A grammar that ends the process, or never comes back, would do so again at the next
start, which meets the same files. So a text is noted before it is parsed here.

    parsing    SLOTS slots of 16 bytes: the digest of a text, or zeros

Invariant: no answer depends on these bytes. A slot that is wrong costs a trial in a
    process of its own, a lost one another death: so they are written in place, without
    a sync, and a disk that refuses them is not told of.
"""

import contextlib
import threading
from pathlib import Path

from codanna_lsp.errors import DiskError, StoreError
from codanna_lsp.store.disk import Disk, DiskFile

PARSE_NOTES_NAME = "parsing"
SLOTS = 32
MAX_SUSPECTS = SLOTS // 2
_DIGEST_BYTES = 16
_NOTHING = bytes(_DIGEST_BYTES)


class ParseNotes:
    """The notes in an index folder whose lock this process holds; for any thread.

    suspects: digests of texts that a process which died was parsing.
    """

    def __init__(self, disk: Disk, folder: Path) -> None:
        self._lock = threading.Lock()
        self.suspects = _read(disk, folder / PARSE_NOTES_NAME)
        self._slots = [*sorted(self.suspects)]
        self._slots += [_NOTHING] * (SLOTS - len(self._slots))
        self._file = _create(
            disk, folder / PARSE_NOTES_NAME, data=b"".join(self._slots)
        )

    def begin(self, digest: bytes) -> None:
        """Note that the text of this digest is parsed from now on, if there is room."""
        self._put(_NOTHING, digest)

    def end(self, digest: bytes) -> None:
        """Note that it was parsed."""
        self.suspects.discard(digest)
        self._put(digest, _NOTHING)

    def close(self) -> None:
        """Leave nothing but the suspects: what is parsed now ends with us, in order."""
        with self._lock:
            file, self._file = self._file, None
        if file is not None:
            left = [d if d in self.suspects else _NOTHING for d in self._slots]
            with contextlib.suppress(DiskError):
                file.overwrite(0, b"".join(left))
            file.close()

    def _put(self, old: bytes, new: bytes) -> None:
        with self._lock:
            if self._file is None or old not in self._slots:
                return
            slot = self._slots.index(old)
            self._slots[slot] = new
            try:
                self._file.overwrite(slot * _DIGEST_BYTES, new)
            except DiskError:
                self._file.close()
                self._file = None


def _create(disk: Disk, path: Path, *, data: bytes) -> DiskFile | None:
    try:
        # Never what was found: it may be a link, or have another name elsewhere.
        disk.remove_tree(path)
        file = disk.create(path)
    except DiskError:
        return None
    try:
        file.write(data)
    except DiskError:
        file.close()
        return None
    return file


def _read(disk: Disk, path: Path) -> set[bytes]:
    try:
        data = disk.read(path, limit=SLOTS * _DIGEST_BYTES) or b""
    except StoreError:
        return set()
    starts = range(0, len(data) - _DIGEST_BYTES + 1, _DIGEST_BYTES)
    found = {data[at : at + _DIGEST_BYTES] for at in starts} - {_NOTHING}
    return set(sorted(found)[:MAX_SUSPECTS])
