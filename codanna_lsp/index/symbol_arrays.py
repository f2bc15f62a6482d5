"""The symbols of many files as arrays, before their names are put in order.

Invariant: a file's symbols are contiguous, and files stand in the order of their paths.
"""

from array import array
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.index.codec import unpack_outline
from codanna_lsp.index.column_sections import SATURATED_COLUMN, SATURATED_WIDTH, SCOPED
from codanna_lsp.index.columns import Columns
from codanna_lsp.index.names import encode
from codanna_lsp.index.text_arrays import Texts, joined, offsets_of, texts_of

_Number = TypeVar("_Number", bound=np.generic)


class SymbolArrays(NamedTuple):
    """Symbols file by file.

    candidates: the texts of names, in any order, perhaps repeated, perhaps unused.
    names: of each symbol, a row of the candidates. enclosing: index in the file + 1,
    or 0. scopes: a row of `scope_texts` + 1, or 0. file_first: where files begin.
    """

    candidates: Texts
    names: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    lines: NDArray[np.uint32]
    columns: NDArray[np.uint16]
    widths: NDArray[np.uint8]
    enclosing: NDArray[np.uint32]
    scopes: NDArray[np.uint32]
    file_first: NDArray[np.int64]
    scope_texts: list[str]


class _Collected:
    """Symbols as they come out of outlines, in growing buffers."""

    def __init__(self) -> None:
        self.names = bytearray()
        self.sizes = array("I")
        self.kinds = bytearray()
        self.flags = bytearray()
        self.lines = array("I")
        self.columns = array("I")
        self.ends = array("I")
        self.containers = array("i")
        self.scopes: dict[int, int] = {}
        self.row_of_scope: dict[str, int] = {}
        self.first = array("Q", [0])

    def add(self, facts: bytes) -> None:
        """The symbols of one more file; b"" has none."""
        if facts:
            outline = unpack_outline(facts)
            base = len(self.kinds)
            text = encode("".join(outline.names))
            self.names += text
            sizes = list(map(len, outline.names))
            if sum(sizes) != len(text):
                sizes = [len(encode(name)) for name in outline.names]
            self.sizes.extend(sizes)
            self.kinds += outline.kinds
            self.flags += outline.flags
            self.lines += outline.lines
            self.columns += outline.columns
            self.ends += outline.end_columns
            self.containers += outline.containers
            for row, scope in outline.scopes.items():
                known = self.row_of_scope.setdefault(scope, len(self.row_of_scope))
                self.scopes[base + row] = known + 1
        self.first.append(len(self.kinds))


def collect(facts: Iterable[bytes]) -> SymbolArrays:
    """The symbols of files whose packed facts are given by path.

    Raises:
        CodecError: facts that do not decode.
    """
    found = _Collected()
    for packed in facts:
        found.add(packed)
    sizes = np.frombuffer(found.sizes, np.uint32).astype(np.int64)
    columns = np.frombuffer(found.columns, np.uint32)
    widths = np.frombuffer(found.ends, np.uint32).astype(np.int64) - columns
    widths = np.where(widths == sizes, 0, np.clip(widths, 0, SATURATED_WIDTH))
    scopes = np.zeros(len(sizes), np.uint32)
    scopes[list(found.scopes)] = list(found.scopes.values())
    return SymbolArrays(
        candidates=texts_of(bytes(found.names), offsets_of(sizes)),
        names=np.arange(len(sizes)),
        kinds=np.frombuffer(found.kinds, np.uint8),
        flags=np.frombuffer(found.flags, np.uint8),
        lines=np.frombuffer(found.lines, np.uint32),
        columns=np.minimum(columns, SATURATED_COLUMN).astype(np.uint16),
        widths=widths.astype(np.uint8),
        enclosing=(np.frombuffer(found.containers, np.int32) + 1).astype(np.uint32),
        scopes=scopes,
        file_first=np.frombuffer(found.first, np.uint64).astype(np.int64),
        scope_texts=list(found.row_of_scope),
    )


def taken_apart(base: Columns) -> SymbolArrays:
    """The symbols of columns.

    Raises:
        CorruptionError: numbers of the columns point outside.
    """
    containers = np.frombuffer(base.containers, np.uint32)
    scope_containers = np.frombuffer(base.scope_containers, np.uint32)
    scope_texts = np.frombuffer(base.scope_texts, np.uint32)
    names = np.frombuffer(base.symbol_names, np.uint32).astype(np.int64)
    scoped = (containers & SCOPED) != 0
    rows = containers[scoped] & ~np.uint32(SCOPED)
    text_count = len(base.text_offsets) - 1
    name_offsets = np.frombuffer(base.name_offsets, np.uint32).astype(np.int64)
    first = np.frombuffer(base.file_first, np.uint32).astype(np.int64)
    if (
        (len(rows) and int(rows.max()) >= len(scope_containers))
        or (len(scope_texts) and int(scope_texts.max()) >= text_count)
        or (len(names) and int(names.max()) >= base.name_count)
        or bool((np.diff(name_offsets) < 0).any())
        or bool((np.diff(first) < 0).any())
    ):
        raise base.damaged("numbers of the symbols point outside")
    enclosing, scopes = containers.copy(), np.zeros(len(containers), np.uint32)
    enclosing[scoped] = scope_containers[rows]
    scopes[scoped] = scope_texts[rows] + 1
    return SymbolArrays(
        candidates=texts_of(base.names, name_offsets),
        names=names,
        kinds=np.frombuffer(base.kinds, np.uint8),
        flags=np.frombuffer(base.flags, np.uint8),
        lines=np.frombuffer(base.lines, np.uint32),
        columns=np.frombuffer(base.columns, np.uint16),
        widths=np.frombuffer(base.widths, np.uint8),
        enclosing=enclosing,
        scopes=scopes,
        file_first=first,
        scope_texts=[base.text(row) for row in range(text_count)],
    )


def with_files(
    first: SymbolArrays, second: SymbolArrays, files: NDArray[np.int64]
) -> SymbolArrays:
    """The symbols of the given files, which count through both arrays' files."""
    starts = np.concatenate(
        (first.file_first[:-1], second.file_first[:-1] + len(first.names))
    )[files]
    counts = np.concatenate((np.diff(first.file_first), np.diff(second.file_first)))[
        files
    ]
    file_first = offsets_of(counts)
    rows = np.arange(int(file_first[-1])) + np.repeat(starts - file_first[:-1], counts)
    scopes = np.where(
        second.scopes > 0, second.scopes + len(first.scope_texts), 0
    ).astype(np.uint32)

    def both(left: NDArray[_Number], right: NDArray[_Number]) -> NDArray[_Number]:
        return np.concatenate((left, right))[rows]

    return SymbolArrays(
        candidates=joined(first.candidates, second.candidates),
        names=both(first.names, second.names + first.candidates.rows),
        kinds=both(first.kinds, second.kinds),
        flags=both(first.flags, second.flags),
        lines=both(first.lines, second.lines),
        columns=both(first.columns, second.columns),
        widths=both(first.widths, second.widths),
        enclosing=both(first.enclosing, second.enclosing),
        scopes=both(first.scopes, scopes),
        file_first=file_first,
        scope_texts=first.scope_texts + second.scope_texts,
    )
