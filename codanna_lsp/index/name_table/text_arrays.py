"""Many texts as one array of bytes with offsets: cut, gathered and sorted in bulk.

Invariant: temporaries are bounded by `CHUNK_TEXTS` texts, but for a few numbers a text.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CHUNK_TEXTS = 100_000
_KEY_BYTES = 7


class Texts(NamedTuple):
    """Text i is the UTF-8 in data[offsets[i] : offsets[i + 1]]."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @property
    def rows(self) -> int:
        """How many texts there are."""
        return len(self.offsets) - 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes of each text."""
        return np.diff(self.offsets)


class Sorted(NamedTuple):
    """order: rows by text, equal ones in their own order. group: of each row, the
    number of distinct texts before its own.
    """

    order: NDArray[np.int64]
    group: NDArray[np.int64]


def texts_of(data: bytes | memoryview, offsets: NDArray[np.int64]) -> Texts:
    """Texts over some bytes."""
    return Texts(np.frombuffer(data, np.uint8), offsets)


def offsets_of(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where texts of these sizes begin, and where the last one ends."""
    offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def joined(first: Texts, second: Texts) -> Texts:
    """The texts of both, one after the other."""
    return Texts(
        np.concatenate((first.data, second.data)),
        np.concatenate((first.offsets, second.offsets[1:] + first.offsets[-1])),
    )


def gathered(texts: Texts, rows: NDArray[np.int64]) -> Texts:
    """The texts at the given rows, in that order."""
    starts = texts.offsets[rows]
    sizes = texts.offsets[rows + 1] - starts
    offsets = offsets_of(sizes)
    data = np.empty(int(offsets[-1]), np.uint8)
    for low in range(0, len(rows), CHUNK_TEXTS):
        high = min(low + CHUNK_TEXTS, len(rows))
        begin, end = int(offsets[low]), int(offsets[high])
        shift = np.repeat(starts[low:high] - offsets[low:high], sizes[low:high])
        data[begin:end] = texts.data[np.arange(begin, end) + shift]
    return Texts(data, offsets)


def sorted_texts(texts: Texts) -> Sorted:
    """Sort texts by their bytes, seven bytes at a time, looking further only where
    texts are still equal.
    """
    count = texts.rows
    order = np.arange(count)
    # Of each place in the order: where the run of texts equal so far begins.
    run = np.zeros(count, np.int64)
    open_places = order.copy()
    depth = 0
    while len(open_places):
        rows = order[open_places]
        keys = _keys(texts, rows, depth)
        _sort_runs(order, run, open_places, keys)
        depth += _KEY_BYTES
        open_places = _still_open(texts, order, run, depth)
    distinct = np.cumsum(run == np.arange(count)) - 1
    group = np.empty(count, np.int64)
    group[order] = distinct
    return Sorted(order, group)


def _keys(texts: Texts, rows: NDArray[np.int64], depth: int) -> NDArray[np.uint64]:
    """Seven bytes of each text from `depth` on, then how many are left, at most 8."""
    keys = np.empty(len(rows), np.uint64)
    limit = max(len(texts.data) - 1, 0)
    data = texts.data if len(texts.data) else np.zeros(1, np.uint8)
    for low in range(0, len(rows), CHUNK_TEXTS):
        chunk = rows[low : low + CHUNK_TEXTS]
        starts = texts.offsets[chunk] + depth
        left = np.clip(texts.offsets[chunk + 1] - starts, 0, _KEY_BYTES + 1)
        cells = np.zeros((len(chunk), _KEY_BYTES + 1), np.uint8)
        for column in range(_KEY_BYTES):
            there = data[np.minimum(starts + column, limit)]
            cells[:, column] = np.where(left > column, there, 0)
        cells[:, _KEY_BYTES] = left
        keys[low : low + len(chunk)] = cells.view(">u8").ravel()
    return keys


def _sort_runs(
    order: NDArray[np.int64],
    run: NDArray[np.int64],
    places: NDArray[np.int64],
    keys: NDArray[np.uint64],
) -> None:
    """Sort the rows at the given places by key within their runs, and split runs."""
    by_key = np.argsort(keys, kind="stable")
    runs = run[places]
    inside = by_key[np.argsort(runs[by_key], kind="stable")]
    order[places] = order[places][inside]
    keys, runs = keys[inside], runs[inside]
    starts = np.ones(len(places), bool)
    starts[1:] = (keys[1:] != keys[:-1]) | (runs[1:] != runs[:-1])
    run[places] = np.maximum.accumulate(np.where(starts, places, 0))


def _still_open(
    texts: Texts,
    order: NDArray[np.int64],
    run: NDArray[np.int64],
    depth: int,
) -> NDArray[np.int64]:
    """The places in runs of two and more whose texts go on."""
    same = np.zeros(len(order) + 1, bool)
    same[1:-1] = run[1:] == run[:-1]
    places = np.flatnonzero(same[1:] | same[:-1])
    rows = order[places]
    return places[texts.offsets[rows + 1] - texts.offsets[rows] > depth]
