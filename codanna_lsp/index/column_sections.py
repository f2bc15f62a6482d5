"""The sections of columns: their names, types and lengths.

Sections, all little-endian; n files sorted by path, the symbols of a file contiguous
and in its own order:

    texts, text_offsets u32     sorted distinct texts: languages, extractors, reasons,
                                scopes
    paths, path_offsets u32     file_first u32 (n+1: first symbol)
    file_language, file_extractor, file_reason u32: texts
    file_size u64, file_mtime i64, file_indexed i64, file_digests 16 bytes a file
                                (zeros: never read)
    symbol_names u32            kinds u8, flags u8, lines u32
    columns u16, widths u8      saturating; a width of 0 is the name's own length. The
                                packed facts tell the truth where they saturate.
    containers u32              0: none; index in the file + 1; or, with the high bit,
                                a row of scope_containers u32, scope_texts u32
    names, name_offsets u32     distinct names in the order (best static rank of their
                                symbols, length, folded, name): any scan in this order
                                may stop as soon as it has enough
    rank_first u32 (257)        first name of each rank
    folded_order u32            names by (folded, row)
    acronym_order u32           names by (acronym, row)
    name_first u32, name_symbols u32    the symbols of each name, by (rank, file, line,
                                column, row)
    letters, heads, bigrams, more_bigrams u64    the names' masks (`index.masks`) bit
                                by bit: 64 rows of a bit a name, each filled up to
                                whole numbers; empty where there are few names
"""

from collections.abc import Mapping
from typing import Literal

SCOPED = 1 << 31  # marks a container that is a row of the scopes
SATURATED_COLUMN = (1 << 16) - 1
SATURATED_WIDTH = (1 << 8) - 1
DIGEST_BYTES = 16
RANK_COUNT = 256
MASK_BITS = 64

TypeCode = Literal["B", "H", "I", "Q", "q"]
TYPE_CODES: dict[str, TypeCode] = {
    "texts": "B",
    "text_offsets": "I",
    "paths": "B",
    "path_offsets": "I",
    "file_first": "I",
    "file_language": "I",
    "file_extractor": "I",
    "file_reason": "I",
    "file_size": "Q",
    "file_mtime": "q",
    "file_indexed": "q",
    "file_digests": "B",
    "symbol_names": "I",
    "kinds": "B",
    "flags": "B",
    "lines": "I",
    "columns": "H",
    "widths": "B",
    "containers": "I",
    "scope_containers": "I",
    "scope_texts": "I",
    "names": "B",
    "name_offsets": "I",
    "rank_first": "I",
    "folded_order": "I",
    "acronym_order": "I",
    "name_first": "I",
    "name_symbols": "I",
    "letters": "Q",
    "heads": "Q",
    "bigrams": "Q",
    "more_bigrams": "Q",
}
_OFFSETS = {  # a column of offsets: what it points into
    "text_offsets": "texts",
    "path_offsets": "paths",
    "file_first": "symbol_names",
    "name_offsets": "names",
    "name_first": "name_symbols",
}
_SAME_LENGTH = (  # columns that have one value a row, by what their rows are
    (
        ("file_language", 1),
        ("file_extractor", 1),
        ("file_reason", 1),
        ("file_size", 1),
        ("file_mtime", 1),
        ("file_indexed", 1),
        ("file_digests", DIGEST_BYTES),
    ),
    (
        ("symbol_names", 1),
        ("kinds", 1),
        ("flags", 1),
        ("lines", 1),
        ("columns", 1),
        ("widths", 1),
        ("containers", 1),
        ("name_symbols", 1),
    ),
    (("scope_containers", 1), ("scope_texts", 1)),
    (("folded_order", 1), ("acronym_order", 1)),
    (("letters", 1), ("heads", 1), ("bigrams", 1), ("more_bigrams", 1)),
)


def mask_words(names: int) -> int:
    """The u64 of one row of a section of masks."""
    return -(-names // 64)


def wrong_lengths(sections: "Mapping[str, memoryview[int]]") -> str:
    """What is wrong with the lengths of the sections, "" when they fit together."""
    for offsets, target in _OFFSETS.items():
        column = sections[offsets]
        if not len(column) or column[0] or column[-1] != len(sections[target]):
            return f"section {offsets} does not fit {target}"
    for rows in _SAME_LENGTH:
        counts = {len(sections[name]) / per for name, per in rows}
        if len(counts) != 1 or not counts.pop().is_integer():
            return f"sections like {rows[0][0]} differ in length"
    files, names = len(sections["file_size"]), len(sections["folded_order"])
    ranks = sections["rank_first"]
    fit = (
        len(sections["path_offsets"]) == len(sections["file_first"]) == files + 1
        and len(sections["name_offsets"]) == len(sections["name_first"]) == names + 1
        and len(ranks) == RANK_COUNT + 1
        and ranks[RANK_COUNT] == names
        and len(sections["letters"]) in (0, MASK_BITS * mask_words(names))
    )
    return "" if fit else "the sections' lengths contradict each other"
