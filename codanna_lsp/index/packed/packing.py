"""Columns of integers and texts to bytes and back, the pieces of packed facts.

    integers   code u8 | payload      code 0: all are 0, no payload; 1, 2, 4, 8: bytes
                                      of each signed little-endian value
    texts      code u8 | length u32 | payload    code 10: UTF-8 joined by line feeds;
                                      code 11: code-point lengths (an integers column),
                                      then the UTF-8 of all texts without separators

Lone surrogates survive: UTF-8 is written and read with "surrogatepass".

Invariant: counts are told by the caller, and nothing is allocated before the bytes
that it needs are known to be there.
"""

import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import sub

from codanna_lsp.errors import CodecError

_CODE_OF_WIDTH = {1: "b", 2: "h", 4: "i", 8: "q"}
JOINED = 10
_MEASURED = 11
_LENGTH = struct.Struct("<I")
_TEXTS_HEAD = struct.Struct("<BI")
_SEPARATOR = "\n"


def pack_ints(values: Sequence[int]) -> bytes:
    """One integers column.

    Raises:
        CodecError: a value does not fit 64 bits.
    """
    if not any(values):
        return b"\0"
    try:
        small = bytes(values)
    except (ValueError, OverflowError):
        pass
    else:
        if small.isascii():  # most columns: three times as fast as an array
            return b"\1" + small
    for width, code in _CODE_OF_WIDTH.items():
        try:
            column = array(code, values)
        except OverflowError:
            continue  # asking the narrow one is faster than looking for the extremes
        if sys.byteorder == "big":
            column.byteswap()
        return bytes((width,)) + column.tobytes()
    raise CodecError("a number of the facts does not fit 64 bits")


def pack_deltas(values: Sequence[int]) -> bytes:
    """One integers column of each value minus the one before it."""
    return pack_ints((*values[:1], *map(sub, values[1:], values)))


def pack_texts(values: Sequence[str]) -> bytes:
    """One texts column."""
    joined = _SEPARATOR.join(values)
    if joined.count(_SEPARATOR) == max(len(values) - 1, 0):
        payload = joined.encode("utf-8", "surrogatepass")
        return _TEXTS_HEAD.pack(JOINED, len(payload)) + payload
    payload = "".join(values).encode("utf-8", "surrogatepass")
    lengths = pack_ints(tuple(map(len, values)))
    return _TEXTS_HEAD.pack(_MEASURED, len(payload)) + lengths + payload


class Unpacker:
    """Reads columns one after the other; raises CodecError where bytes are wrong."""

    __slots__ = ("_data", "_offset")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._offset = 0

    def count(self, *, limit: int) -> int:
        """A u32 that says how many rows follow, at most `limit`."""
        (count,) = _LENGTH.unpack(self._take(_LENGTH.size))
        if count > limit:
            raise CodecError(f"{count} rows where at most {limit} are allowed")
        return int(count)

    def ints(self, count: int) -> Sequence[int]:
        """`count` integers."""
        width = self._take(1)[0]
        if width == 0:
            return (0,) * count
        code = _CODE_OF_WIDTH.get(width)
        if code is None:
            raise CodecError(f"an integers column of unknown code {width}")
        column = array(code, self._take(count * width))
        if sys.byteorder == "big":
            column.byteswap()
        return column

    def deltas(self, count: int) -> list[int]:
        """`count` integers that were packed by `pack_deltas`."""
        return list(accumulate(self.ints(count)))

    def texts(self, count: int) -> list[str]:
        """`count` texts."""
        code, *_ = self._take(1)
        (length,) = _LENGTH.unpack(self._take(_LENGTH.size))
        if code == _MEASURED:
            return self._measured_texts(count, length)
        if code != JOINED:
            raise CodecError(f"a texts column of unknown code {code}")
        text = _decode(self._take(length))
        if count == 0 and not text:
            return []
        if text.count(_SEPARATOR) != count - 1:
            raise CodecError("a texts column has the wrong number of texts")
        return text.split(_SEPARATOR)

    def skip(self, count: int, *, ints: int = 0, texts: int = 0) -> None:
        """Pass over columns of `count` integers, then over columns of `count` texts.

        A column that lies outside is told of by whatever is read next.
        """
        data, at = self._data, self._offset
        try:
            for _ in range(ints):
                at += 1 + data[at] * count
            for _ in range(texts):
                (length,) = _LENGTH.unpack_from(data, at + 1)
                measured = data[at] == _MEASURED
                at += 1 + _LENGTH.size
                at += length + (1 + data[at] * count if measured else 0)
        except (IndexError, struct.error):
            raise CodecError("packed facts end too early") from None
        self._offset = at

    def lines(self, count: int, *, limit: int) -> str:
        """`count` texts, one a line; of those with line feeds, `limit` characters."""
        start = self._offset
        if self._data[start : start + 1] != bytes((JOINED,)):
            return _SEPARATOR.join([text[:limit] for text in self.texts(count)])
        self._offset += 1
        (length,) = _LENGTH.unpack(self._take(_LENGTH.size))
        return _decode(self._take(length))

    def end(self) -> None:
        """Nothing may follow."""
        if self._offset != len(self._data):
            raise CodecError("bytes follow the last column")

    def _measured_texts(self, count: int, length: int) -> list[str]:
        lengths = self.ints(count)
        text = _decode(self._take(length))
        if min(lengths, default=0) < 0 or sum(lengths) != len(text):
            raise CodecError("the lengths of a texts column do not add up")
        return list(_slices(text, lengths))

    def _take(self, size: int) -> bytes:
        start, stop = self._offset, self._offset + size
        if stop > len(self._data):
            raise CodecError("packed facts end too early")
        self._offset = stop
        return self._data[start:stop]


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise CodecError("a texts column is not UTF-8") from error


def _slices(text: str, lengths: Iterable[int]) -> Iterable[str]:
    start = 0
    for length in lengths:
        yield text[start : start + length]
        start += length
