r"""The bytes of `snapshot-<generation>.bin`.

    header, 32 bytes
        0   8   "CODANNA\n"
        8   4   format u32
        12  4   0
        16  8   generation u64
        24  8   xxh3-64 of bytes 0 to 24
    blobs: packed FileFacts, one after the other, in the order in which they came
    sections, each at a multiple of 8 after zeros
        those of `index.columns`, with files in the order of their paths, and for each
        of these files blob_offsets u64, blob_lengths u32, blob_sums u64 (xxh3-64)
    table: msgpack of [generation, symbols, files, end of the blobs,
        [[section, offset, length, xxh3-64], ...]]
    trailer, 40 bytes
        0   8   offset of the table u64
        8   8   length of the table u64
        16  16  xxh3-128 of the table: the snapshot's checksum, which covers all of it
        32  8   xxh3-64 of bytes 0 to 32

Numbers are little-endian. The table stands at the end, so that a snapshot is written
from front to back while its blobs come in.

Invariant: nothing here is believed before it was compared with the file's size, and
with its checksum; no memory is taken for what a number claims.
"""

import struct
from typing import NamedTuple

import xxhash

from codanna_lsp.errors import CodecError, CorruptionError, FormatError
from codanna_lsp.index import codec
from codanna_lsp.store.metadata import FORMAT

ALIGNMENT = 8
BLOB_SECTIONS = ("blob_offsets", "blob_lengths", "blob_sums")
SECTION_LIMIT = 100
TABLE_LIMIT_BYTES = 1 << 16

_MAGIC = b"CODANNA\n"
_HEADER = struct.Struct("<8sIIQ")
_TRAILER = struct.Struct("<QQ16s")
_SUM = struct.Struct("<Q")
HEADER_BYTES = _HEADER.size + _SUM.size
TRAILER_BYTES = _TRAILER.size + _SUM.size


class Section(NamedTuple):
    """Where a section lies in the file, and the xxh3-64 of its bytes."""

    name: str
    offset: int
    length: int
    checksum: int


class Table(NamedTuple):
    """What the table says."""

    generation: int
    symbol_count: int
    file_count: int
    blobs_stop: int
    sections: tuple[Section, ...]


def pack_header(generation: int) -> bytes:
    """The header's bytes."""
    return _with_sum(_HEADER.pack(_MAGIC, FORMAT, 0, generation))


def pack_end(table: Table, *, offset: int) -> tuple[bytes, str]:
    """The bytes from the table on, which will stand at `offset`; and the checksum."""
    packed = codec.pack(table)
    digest = xxhash.xxh3_128_digest(packed)
    trailer = _TRAILER.pack(offset, len(packed), digest)
    return packed + _with_sum(trailer), digest.hex()


def read_header(name: str, view: memoryview) -> int:
    """The generation in the header of the named snapshot's bytes.

    Raises:
        CorruptionError: they are too few, or not a header.
        FormatError: a newer version wrote them.
    """
    if len(view) < HEADER_BYTES + TRAILER_BYTES:
        raise damaged(name, f"it has only {len(view)} bytes")
    header = bytes(view[: _HEADER.size])
    magic, found, zero, generation = _HEADER.unpack(header)
    if magic != _MAGIC:
        raise damaged(name, "it does not begin as a snapshot does")
    if _with_sum(header) != bytes(view[:HEADER_BYTES]):
        raise damaged(name, "its header does not match its checksum")
    if found > FORMAT:
        raise FormatError(
            f"{name} has format {found}, this version reads {FORMAT}",
            found=found,
            advice="use the newer codanna-lsp that wrote it",
        )
    if found != FORMAT or zero:
        raise damaged(name, f"its format is {found}")
    return int(generation)


def read_table(name: str, view: memoryview) -> tuple[Table, str]:
    """The table of the named snapshot's bytes, and its checksum in hex.

    Raises:
        CorruptionError: the end of the bytes is not as it was written.
    """
    trailer = bytes(view[-TRAILER_BYTES : -_SUM.size])
    if _with_sum(trailer) != bytes(view[-TRAILER_BYTES:]):
        raise damaged(name, "it does not end as a snapshot does")
    offset, length, digest = _TRAILER.unpack(trailer)
    if (
        length > TABLE_LIMIT_BYTES
        or offset < HEADER_BYTES
        or offset + length != len(view) - TRAILER_BYTES
    ):
        raise damaged(name, "its table lies outside")
    packed = bytes(view[offset : offset + length])
    if xxhash.xxh3_128_digest(packed) != digest:
        raise damaged(name, "its table does not match its checksum")
    try:
        *counts, rows = codec.unpack(packed)
        generation, symbols, files, blobs_stop = map(_number, counts)
        sections = tuple(_section(*row) for row in rows[:SECTION_LIMIT])
    except (CodecError, TypeError, ValueError) as failure:
        raise damaged(name, f"its table cannot be read: {failure}") from failure
    last = sections[-1] if sections else Section("", blobs_stop, 0, 0)
    if last.offset + last.length != offset:
        raise damaged(name, "its table does not follow its sections")
    return Table(generation, symbols, files, blobs_stop, sections), digest.hex()


def read_sections(name: str, view: memoryview, table: Table) -> dict[str, memoryview]:
    """Every section's bytes, verified; they follow each other without a gap.

    Raises:
        CorruptionError: one lies outside, or is not what was written.
    """
    found: dict[str, memoryview] = {}
    stop = table.blobs_stop
    limit = len(view) - TRAILER_BYTES
    if not HEADER_BYTES <= stop <= limit:
        raise damaged(name, "its facts lie outside")
    for section_name, offset, length, checksum in table.sections:
        part = f"section {section_name} of {name}"
        if offset != stop + -stop % ALIGNMENT or length > limit - offset:
            raise damaged(part, "it lies outside, or not in its place")
        data = view[offset : offset + length]
        if any(view[stop:offset]) or xxhash.xxh3_64_intdigest(data) != checksum:
            raise damaged(part, "it does not match its checksum")
        found[section_name] = data
        stop = offset + length
    missing = [one for one in BLOB_SECTIONS if one not in found]
    if missing:
        raise damaged(name, f"its section {missing[0]} is missing")
    return found


def damaged(part: str, reason: str) -> CorruptionError:
    """The error that says so, to be raised by the caller."""
    return CorruptionError(f"{part} is damaged: {reason}", part=part, reason=reason)


def _section(name: object, *numbers: object) -> Section:
    if type(name) is not str:
        raise TypeError("a section without a name")
    return Section(name[:40], *map(_number, numbers))


def _number(given: object) -> int:
    if type(given) is not int or given < 0:
        raise TypeError("a number is missing")
    return given


def _with_sum(data: bytes) -> bytes:
    return data + _SUM.pack(xxhash.xxh3_64_intdigest(data))
