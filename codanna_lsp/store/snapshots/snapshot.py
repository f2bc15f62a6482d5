"""Snapshots: one generation of the whole index, written once and then mapped.

The bytes are drawn in `snapshot_format`.

Invariant: a snapshot's name appears only once all of its bytes are durable, and its
bytes never change after that.
Invariant: opening verifies everything but the blobs, and `read_blob` each blob.
Invariant: opening imports no numpy and copies no column; writing holds no blob longer
than until a megabyte of them is gathered.
"""

import contextlib
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Self

import xxhash

from codanna_lsp.errors import CorruptionError, DiskError, FormatError
from codanna_lsp.index.columns import Columns
from codanna_lsp.store.disk import ASIDE_SUFFIX, Disk, MappedFile
from codanna_lsp.store.metadata import snapshot_name
from codanna_lsp.store.snapshots.snapshot_format import (
    ALIGNMENT,
    BLOB_SECTIONS,
    HEADER_BYTES,
    Section,
    Table,
    damaged,
    pack_end,
    pack_header,
    read_header,
    read_sections,
    read_table,
)
from codanna_lsp.store.snapshots.snapshot_paths import do_paths_stay_inside

SNAPSHOT_LIMIT_BYTES = 1 << 36

_GATHERED_BYTES = 1 << 20


class SnapshotInfo(NamedTuple):
    """A finished snapshot.

    checksum: hex of its table's xxh3-128, which covers every other byte.
    """

    name: str
    generation: int
    size: int
    checksum: str
    symbol_count: int
    file_count: int


def write_snapshot(
    disk: Disk,
    folder: Path,
    *,
    generation: int,
    columns: Columns,
    blobs: Iterable[bytes],
) -> SnapshotInfo:
    """Write a snapshot whose columns are known: one blob a file, in their order.

    Raises:
        DiskError: the operating system refused; nobody has seen the snapshot, but
            perhaps where only the last sync of the folder failed.
        ValueError: there is not one blob for each file.
    """
    with SnapshotWriter(disk, folder, generation=generation) as writer:
        for blob in blobs:
            writer.add(blob)
        return writer.finish(columns)


class SnapshotWriter:
    """A snapshot being written aside; unfinished, nothing stays of it.

    Every method raises DiskError when the operating system refuses.
    """

    def __init__(self, disk: Disk, folder: Path, *, generation: int) -> None:
        self._disk = disk
        self._generation = generation
        self._path = folder / snapshot_name(generation)
        self._aside = self._path.with_name(self._path.name + ASIDE_SUFFIX)
        self._gathered = [pack_header(generation)]
        self._gathered_bytes = HEADER_BYTES
        self._stop = HEADER_BYTES
        self._offsets = array("Q")
        self._lengths = array("I")
        self._sums = array("Q")
        self._sections: list[Section] = []
        disk.remove(self._aside)
        self._file = disk.create(self._aside)

    def add(self, blob: bytes) -> int:
        """Append one file's packed facts; gives their number, from 0."""
        self._offsets.append(self._stop)
        self._lengths.append(len(blob))
        self._sums.append(xxhash.xxh3_64_intdigest(blob))
        self._stop += len(blob)
        self._gathered.append(blob)
        self._gathered_bytes += len(blob)
        if self._gathered_bytes >= _GATHERED_BYTES:
            self._flush()
        return len(self._offsets) - 1

    def finish(
        self, columns: Columns, *, numbers: Sequence[int] | None = None
    ) -> SnapshotInfo:
        """Write the columns, make all of it durable, give it its name.

        numbers: for each file of the columns the number that `add` gave its blob;
            None when the blobs came in the columns' order.

        Raises:
            ValueError: there is not one blob for each file.
        """
        rows = range(len(self._offsets)) if numbers is None else numbers
        if len(rows) != columns.file_count:
            raise ValueError(f"{len(rows)} blobs for {columns.file_count} files")
        self._flush()
        for name, data in columns.sections().items():
            self._write_section(name, data)
        blob_columns = (self._offsets, self._lengths, self._sums)
        for name, column in zip(BLOB_SECTIONS, blob_columns, strict=True):
            picked = array(column.typecode, [column[row] for row in rows])
            self._write_section(name, memoryview(picked).cast("B"))
        return self._seal(columns)

    def abandon(self) -> None:
        """Remove what was written, unless it is finished."""
        self._file.close()
        # What cannot be removed now is removed by the next one to write here.
        with contextlib.suppress(DiskError):
            self._disk.remove(self._aside)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.abandon()

    def _flush(self) -> None:
        self._file.write(b"".join(self._gathered))
        self._gathered.clear()
        self._gathered_bytes = 0

    def _write_section(self, name: str, data: memoryview) -> None:
        self._file.write(bytes(-self._file.tell() % ALIGNMENT))
        offset, checksum = self._file.tell(), xxhash.xxh3_64_intdigest(data)
        self._sections.append(Section(name, offset, len(data), checksum))
        self._file.write(data)

    def _seal(self, columns: Columns) -> SnapshotInfo:
        counts = (columns.symbol_count, columns.file_count)
        table = Table(self._generation, *counts, self._stop, tuple(self._sections))
        end, checksum = pack_end(table, offset=self._file.tell())
        self._file.write(end)
        self._file.sync()
        size = self._file.tell()
        self._file.close()
        self._disk.rename(self._aside, self._path)
        self._disk.sync_folder(self._path.parent)
        return SnapshotInfo(self._path.name, self._generation, size, checksum, *counts)


