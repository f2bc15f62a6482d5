"""The symbols of many files as arrays, before their names are put in order.

Invariant: a file's symbols are contiguous, and files stand in the order of their paths.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.errors import CodecError
from codanna_lsp.index.building.outline_arrays import (
    OutlineArrays,
    joined_arrays,
    read_outlines,
    read_outlines_plainly,
)
from codanna_lsp.index.column_sections import SATURATED_COLUMN, SATURATED_WIDTH, SCOPED
from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.text_arrays import Texts, joined, offsets_of, texts_of

CHUNK_FILES = 1024  # whose outlines are in memory at once

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


def collect(facts: Iterable[bytes]) -> SymbolArrays:
    """The symbols of files whose packed facts are given by path.

    Raises:
        CodecError: facts that do not decode.
    """
    outlines = joined_arrays([_read(some) for some in _chunks(facts)])
    sizes, columns = outlines.sizes, outlines.columns
    widths = outlines.ends.astype(np.int64) - columns
    widths = np.where(widths == sizes, 0, np.clip(widths, 0, SATURATED_WIDTH))
    row_of_scope: dict[str, int] = {}
    scopes = np.zeros(len(sizes), np.uint32)
    scopes[list(outlines.scopes)] = [
        row_of_scope.setdefault(scope, len(row_of_scope)) + 1
        for scope in outlines.scopes.values()
    ]
    return SymbolArrays(
        candidates=Texts(outlines.names, offsets_of(sizes)),
        names=np.arange(len(sizes)),
        kinds=outlines.kinds,
        flags=outlines.flags,
        lines=outlines.lines,
        columns=np.minimum(columns, SATURATED_COLUMN).astype(np.uint16),
        widths=widths.astype(np.uint8),
        enclosing=outlines.enclosing,
        scopes=scopes,
        file_first=offsets_of(outlines.counts),
        scope_texts=list(row_of_scope),
    )


def _chunks(facts: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Some files' facts at a time, and at least once."""
    left = iter(facts)
    yield list(islice(left, CHUNK_FILES))
    while some := list(islice(left, CHUNK_FILES)):
        yield some


def _read(facts: list[bytes]) -> OutlineArrays:
    try:
        return read_outlines(facts)
    except CodecError:
        return read_outlines_plainly(facts)  # what is odd, or the error in its words


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
