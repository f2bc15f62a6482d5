"""The recovery journal: one file `journal-<serial>.wal` of whole transactions.

    header   8 magic "CDNAJRN1"
    (64      u64 serial                  as in the name
     bytes,  u64 base                    replay of this generation begins here, or earlier
     little  u64 continued serial        0: the journal continues none
     endian) u64 continued length        what lies past it in that one is ignored for ever
             u64 continued xxh3          of that one's bytes up to there
             u64 last transaction        before this journal
             u64 xxh3 of the 56 bytes above
    frame    4 magic C0 DA 4A 01 | u32 length | u64 xxh3 of the payload, seed = serial
             payload: msgpack [transaction, seq, kind, ...]
               kind 1  FileIndexed      path, language, size, mtime_ns, digest,
                                        extractor, indexed_ns, reason, facts
               kind 2  FileRemoved      path
               kind 3  SnapshotCreated  generation, checksum
               kind 9  commit           (seq = number of frames) xxh3 of all their bytes

A transaction is its frames with seq 0, 1, ... and the commit frame, written at once and
then synced. Transactions are numbered through all journals, without gaps.

Invariant: only whole transactions are ever seen.
Invariant: a journal is appended to by the process that created it and by no other, and
never again after a failed write or sync: the next serial continues it.
Invariant: bad bytes with nothing but frames of the same transaction behind them are a
torn tail, which a crash leaves; with another's they are damage, which no crash leaves,
because transaction n + 1 is written only after n was synced.
"""

import re
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

import xxhash

from codanna_lsp.errors import CodecError, CorruptionError, DiskError
from codanna_lsp.index.codec import pack, unpack
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.disk import Disk, DiskFile
from codanna_lsp.store.journals.record_format import (
    is_safe_path,
    record_from_row,
    record_to_row,
)

MAX_JOURNAL_BYTES = 1 << 33
FULL_JOURNAL_BYTES = 1 << 28
"""A journal of this size is continued by the next serial."""
MAX_FRAME_BYTES = 1 << 29
HEADER_BYTES = 64

FILE_INDEXED = 1
FILE_REMOVED = 2
SNAPSHOT_CREATED = 3
_COMMIT = 9

_MAGIC = b"CDNAJRN1"
_FRAME_MAGIC = b"\xc0\xdaJ\x01"
_HEADER = struct.Struct("<8s6Q")
_CHECK = struct.Struct("<Q")
_FRAME = struct.Struct("<4sIQ")
_NAME = re.compile(r"journal-(\d{1,18})\.wal")
_SCAN_BYTES = 1 << 20

Changes = Mapping[str, FileRecord | None]
"""By path: the file's newest record, or None where it was removed."""


class JournalHeader(NamedTuple):
    """What a journal begins with; see the module's drawing."""

    serial: int
    base: int
    continued_serial: int
    continued_length: int
    continued_check: int
    last_transaction: int


class SnapshotCreated(NamedTuple):
    """Word in the journal that a checkpoint was committed."""

    generation: int
    checksum: str


class JournalTransaction(NamedTuple):
    """One whole transaction as read back; `end` is the offset behind it."""

    number: int
    changes: dict[str, FileRecord | None]
    created: SnapshotCreated | None
    end: int


class JournalWriter:
    """A journal that this process created and appends to.

    serial, base: as in its header. length: bytes up to the last durable transaction.
    transaction: number of the last durable transaction. broken: true after a failed
    append; nothing more is written then, and `length` is where the next one cuts it.
    """

    def __init__(self, disk: Disk, folder: Path, header: JournalHeader) -> None:
        """Create the file with its header; durable, name and all, when this returns.

        Raises:
            DiskError: nothing that counts was written.
        """
        self.serial = header.serial
        self.base = header.base
        self.transaction = header.last_transaction
        self.broken = False
        self._file: DiskFile = disk.create(folder / journal_name(header.serial))
        try:
            data = format_header(header)
            self._file.write(data)
            self._file.sync()
            disk.sync_folder(folder)
        except BaseException:
            self._file.close()
            raise
        self.length = len(data)
        self._check = xxhash.xxh3_64(data)

    @property
    def check(self) -> int:
        """xxh3 of the first `length` bytes."""
        return self._check.intdigest()

    def append(self, changes: Changes, created: SnapshotCreated | None = None) -> int:
        """Write one transaction and make it durable; its number.

        Raises:
            DiskError: it may or may not be on disk; this journal is broken.
        """
        if self.broken:
            raise DiskError("the journal failed before", path=self._file.path)
        number = self.transaction + 1
        data = format_transaction(self.serial, number, changes, created)
        self.broken = True
        self._file.write(data)
        self._file.sync()
        self.broken = False
        self._check.update(data)
        self.length += len(data)
        self.transaction = number
        return number

    def close(self) -> None:
        """Let go of the file; it is durable already."""
        self.broken = True
        self._file.close()


