"""Names in bulk: folded, counted, their word heads, acronyms and masks.

Names of ASCII only, nearly all, are worked on as one array of bytes; the others one by
one through `index.names` and `index.masks`, which define what is right.

Invariant: temporaries are bounded by a chunk of names.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.index.column_sections import MASK_BITS, mask_words
from codanna_lsp.index.name_table.masks import (
    BIGRAM_FACTORS,
    TWICE,
    byte_bit,
    name_masks,
)
from codanna_lsp.index.name_table.names import acronym, decode, encode, fold
from codanna_lsp.index.name_table.text_arrays import Texts, offsets_of

CHUNK_BYTES = 1 << 20
_CHUNK_MASKS = 1 << 16

_CODES = np.arange(256)
_IS_UPPER = (ord("A") <= _CODES) & (ord("Z") >= _CODES)
_IS_LOWER = (ord("a") <= _CODES) & (ord("z") >= _CODES)
_IS_DIGIT = (ord("0") <= _CODES) & (ord("9") >= _CODES)
_IS_WORD = _IS_UPPER | _IS_LOWER | _IS_DIGIT
_LOWER = np.where(_IS_UPPER, _CODES + 32, _CODES).astype(np.uint8)
_BIT = np.array([1 << byte_bit(byte) for byte in range(256)], np.uint64)
_PAIRS = np.arange(1 << 16, dtype=np.uint64)
_FIRST_BIT = ((_PAIRS * BIGRAM_FACTORS[0] & 0xFFFF_FFFF) >> 26).astype(np.uint8)
_SECOND_BIT = ((_PAIRS * BIGRAM_FACTORS[1] & 0xFFFF_FFFF) >> 26).astype(np.uint8)
_ONE = np.uint64(1)


class NameArrays(NamedTuple):
    """What is known of each name, row by row. lengths: in code points. The masks are
    empty where they were not asked for.
    """

    folded: Texts
    acronyms: Texts
    lengths: NDArray[np.int64]
    letters: NDArray[np.uint64]
    heads: NDArray[np.uint64]
    bigrams: NDArray[np.uint64]
    more_bigrams: NDArray[np.uint64]


def describe_names(names: Texts, *, masked: bool) -> NameArrays:
    """Fold, count and, if asked for, mask all names."""
    chunks = [
        _describe_chunk(Texts(names.data[start:stop], offsets), masked=masked)
        for start, stop, offsets in _chunks(names)
    ]
    if not chunks:
        chunks = [_describe_chunk(names, masked=masked)]
    return NameArrays(
        _concatenated([chunk.folded for chunk in chunks]),
        _concatenated([chunk.acronyms for chunk in chunks]),
        *(np.concatenate(column) for column in list(zip(*chunks, strict=True))[2:]),
    )


def bit_rows(masks: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """The masks bit by bit, as the sections hold them (`column_sections`)."""
    rows = np.zeros((MASK_BITS, mask_words(len(masks)) * 8), np.uint8)
    for low in range(0, len(masks), _CHUNK_MASKS):
        some = masks[low : low + _CHUNK_MASKS].astype("<u8").view(np.uint8)
        bits = np.unpackbits(some.reshape(-1, 8), axis=1, bitorder="little")
        packed = np.packbits(bits, axis=0, bitorder="little").T
        rows[:, low // 8 : low // 8 + packed.shape[1]] = packed
    return rows.reshape(-1)


def _chunks(names: Texts) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    marks = np.arange(0, int(names.offsets[-1]) + CHUNK_BYTES, CHUNK_BYTES)
    cuts = np.unique(np.append(np.searchsorted(names.offsets, marks), names.rows))
    cuts = cuts[cuts <= names.rows]
    for low, high in pairwise(cuts.tolist()):
        offsets = names.offsets[low : high + 1]
        yield int(offsets[0]), int(offsets[-1]), offsets - offsets[0]


def _concatenated(parts: list[Texts]) -> Texts:
    return Texts(
        np.concatenate([part.data for part in parts]),
        offsets_of(np.concatenate([part.sizes for part in parts])),
    )


def _describe_chunk(names: Texts, *, masked: bool) -> NameArrays:
    data = names.data
    if not len(data) or int(data.max()) < 0x80:
        return _describe_ascii(names, masked=masked)
    high = np.concatenate(([0], np.cumsum(data >= 0x80)))
    odd = np.flatnonzero(np.diff(high[names.offsets]))
    arrays = _describe_ascii(names, masked=masked)
    texts = [
        decode(data[names.offsets[row] : names.offsets[row + 1]].tobytes())
        for row in odd.tolist()
    ]
    for row, text in zip(odd.tolist(), texts, strict=True):
        arrays.lengths[row] = len(text)
        for column, mask in zip(
            arrays[3:], name_masks(text) if masked else (), strict=masked
        ):
            column[row] = mask
    return arrays._replace(
        folded=_replaced(arrays.folded, odd, [encode(fold(text)) for text in texts]),
        acronyms=_replaced(
            arrays.acronyms, odd, [encode(acronym(text)) for text in texts]
        ),
    )


def _replaced(texts: Texts, rows: NDArray[np.int64], new: list[bytes]) -> Texts:
    """The texts, with others at the given rows."""
    parts: list[bytes] = []
    sizes = texts.sizes.copy()
    at = 0
    for row, text in zip(rows.tolist(), new, strict=True):
        start, stop = int(texts.offsets[row]), int(texts.offsets[row + 1])
        parts += (texts.data[at:start].tobytes(), text)
        sizes[row] = len(text)
        at = stop
    parts.append(texts.data[at:].tobytes())
    data = np.frombuffer(b"".join(parts), np.uint8)
    return Texts(data, offsets_of(sizes))


def _describe_ascii(names: Texts, *, masked: bool) -> NameArrays:
    data, offsets = names
    folded = Texts(_LOWER[data], offsets)
    is_head = _heads(data, offsets)
    acronym_sizes = np.diff(np.concatenate(([0], np.cumsum(is_head)))[offsets])
    acronyms = Texts(folded.data[is_head], offsets_of(acronym_sizes))
    masks = [np.zeros(0, np.uint64)] * 4
    if masked:
        bits = _BIT[folded.data]
        masks = [
            _or_each(bits, offsets) | _twice(folded),
            _or_each(np.where(is_head, bits, 0), offsets) | _twice(acronyms),
            *_bigrams(folded),
        ]
    return NameArrays(folded, acronyms, names.sizes, *masks)


def _heads(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where word heads are: see `names`."""
    before = np.zeros(len(data), np.uint8)
    after = np.zeros(len(data), np.uint8)
    before[1:], after[:-1] = data[:-1], data[1:]
    inner = offsets[1:-1]
    before[inner[inner < len(data)]] = 0
    after[inner[inner > 0] - 1] = 0
    upper, digit = _IS_UPPER[data], _IS_DIGIT[data]
    return (
        (_IS_WORD[data] & ~_IS_WORD[before])
        | (digit & ~_IS_DIGIT[before])
        | (upper & (~_IS_UPPER[before] | _IS_LOWER[after]))
    )


