"""Columns out of file records, plainly: for few symbols, and as the reference.

Invariant: `column_arrays` makes the same bytes out of the same records.
"""

import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from codanna_lsp.errors import CodecError
from codanna_lsp.index.codec import Outline, unpack_outline
from codanna_lsp.index.column_sections import (
    DIGEST_BYTES,
    RANK_COUNT,
    SATURATED_COLUMN,
    SATURATED_WIDTH,
    SCOPED,
    TYPE_CODES,
    mask_words,
)
from codanna_lsp.index.columns import Columns
from codanna_lsp.index.name_table.masks import MASKED_NAMES, Masks, name_masks
from codanna_lsp.index.name_table.names import acronym, encode, fold
from codanna_lsp.index.rank import MAX_DEPTH, static_rank
from codanna_lsp.model.facts import FileRecord

# Of each bit of a byte: the digit that it has in each byte.
_DIGITS_OF_BIT = [
    bytes(ord("0") + (byte >> bit & 1) for byte in range(256)) for bit in range(8)
]
NO_OUTLINE = Outline([], b"", b"", array("I"), array("I"), array("I"), array("i"), {})


class _Symbols(NamedTuple):
    names: list[str]
    kinds: bytearray
    flags: bytearray
    lines: "array[int]"
    columns: "array[int]"
    widths: bytearray
    containers: "array[int]"
    ranks: bytearray
    files: "array[int]"
    scopes: dict[int, tuple[int, str]]  # by row: container's number and its text


def build_plainly(records: Sequence[FileRecord]) -> Columns:
    """Columns of records with distinct paths.

    Raises:
        CodecError: facts that do not decode.
    """
    records = sorted(records, key=lambda record: record.path)
    symbols = _Symbols(
        [],
        bytearray(),
        bytearray(),
        array("I"),
        array("H"),
        bytearray(),
        array("I"),
        bytearray(),
        array("I"),
        {},
    )
    first = array("I", [0])
    for file, record in enumerate(records):
        outline = unpack_outline(record.facts) if record.facts else NO_OUTLINE
        _add_outline(symbols, outline, file)
        first.append(len(symbols.names))
    texts = sorted(
        {text for record in records for text in record_texts(record)}
        | {text for _container, text in symbols.scopes.values()}
    )
    row_of_text = {text: row for row, text in enumerate(texts)}
    sections: dict[str, bytes] = {"file_first": first.tobytes()}
    sections["texts"], sections["text_offsets"] = packed_texts(texts)
    sections |= file_sections(records, row_of_text)
    sections |= _symbol_sections(symbols, row_of_text)
    return Columns.from_sections({name: sections[name] for name in TYPE_CODES})


def file_sections(
    records: Sequence[FileRecord], row_of_text: dict[str, int]
) -> dict[str, bytes]:
    """The sections with one value a file, for records in the order of their paths."""
    paths, path_offsets = packed_texts([record.path for record in records])
    prints = [record.fingerprint for record in records]
    digests = [digest.digest or bytes(DIGEST_BYTES) for digest in prints]
    if any(len(digest) != DIGEST_BYTES for digest in digests):
        raise CodecError(f"a digest has another length than {DIGEST_BYTES} bytes")

    def texts(column: Iterable[str]) -> bytes:
        return array("I", [row_of_text[text] for text in column]).tobytes()

    return {
        "paths": paths,
        "path_offsets": path_offsets,
        "file_language": texts(record.language for record in records),
        "file_extractor": texts(record.extractor for record in records),
        "file_reason": texts(record.reason for record in records),
        "file_size": array("Q", [item.size for item in prints]).tobytes(),
        "file_mtime": _times(item.mtime_ns for item in prints),
        "file_indexed": _times(record.indexed_ns for record in records),
        "file_digests": b"".join(digests),
    }


def _times(values: Iterable[int]) -> bytes:
    # A clock outside 64 bits of nanoseconds only costs a comparison by hash.
    limit = (1 << 63) - 1
    return array("q", [max(-limit, min(value, limit)) for value in values]).tobytes()


def record_texts(record: FileRecord) -> tuple[str, str, str]:
    """The texts of a record that stand in the columns' texts."""
    return record.language, record.extractor, record.reason


def packed_texts(texts: Sequence[str]) -> tuple[bytes, bytes]:
    """The bytes of texts, and their u32 offsets."""
    packed = [encode(text) for text in texts]
    offsets = array("I", [0, *accumulate(map(len, packed))])
    return b"".join(packed), offsets.tobytes()