class JournalReader:
    """Reads whole transactions out of a journal's bytes, from front to back.

    The same reader goes on where it stopped when it is given more bytes, so it also
    follows a journal that another process writes.
    """

    def __init__(self, header: JournalHeader) -> None:
        self.header = header
        self.position = HEADER_BYTES
        self.transaction = header.last_transaction

    def read(self, view: memoryview, stop: int) -> list[JournalTransaction]:
        """The whole transactions between `position` and `stop`; moves on behind them."""
        found: list[JournalTransaction] = []
        while True:
            one = self._read_one(view, stop)
            if one is None:
                return found
            found.append(one)
            self.position = one.end
            self.transaction = one.number

    def is_torn(self, view: memoryview, stop: int) -> bool:
        """Whether what lies behind `position` is a torn tail, not damage.

        Damage is bad bytes (or none) with a frame of any other transaction than the
        next behind them: no crash leaves that.
        """
        expected = self.transaction + 1
        start = self.position
        while start < stop:
            chunk = bytes(view[start : min(stop, start + _SCAN_BYTES)])
            at = chunk.find(_FRAME_MAGIC)
            while at >= 0:
                frame = _read_frame(view, start + at, stop, self.header.serial)
                if frame is not None and frame[0][0] != expected:
                    return False
                at = chunk.find(_FRAME_MAGIC, at + 1)
            start += max(1, len(chunk) - len(_FRAME_MAGIC) + 1)
        return True

    def _read_one(self, view: memoryview, stop: int) -> JournalTransaction | None:
        at, seq = self.position, 0
        number = self.transaction + 1
        changes: dict[str, FileRecord | None] = {}
        created: SnapshotCreated | None = None
        while True:
            frame = _read_frame(view, at, stop, self.header.serial)
            if frame is None or frame[0][0] != number or frame[0][1] != seq:
                return None
            fields, end = frame
            if fields[2] == _COMMIT:
                whole = xxhash.xxh3_64_intdigest(view[self.position : at])
                if not seq or fields[3:] != (whole,):
                    return None
                return JournalTransaction(number, changes, created, end)
            try:
                made = _apply(fields, changes)
            except CorruptionError:
                return None
            created = made or created
            at, seq = end, seq + 1


def journal_name(serial: int) -> str:
    """The file name of a journal."""
    return f"journal-{serial}.wal"


def journal_serial(name: str) -> int | None:
    """The serial in a journal's file name, or None for another file."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else None


def format_header(header: JournalHeader) -> bytes:
    """A journal's first 64 bytes."""
    head = _HEADER.pack(_MAGIC, *header)
    return head + _CHECK.pack(xxhash.xxh3_64_intdigest(head))


def read_header(view: memoryview, *, serial: int) -> JournalHeader:
    """The header of the journal with that serial.

    Raises:
        CorruptionError: the bytes are no header, or another journal's.
    """
    if len(view) < HEADER_BYTES:
        raise _damaged(serial, "it is shorter than its header")
    head = bytes(view[: _HEADER.size])
    if _CHECK.unpack_from(view, _HEADER.size)[0] != xxhash.xxh3_64_intdigest(head):
        raise _damaged(serial, "its header's checksum differs")
    magic, *numbers = _HEADER.unpack(head)
    header = JournalHeader(*numbers)
    if magic != _MAGIC or header.serial != serial:
        raise _damaged(serial, "its header is another file's")
    if header.continued_serial >= serial:
        raise _damaged(serial, "it continues a later journal")
    return header


def format_transaction(
    serial: int,
    number: int,
    changes: Changes,
    created: SnapshotCreated | None = None,
) -> bytes:
    """All frames of one transaction with its commit frame."""
    frames = [
        _frame(serial, (number, seq, *fields))
        for seq, fields in enumerate(_bodies(changes, created))
    ]
    body = b"".join(frames)
    check = xxhash.xxh3_64_intdigest(body)
    return body + _frame(serial, (number, len(frames), _COMMIT, check))


def _bodies(
    changes: Changes, created: SnapshotCreated | None
) -> Iterable[tuple[Any, ...]]:
    for path, record in changes.items():
        if record is None:
            yield (FILE_REMOVED, path)
        else:
            yield (FILE_INDEXED, *record_to_row(record))
    if created is not None:
        yield (SNAPSHOT_CREATED, *created)


def _frame(serial: int, fields: tuple[Any, ...]) -> bytes:
    payload = pack(fields)
    check = xxhash.xxh3_64_intdigest(payload, seed=serial)
    return _FRAME.pack(_FRAME_MAGIC, len(payload), check) + payload


def _read_frame(
    view: memoryview, at: int, stop: int, serial: int
) -> tuple[tuple[Any, ...], int] | None:
    """A frame's fields (at least transaction, seq, kind) and the offset behind it."""
    if stop - at < _FRAME.size:
        return None
    magic, length, check = _FRAME.unpack_from(view, at)
    start = at + _FRAME.size
    if magic != _FRAME_MAGIC or length > min(MAX_FRAME_BYTES, stop - start):
        return None
    payload = view[start : start + length]
    if xxhash.xxh3_64_intdigest(payload, seed=serial) != check:
        return None
    try:
        fields = unpack(payload)
    except CodecError:
        return None
    if not _is_tuple(fields) or [type(part) for part in fields[:3]] != [int] * 3:
        return None
    return fields, start + length


def _is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


def _apply(
    fields: tuple[Any, ...], changes: dict[str, FileRecord | None]
) -> SnapshotCreated | None:
    part = "the journal"
    kind, body = fields[2], fields[3:]
    if kind == FILE_INDEXED:
        record = record_from_row(body, part=part)
        changes[record.path] = record
        return None
    if kind == FILE_REMOVED:
        if len(body) == 1 and type(body[0]) is str and is_safe_path(body[0]):
            changes[body[0]] = None
            return None
    elif kind == SNAPSHOT_CREATED and [type(part) for part in body] == [int, str]:
        return SnapshotCreated(*body)
    raise CorruptionError(
        "the journal holds a frame of no known kind", part=part, reason=f"kind {kind!r}"
    )


def _damaged(serial: int, reason: str) -> CorruptionError:
    name = journal_name(serial)
    return CorruptionError(f"{name} is damaged: {reason}", part=name, reason=reason)