def _bigrams(folded: Texts) -> Iterator[NDArray[np.uint64]]:
    """Both sets of neighbouring bytes."""
    data, offsets = folded
    pairs = np.zeros(len(data), np.uint16)
    pairs[:-1] = data[:-1].astype(np.uint16) << 8 | data[1:]
    inside = np.ones(len(data), bool)
    inside[offsets[1:][folded.sizes > 0] - 1] = False  # the last byte has no neighbour
    for bit in (_FIRST_BIT, _SECOND_BIT):
        bits = np.where(inside, _ONE << bit[pairs].astype(np.uint64), np.uint64(0))
        yield _or_each(bits, offsets)


def _twice(texts: Texts) -> NDArray[np.uint64]:
    """The bits of the letters that each text has twice."""
    twice = np.zeros(texts.rows, np.uint64)
    owners = np.repeat(np.arange(texts.rows, dtype=np.uint32), texts.sizes)
    for letter, bit in TWICE.items():
        having = owners[texts.data == letter]
        twice[having[1:][having[1:] == having[:-1]]] |= np.uint64(bit)
    return twice


def _or_each(
    values: NDArray[np.uint64], offsets: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """The union of each text's values; none for an empty text."""
    padded = np.append(values, np.uint64(0))
    result = (
        np.bitwise_or.reduceat(padded, offsets[:-1])
        if len(offsets) > 1
        else (np.zeros(0, np.uint64))
    )
    result[np.diff(offsets) == 0] = 0
    return result