class Snapshot:
    """An open snapshot; its columns look into the mapped file."""

    __slots__ = ("_lengths", "_mapped", "_offsets", "_sums", "_view", "columns", "info")

    def __init__(
        self, info: SnapshotInfo, mapped: MappedFile, sections: dict[str, memoryview]
    ) -> None:
        self.info = info
        self._mapped = mapped
        self._view = mapped.view[:]  # outlives `close` for whoever still reads
        self._offsets = sections["blob_offsets"].cast("Q")
        self._lengths = sections["blob_lengths"].cast("I")
        self._sums = sections["blob_sums"].cast("Q")
        self.columns = Columns.from_sections(sections, part=f"columns of {info.name}")

    @classmethod
    def open(
        cls,
        disk: Disk,
        path: Path,
        *,
        checksum: str | None = None,
        verify: Literal["columns", "all"] = "columns",
    ) -> Self:
        """Open and verify a snapshot.

        checksum: what its SnapshotInfo said, None when that is not known.
        verify: "all" reads every blob, too.

        Raises:
            CorruptionError: it is missing, or its bytes are not what was written.
            FormatError: a newer version wrote it.
            DiskError: the operating system refused.
        """
        mapped = disk.open_map(path, limit=SNAPSHOT_LIMIT_BYTES)
        if mapped is None:
            raise damaged(path.name, "it is missing")
        try:
            snapshot = cls._verified(path.name, mapped, checksum)
        except BaseException:
            mapped.close()
            raise
        if verify == "all":
            bad = snapshot.verify_blobs(0, snapshot.info.file_count)
            if bad:
                reason = f"the facts of {len(bad)} files do not match their checksums"
                raise damaged(path.name, reason)
        return snapshot

    @property
    def generation(self) -> int:
        """The number of the checkpoint that wrote it."""
        return self.info.generation

    def read_blob(self, row: int) -> bytes:
        """The packed facts of the file in that row of the columns, verified.

        Raises:
            CorruptionError: they are not what was written.
        """
        blob = self._blob(row)
        if blob is None:
            part = f"facts of {self.columns.path(row)} in {self.info.name}"
            raise damaged(part, "they do not match their checksum")
        return blob

    def verify_blobs(self, first: int, count: int) -> list[int]:
        """Those of `count` rows from `first` on whose facts are not as written."""
        stop = min(first + count, self.info.file_count)
        return [row for row in range(first, stop) if self._blob(row) is None]

    def are_columns_whole(self) -> bool:
        """Whether everything but the blobs still is what was verified at the start.

        The map shows what a disk or a user does to the file meanwhile.
        """
        try:
            generation = read_header(self.info.name, self._view)
            table, found = read_table(self.info.name, self._view)
            read_sections(self.info.name, self._view, table)
        except (CorruptionError, FormatError):
            return False
        return found == self.info.checksum and generation == self.generation

    def close(self) -> None:
        """Let go of the map, as soon as nothing looks into its columns any more."""
        self._mapped.close()

    @classmethod
    def _verified(cls, name: str, mapped: MappedFile, checksum: str | None) -> Self:
        view = mapped.view
        generation = read_header(name, view)
        table, found = read_table(name, view)
        if checksum is not None and found != checksum:
            raise damaged(name, "it is not the one that index.meta names")
        if generation != table.generation:
            raise damaged(name, "its generation contradicts itself")
        sections = read_sections(name, view, table)
        info = SnapshotInfo(
            name, generation, len(view), found, table.symbol_count, table.file_count
        )
        try:
            snapshot = cls(info, mapped, sections)
        except TypeError as failure:
            raise damaged(name, "a section has an impossible length") from failure
        columns = snapshot.columns
        if columns.symbol_count != info.symbol_count or any(
            len(column) != info.file_count
            for column in (
                columns.file_size,
                snapshot._offsets,
                snapshot._lengths,
                snapshot._sums,
            )
        ):
            raise damaged(name, "its counts contradict its columns")
        if not do_paths_stay_inside(columns):
            raise damaged(name, "a path leads out of the workspace")
        return snapshot

    def _blob(self, row: int) -> bytes | None:
        offset, length = self._offsets[row], self._lengths[row]
        if not HEADER_BYTES <= offset <= self.info.size - length:
            return None
        blob = bytes(self._view[offset : offset + length])
        return blob if xxhash.xxh3_64_intdigest(blob) == self._sums[row] else None
