"""What an answer shows of its symbols, read column by column out of the index."""

from collections.abc import Iterable
from operator import itemgetter, sub
from typing import Any

from codanna_lsp.index.column_sections import SATURATED_WIDTH, SCOPED
from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.names import encode
from codanna_lsp.queries.symbol_hits import Hit


def places_of(hits: list[Hit]) -> tuple[Iterable[Any], ...]:
    """Of hits in one part, not none: the fields of a SymbolMatch up to `index`, each
    for all of them.

    Raises:
        CorruptionError: the columns are damaged.
    """
    columns = hits[0].part.columns
    _tiers, _ranks, _parts, symbols, files, names = zip(*hits, strict=True)
    try:
        starts = _read(columns.columns, symbols)
        widths = _read(columns.widths, symbols)
        firsts = _read(columns.file_first, files)
        numbers = _read(columns.containers, symbols)
        kinds = _read(columns.kinds, symbols)
        flags = _read(columns.flags, symbols)
        lines = _read(columns.lines, symbols)
        spoken = _read(columns.file_language, files)
        containers = [
            _containers(columns, symbol, first, number) if number else ()
            for symbol, first, number in zip(symbols, firsts, numbers, strict=True)
        ]
    except IndexError:
        raise columns.damaged("a symbol lies outside") from None
    sizes = [len(name) if name.isascii() else len(encode(name)) for name in names]
    ends = [
        start + (width if 0 < width < SATURATED_WIDTH else size)
        for start, width, size in zip(starts, widths, sizes, strict=True)
    ]
    distinct = list(set(files))
    paths = dict(zip(distinct, columns.paths_at(distinct), strict=False))
    if len(paths) != len(distinct):
        raise columns.damaged("a text's offsets lie outside")
    languages = {text: columns.text(text) for text in set(spoken)}
    return (
        names,
        kinds,
        flags,
        containers,
        map(languages.__getitem__, spoken),
        map(paths.__getitem__, files),
        lines,
        starts,
        ends,
        map(sub, symbols, firsts),
    )


def _read(column: "memoryview[int]", rows: tuple[int, ...]) -> tuple[int, ...]:
    if len(rows) == 1:
        return (column[rows[0]],)
    values: tuple[int, ...] = itemgetter(*rows)(column)
    return values


def _containers(
    columns: Columns, symbol: int, first: int, number: int
) -> tuple[str, ...]:
    if number & SCOPED or columns.containers[first + number - 1]:
        return columns.container_names(symbol, first)
    if number > symbol - first:
        raise columns.damaged("a container does not stand before its symbol")
    return (columns.symbol_name(first + number - 1),)
