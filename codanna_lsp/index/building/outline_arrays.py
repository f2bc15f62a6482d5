"""Outlines of many files read at once, as arrays.

Invariant: what `codec.unpack_outline` gives file by file, with no Python object for a
symbol; and a CodecError for all that it refuses, and for a few things that it does not.
"""

import struct
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.errors import CodecError
from codanna_lsp.index.building.column_build import NO_OUTLINE
from codanna_lsp.index.codec import inflate_outline, unpack_outline
from codanna_lsp.index.name_table.names import encode
from codanna_lsp.index.packed.packing import JOINED, Unpacker

_LENGTH = struct.Struct("<I")
_TYPES: dict[int, np.dtype[np.signedinteger[Any]]] = {
    1: np.dtype("<i1"),
    2: np.dtype("<i2"),
    4: np.dtype("<i4"),
}
_COLUMNS = 6  # kinds, flags, lines, columns, widths less the names' lengths, containers
_ZEROS = np.zeros(4096, np.int8)
_LIMIT = 1 << 31


class OutlineArrays(NamedTuple):
    """The symbols of some files, one file after the other.

    names: UTF-8, without separators; sizes: bytes of each name. columns, ends: where
    a name starts and stops in its line. enclosing: index in the file + 1, or 0.
    counts: symbols of each file. scopes: by row, where not "".
    """

    names: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    lines: NDArray[np.uint32]
    columns: NDArray[np.uint32]
    ends: NDArray[np.uint32]
    enclosing: NDArray[np.uint32]
    counts: NDArray[np.int64]
    scopes: dict[int, str]


def read_outlines(facts: Iterable[bytes]) -> OutlineArrays:
    """The outlines of packed facts; b"" has none.

    Raises:
        CodecError: one cannot be read, or not in this way.
    """
    read = _Reader()
    for packed in facts:
        read.add(packed)
    counts = np.array(read.counts, np.int64)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    names, sizes, lengths = _cut(b"\n".join(read.names), len(first))
    kinds, flags, lines, columns, widths, containers = (
        np.concatenate((_ZEROS[:0], *parts), dtype=np.int64) for parts in read.ints
    )
    lines, containers = _summed(lines, first), _summed(containers, first)
    ends = columns + widths + lengths
    _check(kinds, low=0, stop=256)
    _check(flags, low=0, stop=256)
    for numbers in (lines, columns, ends):
        _check(numbers, low=0, stop=_LIMIT)
    _check(containers, low=-1, stop=np.arange(len(first)) - first)
    return OutlineArrays(
        names,
        sizes,
        kinds.astype(np.uint8),
        flags.astype(np.uint8),
        lines.astype(np.uint32),
        columns.astype(np.uint32),
        ends.astype(np.uint32),
        (containers + 1).astype(np.uint32),
        counts,
        read.scopes,
    )


def read_outlines_plainly(facts: Iterable[bytes]) -> OutlineArrays:
    """As `read_outlines`, file by file: the reference, and for what that refuses.

    Raises:
        CodecError: one cannot be read.
    """
    outlines = [unpack_outline(packed) if packed else NO_OUTLINE for packed in facts]
    names = [encode(name) for outline in outlines for name in outline.names]
    scopes: dict[int, str] = {}
    rows = 0
    for outline in outlines:
        scopes.update((rows + row, scope) for row, scope in outline.scopes.items())
        rows += len(outline.names)
    return OutlineArrays(
        np.frombuffer(b"".join(names), np.uint8),
        np.array(list(map(len, names)), np.int64),
        np.frombuffer(b"".join(outline.kinds for outline in outlines), np.uint8),
        np.frombuffer(b"".join(outline.flags for outline in outlines), np.uint8),
        _joined_numbers([outline.lines for outline in outlines]),
        _joined_numbers([outline.columns for outline in outlines]),
        _joined_numbers([outline.end_columns for outline in outlines]),
        _joined_numbers([outline.containers for outline in outlines], plus=1),
        np.array([len(outline.names) for outline in outlines], np.int64),
        scopes,
    )