def _add_outline(symbols: _Symbols, outline: Outline, file: int) -> None:
    depths: list[int] = []
    base = len(symbols.names)
    for index, container in enumerate(outline.containers):
        scope = outline.scopes.get(index, "")
        depth = (depths[container] + 1 if container >= 0 else 0) + bool(scope)
        depths.append(min(depth, MAX_DEPTH))
        if scope:
            symbols.scopes[base + index] = (container + 1, scope)
        width = outline.end_columns[index] - outline.columns[index]
        natural = len(encode(outline.names[index]))
        symbols.widths.append(
            0 if width == natural else max(0, min(width, SATURATED_WIDTH))
        )
    symbols.names.extend(outline.names)
    symbols.kinds.extend(outline.kinds)
    symbols.flags.extend(outline.flags)
    symbols.lines.extend(outline.lines)
    symbols.columns.extend([min(at, SATURATED_COLUMN) for at in outline.columns])
    symbols.containers.extend([container + 1 for container in outline.containers])
    symbols.ranks.extend(map(static_rank, outline.kinds, outline.flags, depths))
    symbols.files.extend([file] * len(outline.names))


def _symbol_sections(
    symbols: _Symbols, row_of_text: dict[str, int]
) -> dict[str, bytes]:
    pairs = sorted({(at, row_of_text[text]) for at, text in symbols.scopes.values()})
    row_of_pair = {pair: row for row, pair in enumerate(pairs)}
    containers = symbols.containers
    for row, (at, text) in symbols.scopes.items():
        containers[row] = SCOPED | row_of_pair[at, row_of_text[text]]
    best: dict[str, int] = {}
    for name, rank in zip(symbols.names, symbols.ranks, strict=True):
        if rank < best.get(name, RANK_COUNT):
            best[name] = rank
    names = sorted(best, key=lambda name: (best[name], len(name), fold(name), name))
    return {
        "kinds": bytes(symbols.kinds),
        "flags": bytes(symbols.flags),
        "lines": symbols.lines.tobytes(),
        "columns": symbols.columns.tobytes(),
        "widths": bytes(symbols.widths),
        "containers": containers.tobytes(),
        "scope_containers": array("I", [at for at, _text in pairs]).tobytes(),
        "scope_texts": array("I", [text for _at, text in pairs]).tobytes(),
        **_name_sections(names, [best[name] for name in names]),
        **_name_symbol_sections(symbols, names),
    }


def _name_sections(names: list[str], ranks: list[int]) -> dict[str, bytes]:
    packed, offsets = packed_texts(names)
    counts = [0] * RANK_COUNT
    for rank in ranks:
        counts[rank] += 1
    rows = range(len(names))
    folded = [fold(name) for name in names]
    acronyms = [acronym(name) for name in names]
    return {
        "names": packed,
        "name_offsets": offsets,
        "rank_first": array("I", [0, *accumulate(counts)]).tobytes(),
        "folded_order": array("I", sorted(rows, key=folded.__getitem__)).tobytes(),
        "acronym_order": array("I", sorted(rows, key=acronyms.__getitem__)).tobytes(),
        **_mask_sections(names),
    }


def _mask_sections(names: list[str]) -> dict[str, bytes]:
    rows = map(name_masks, names) if len(names) >= MASKED_NAMES else ()
    columns = zip(*rows, strict=True) if rows else ((),) * len(Masks._fields)
    return {
        section: _bit_rows(array("Q", column))
        for section, column in zip(Masks._fields, columns, strict=True)
    }


def _bit_rows(masks: "array[int]") -> bytes:
    """The masks bit by bit."""
    if not masks:
        return b""
    if sys.byteorder == "big":
        masks.byteswap()
    data, size = masks.tobytes(), mask_words(len(masks)) * 8
    planes = (data[place::8][::-1] for place in range(8))
    return b"".join(
        int(plane.translate(digits), 2).to_bytes(size, "little")
        for plane in planes
        for digits in _DIGITS_OF_BIT
    )


def _name_symbol_sections(symbols: _Symbols, names: list[str]) -> dict[str, bytes]:
    row_of_name = {name: row for row, name in enumerate(names)}
    ids = array("I", [row_of_name[name] for name in symbols.names])
    order = sorted(
        range(len(ids)),
        key=lambda row: (
            ids[row],
            symbols.ranks[row],
            symbols.files[row],
            symbols.lines[row],
            symbols.columns[row],
            row,
        ),
    )
    counts = [0] * len(names)
    for name in ids:
        counts[name] += 1
    return {
        "symbol_names": ids.tobytes(),
        "name_first": array("I", [0, *accumulate(counts)]).tobytes(),
        "name_symbols": array("I", order).tobytes(),
    }
