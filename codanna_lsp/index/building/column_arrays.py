"""Columns out of arrays of symbols, in bulk: for many symbols, and for merging.

Invariant: `column_build` makes the same bytes out of the same records.
Invariant: a row never becomes a Python object, but for names that are not ASCII and
for files.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.index.building.column_build import (
    file_sections,
    packed_texts,
    record_texts,
)
from codanna_lsp.index.building.symbol_arrays import (
    SymbolArrays,
    collect,
    taken_apart,
    with_files,
)
from codanna_lsp.index.column_sections import RANK_COUNT, SCOPED, TYPE_CODES
from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.masks import MASKED_NAMES
from codanna_lsp.index.name_table.name_arrays import bit_rows, describe_names
from codanna_lsp.index.name_table.text_arrays import (
    Texts,
    gathered,
    offsets_of,
    sorted_texts,
)
from codanna_lsp.index.rank import MAX_DEPTH, RANKS
from codanna_lsp.model.facts import FileRecord

_RANK_TABLE = np.frombuffer(RANKS, np.uint8)
_KNOWN_KINDS = len(RANKS) // (256 * (MAX_DEPTH + 1))


def build_in_bulk(records: Iterable[FileRecord]) -> Columns:
    """Columns of records that come by path; their facts are not kept.

    Raises:
        CodecError: facts that do not decode.
    """
    kept: list[FileRecord] = []

    def facts() -> Iterable[bytes]:
        for record in records:
            kept.append(record._replace(facts=b""))
            yield record.facts

    return assembled(collect(facts()), kept)


def merge_in_bulk(
    base: Columns, removed_paths: Collection[str], records: Sequence[FileRecord]
) -> Columns:
    """See `columns.merge`."""
    records = sorted(records, key=lambda record: record.path)
    hidden = {*removed_paths, *(record.path for record in records)}
    old = list(base.records())
    entries = [
        (record.path, file, record)
        for file, record in enumerate(old)
        if record.path not in hidden
    ]
    entries += (
        (record.path, len(old) + place, record._replace(facts=b""))
        for place, record in enumerate(records)
    )
    entries.sort(key=lambda entry: entry[0])
    symbols = with_files(
        taken_apart(base),
        collect(record.facts for record in records),
        np.array([file for _path, file, _record in entries], np.int64),
    )
    return assembled(symbols, [record for _path, _file, record in entries])


def assembled(symbols: SymbolArrays, records: Sequence[FileRecord]) -> Columns:
    """Columns of symbols whose files are the records, by path, without facts."""
    used = np.unique(symbols.scopes)
    rows: list[int] = used.tolist()
    scope_texts = {symbols.scope_texts[row - 1] for row in rows if row}
    texts = sorted(scope_texts.union(*(record_texts(record) for record in records)))
    row_of_text = {text: row for row, text in enumerate(texts)}
    sections: dict[str, bytes | memoryview] = {}
    sections["texts"], sections["text_offsets"] = packed_texts(texts)
    sections |= file_sections(records, row_of_text)
    arrays = _scope_arrays(symbols, row_of_text)
    arrays |= _name_arrays(symbols)
    arrays |= {
        "file_first": symbols.file_first.astype(np.uint32),
        "kinds": symbols.kinds,
        "flags": symbols.flags,
        "lines": symbols.lines,
        "columns": symbols.columns,
        "widths": symbols.widths,
    }
    sections |= {name: _bytes(column) for name, column in arrays.items()}
    return Columns.from_sections({name: sections[name] for name in TYPE_CODES})


def _bytes(column: NDArray[Any]) -> memoryview:
    return memoryview(np.ascontiguousarray(column).view(np.uint8).data)


def _scope_arrays(
    symbols: SymbolArrays, row_of_text: dict[str, int]
) -> dict[str, NDArray[Any]]:
    rows = np.array(
        [0, *(row_of_text.get(text, 0) for text in symbols.scope_texts)], np.uint64
    )
    scoped = symbols.scopes > 0
    pairs, numbers = np.unique(
        symbols.enclosing[scoped].astype(np.uint64) << np.uint64(32)
        | rows[symbols.scopes[scoped]],
        return_inverse=True,
    )
    containers = symbols.enclosing.copy()
    containers[scoped] = numbers.astype(np.uint32) | np.uint32(SCOPED)
    return {
        "containers": containers,
        "scope_containers": (pairs >> np.uint64(32)).astype(np.uint32),
        "scope_texts": (pairs & np.uint64(0xFFFF_FFFF)).astype(np.uint32),
    }


def _name_arrays(symbols: SymbolArrays) -> dict[str, NDArray[Any]]:
    """The table of names: distinct ones by text first, then put in their order."""
    ranks = _ranks(symbols)
    names, symbol_names = _distinct_names(symbols)
    best = np.full(names.rows, RANK_COUNT - 1, np.uint8)
    np.minimum.at(best, symbol_names, ranks)
    masked = names.rows >= MASKED_NAMES
    known = describe_names(names, masked=masked)
    folded = sorted_texts(known.folded).group
    acronyms = sorted_texts(known.acronyms).group
    nothing = known.folded._replace(data=known.folded.data[:0])
    known = known._replace(folded=nothing, acronyms=nothing)  # not needed any more
    # Names stand by text now, and equal keys keep their order.
    order = np.argsort(
        best.astype(np.uint64) << np.uint64(56)
        | np.minimum(known.lengths, (1 << 24) - 1).astype(np.uint64) << np.uint64(32)
        | folded.astype(np.uint64),
        kind="stable",
    )
    row = np.empty_like(order)
    row[order] = np.arange(len(order))
    in_order = gathered(names, order)
    masks_order = order if masked else order[:0]
    return {
        "names": in_order.data,
        "name_offsets": in_order.offsets.astype(np.uint32),
        "rank_first": offsets_of(
            np.bincount(best, minlength=RANK_COUNT).astype(np.int64)
        ).astype(np.uint32),
        "folded_order": np.argsort(folded[order], kind="stable").astype(np.uint32),
        "acronym_order": np.argsort(acronyms[order], kind="stable").astype(np.uint32),
        "letters": bit_rows(known.letters[masks_order]),
        "heads": bit_rows(known.heads[masks_order]),
        "bigrams": bit_rows(known.bigrams[masks_order]),
        "more_bigrams": bit_rows(known.more_bigrams[masks_order]),
        **_symbols_of_names(symbols, row[symbol_names], ranks, name_count=len(order)),
    }


def _distinct_names(symbols: SymbolArrays) -> tuple[Texts, NDArray[np.int64]]:
    """The distinct names that symbols bear, by text, and each symbol's among them."""
    candidates = symbols.candidates
    group = sorted_texts(candidates).group
    used, names = np.unique(group[symbols.names], return_inverse=True)
    row_of_group = np.zeros(candidates.rows, np.int64)
    row_of_group[group] = np.arange(candidates.rows)
    return gathered(candidates, row_of_group[used]), names