def joined_arrays(parts: Sequence[OutlineArrays]) -> OutlineArrays:
    """The symbols of all parts, one after the other."""
    scopes: dict[int, str] = {}
    rows = 0
    for part in parts:
        scopes.update((rows + row, text) for row, text in part.scopes.items())
        rows += len(part.sizes)
    names, sizes, kinds, flags, lines, columns, ends, enclosing, counts, _scopes = zip(
        *parts, strict=True
    )
    return OutlineArrays(
        np.concatenate(names),
        np.concatenate(sizes),
        np.concatenate(kinds),
        np.concatenate(flags),
        np.concatenate(lines),
        np.concatenate(columns),
        np.concatenate(ends),
        np.concatenate(enclosing),
        np.concatenate(counts),
        scopes,
    )


def _joined_numbers(
    columns: Sequence["array[int]"], *, plus: int = 0
) -> NDArray[np.uint32]:
    numbers = array("q", chain.from_iterable(columns))
    return (np.array(numbers, np.int64) + plus).astype(np.uint32)


class _Reader:
    """The columns as they lie in the outlines, in one list for all files."""

    def __init__(self) -> None:
        self.counts: list[int] = []
        self.names: list[bytes] = []
        self.ints: tuple[list[NDArray[np.signedinteger[Any]]], ...] = tuple(
            [] for _ in range(_COLUMNS)
        )
        self.scopes: dict[int, str] = {}
        self._rows = 0

    def add(self, packed: bytes) -> None:
        """The columns of one more file."""
        count = 0
        if packed:
            plain = inflate_outline(packed)
            try:
                count = self._add(plain)
            except (struct.error, LookupError, ValueError) as error:
                raise CodecError(f"an outline cannot be read: {error}") from error
        self.counts.append(count)
        self._rows += count

    def _add(self, plain: bytes) -> int:
        length: int = _LENGTH.unpack_from(plain, 1)[0]  # of language and reason
        at: int = 5 + length
        count: int = _LENGTH.unpack_from(plain, at)[0]
        if plain[0] != JOINED:
            raise CodecError("a language or reason with line feeds")
        if count == 0:
            _check_end(plain, at + 4)
            return 0
        length = _LENGTH.unpack_from(plain, at + 5)[0]
        names = plain[at + 9 : at + 9 + length]
        if plain[at + 4] != JOINED or names.count(b"\n") != count - 1:
            raise CodecError("names with line feeds, or not as many as there are")
        self.names.append(names)
        at += 9 + length
        for column in self.ints:
            width = plain[at]
            if width:
                column.append(np.frombuffer(plain, _TYPES[width], count, at + 1))
            else:
                column.append(_ZEROS[:count] if count < 4096 else np.zeros(count, "i1"))
            at += 1 + width * count
        if plain[at : at + 4] == b"\0\0\0\0":
            _check_end(plain, at + 10)  # no rows, and the texts of none
        else:
            self._add_scopes(plain, at, count)
        return count

    def _add_scopes(self, plain: bytes, at: int, count: int) -> None:
        columns = Unpacker(plain[at:])
        scoped = columns.count(limit=count)
        rows = columns.deltas(scoped)
        if rows and not 0 <= min(rows) <= max(rows) < count:
            raise CodecError("a scope belongs to no symbol")
        texts = columns.texts(scoped)
        columns.end()
        for row, text in zip(rows, texts, strict=True):
            self.scopes[self._rows + row] = text


def _check_end(plain: bytes, end: int) -> None:
    if end != len(plain):
        raise CodecError("an outline does not end where its columns do")


def _check(
    numbers: NDArray[np.int64], *, low: int, stop: int | NDArray[np.int64]
) -> None:
    if ((numbers < low) | (numbers >= stop)).any():
        raise CodecError("a number of an outline is out of range")


def _summed(deltas: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers that were packed as differences, anew for each file."""
    if not len(deltas):
        return deltas
    sums = np.cumsum(deltas)
    return sums - (sums - deltas)[first]


def _cut(
    joined: bytes, count: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Names joined by line feeds: their bytes, and of each the bytes and characters."""
    text = np.frombuffer(joined + b"\n" * bool(count), np.uint8)
    is_end = text == ord("\n")
    ends = np.flatnonzero(is_end)
    if len(ends) != count:
        raise CodecError("an outline has the wrong number of names")
    names = text[~is_end]
    sizes = np.diff(ends, prepend=-1) - 1
    if joined.isascii():
        return names, sizes, sizes
    try:
        joined.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise CodecError("a texts column is not UTF-8") from error
    starts = np.cumsum((text & 0xC0) != 0x80)[ends]  # of characters, ends among them
    return names, sizes, np.diff(starts, prepend=0) - 1
