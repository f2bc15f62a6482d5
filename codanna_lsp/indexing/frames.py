"""What the pool and its workers say to each other, over a socket pair.

Both ways a frame is a length (u32) and that many bytes. A chunk is the paths to read,
with NUL between them. An answer is records, one after the other:

    number in the chunk u32 | size u64 | mtime_ns i64 | indexed_ns i64 | digest 16 bytes
    | bytes of language u8, extractor u8, reason u8, facts u32 | those four

A file that gave no bytes has an empty language and no digest. The last frame of a
chunk's answer ends with the number DONE alone.

Besides, four shared bytes, the mark, hold the number of the file that a worker is at,
or NO_FILE: they outlive it.

Invariant: a length is bounded before it is believed.
"""

import os
import socket
import struct
from collections.abc import Iterator, Sequence

from codanna_lsp.indexing.records import Unread
from codanna_lsp.model.facts import FileRecord, Fingerprint

MAX_FRAME_BYTES = 1 << 30
DONE = 0xFFFF_FFFF
MARK_BYTES = 4
NO_FILE = 0xFFFF_FFFF

_LENGTH = struct.Struct("<I")
_NUMBER = struct.Struct("<I")
_RECORD = struct.Struct("<IQqq16sBBBI")


class BadFrame(Exception):  # noqa: N818 - the worker is at fault, and is ended
    """Bytes that are no frame of ours."""


def pack_chunk(paths: Sequence[str]) -> bytes:
    """A frame that asks for these files."""
    body = b"\0".join(map(os.fsencode, paths))
    return _LENGTH.pack(len(body)) + body


def unpack_chunk(body: bytes) -> list[str]:
    """The paths of a chunk."""
    return [os.fsdecode(path) for path in body.split(b"\0")]


def pack_answer(
    numbered: Sequence[tuple[int, FileRecord | Unread]], *, done: bool
) -> bytes:
    """A frame of records, each with its file's number in the chunk."""
    parts: list[bytes] = [b""]
    for number, record in numbered:
        parts += _record_parts(number, record)
    if done:
        parts.append(_NUMBER.pack(DONE))
    parts[0] = _LENGTH.pack(sum(map(len, parts)))
    return b"".join(parts)


def _record_parts(number: int, record: FileRecord | Unread) -> tuple[bytes, ...]:
    if isinstance(record, Unread):
        reason = record.reason.encode()
        return _RECORD.pack(number, 0, 0, 0, b"", 0, 0, len(reason), 0), reason
    size, mtime_ns, digest = record.fingerprint
    language, extractor = record.language.encode(), record.extractor.encode()
    reason, facts = record.reason.encode(), record.facts
    lengths = (len(language), len(extractor), len(reason), len(facts))
    head = _RECORD.pack(number, size, mtime_ns, record.indexed_ns, digest, *lengths)
    return head, language, extractor, reason, facts


def unpack_answer(
    body: bytes, paths: Sequence[str]
) -> Iterator[tuple[int, FileRecord | Unread | None]]:
    """The numbers and records of an answer to the chunk of these paths; DONE, None.

    Raises:
        BadFrame: the bytes are no answer to this chunk.
    """
    offset = 0
    while offset < len(body):
        try:
            number: int = _NUMBER.unpack_from(body, offset)[0]
            if number == DONE:
                yield DONE, None
                return
            fields = _RECORD.unpack_from(body, offset)
            path: str = paths[number]
        except (struct.error, IndexError) as error:
            raise BadFrame(str(error)) from error
        size, mtime_ns, indexed_ns, digest, *lengths = fields[1:]
        offset += _RECORD.size
        texts: list[bytes] = []
        for length in lengths:
            texts.append(body[offset : offset + length])
            offset += length
        if offset > len(body):
            raise BadFrame("a record ends too early")
        language, extractor, reason = (text.decode() for text in texts[:3])
        if not language:
            yield number, Unread(path, reason)
            continue
        fingerprint = Fingerprint(size, mtime_ns, digest)
        yield (
            number,
            FileRecord(
                path, language, fingerprint, extractor, indexed_ns, reason, texts[3]
            ),
        )


def receive_frame(connection: socket.socket) -> bytes | None:
    """The next frame's bytes, waiting for it; None at the end.

    Raises:
        BadFrame: a length that nobody means.
        OSError: the connection failed.
    """
    head = _receive(connection, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_FRAME_BYTES:
        raise BadFrame(f"a frame of {length} bytes")
    return _receive(connection, length)


def _receive(connection: socket.socket, length: int) -> bytes | None:
    buffer = bytearray(length)
    view = memoryview(buffer)
    filled = 0
    while filled < length:
        count = connection.recv_into(view[filled:])
        if not count:
            return None
        filled += count
    return bytes(buffer)