def _ranks(symbols: SymbolArrays) -> NDArray[np.uint8]:
    """Static ranks: `rank.static_rank` with the depth that `Columns.depth` tells."""
    first = np.repeat(symbols.file_first[:-1], np.diff(symbols.file_first))
    outer = np.where(
        symbols.enclosing > 0, first + symbols.enclosing.astype(np.int64) - 1, -1
    )
    own = (symbols.scopes > 0).astype(np.uint8)
    depths = own.copy()
    for _level in range(MAX_DEPTH):
        inner = outer >= 0
        depths[inner] = np.minimum(depths[outer[inner]] + 1 + own[inner], MAX_DEPTH)
    kinds = np.where(symbols.kinds < _KNOWN_KINDS, symbols.kinds, 0).astype(np.int64)
    cells = (kinds << 8 | symbols.flags) * (MAX_DEPTH + 1) + depths
    ranks: NDArray[np.uint8] = _RANK_TABLE[cells]
    return ranks


def _symbols_of_names(
    symbols: SymbolArrays,
    names: NDArray[np.int64],
    ranks: NDArray[np.uint8],
    *,
    name_count: int,
) -> dict[str, NDArray[Any]]:
    files = np.repeat(
        np.arange(len(symbols.file_first) - 1, dtype=np.uint64),
        np.diff(symbols.file_first),
    )
    order = np.argsort(symbols.columns, kind="stable")
    places = files << np.uint64(32) | symbols.lines
    order = order[np.argsort(places[order], kind="stable")]
    keys = names << 8 | ranks
    order = order[np.argsort(keys[order], kind="stable")]
    counts = np.bincount(names, minlength=name_count).astype(np.int64)
    return {
        "symbol_names": names.astype(np.uint32),
        "name_first": offsets_of(counts).astype(np.uint32),
        "name_symbols": order.astype(np.uint32),
    }
