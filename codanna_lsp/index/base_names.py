"""The files of columns by the last part of their paths.

Invariant: made when first asked for, out of the paths alone; a few bytes a file.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from zlib import crc32

from codanna_lsp.index.name_table.names import encode

_ROW_BITS = 32
_ROW = (1 << _ROW_BITS) - 1


class BaseNames:
    """Rows of files under the checksum of their paths' last part, in order."""

    __slots__ = ("_keys",)

    def __init__(self, paths: Sequence[str]) -> None:
        """paths: of all files, by their rows."""
        self._keys = array(
            "Q", sorted(_key(path) | row for row, path in enumerate(paths))
        )

    def rows(self, base_name: str) -> Iterator[int]:
        """The rows of the files that may be called so, ascending; few others."""
        keys, wanted = self._keys, _key(base_name)
        at = bisect_left(keys, wanted)
        while at < len(keys) and keys[at] <= wanted | _ROW:
            yield keys[at] & _ROW
            at += 1


def _key(path: str) -> int:
    return crc32(encode(path[path.rfind("/") + 1 :])) << _ROW_BITS
