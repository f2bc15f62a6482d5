"""Trees of files that were parsed a moment ago: a saved file differs from what it was
by a line or two, and parsing it anew costs as much as all the rest of its extraction.

Invariant: a tree from here says what a parse of the bytes alone says. Where tree-sitter
recovers from errors it may recover otherwise with an old tree's help, so a tree with an
error in it, and one that grew out of such a tree, is never taken.
Invariant: at most `MAX_KEPT_TREES` trees, of at most `MAX_KEPT_BYTES` of source.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from tree_sitter import Parser, Tree

MAX_KEPT_TREES = 8
MAX_KEPT_BYTES = 400_000  # of source; trees take some 22 times as much memory
SMALLEST_BYTES = 4_000  # what is smaller is parsed sooner than compared
_MOST_CHANGED = 0.5  # of a file; of more, little of the tree would be left


class _Kept(NamedTuple):
    source: bytes
    tree: Tree


class KeptTrees:
    """The trees of the files that were parsed last; for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._bytes = 0

    def parse(self, parser: Parser, source: bytes, key: tuple[str, str]) -> Tree:
        """The tree of a source; key: its language's id and its path."""
        if len(source) < SMALLEST_BYTES:
            return parser.parse(source)
        with self._lock:
            kept = self._kept.get(key)
        tree = None if kept is None else _reparsed(parser, kept, source)
        if tree is None:
            tree = parser.parse(source)
        if not tree.root_node.has_error:
            self._keep(key, _Kept(source, tree))
        return tree

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _keep(self, key: tuple[str, str], kept: _Kept) -> None:
        if len(kept.source) > MAX_KEPT_BYTES:
            return
        with self._lock:
            old = self._kept.pop(key, None)
            self._kept[key] = kept
            self._bytes += len(kept.source) - (len(old.source) if old else 0)
            while len(self._kept) > MAX_KEPT_TREES or self._bytes > MAX_KEPT_BYTES:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= len(dropped.source)


def _reparsed(parser: Parser, kept: _Kept, source: bytes) -> Tree | None:
    """The tree out of the old one; None when a parse of all is safer, or no slower."""
    old = kept.source
    if old == source:
        return kept.tree
    most = min(len(old), len(source))
    start = _longest(most, lambda size: old[:size] == source[:size])
    same = _longest(
        most - start, lambda size: not size or old[-size:] == source[-size:]
    )
    old_end, new_end = len(old) - same, len(source) - same
    if max(old_end, new_end) - start > _MOST_CHANGED * len(source):
        return None
    before = kept.tree.copy()
    before.edit(
        start_byte=start,
        old_end_byte=old_end,
        new_end_byte=new_end,
        start_point=_point(old, start),
        old_end_point=_point(old, old_end),
        new_end_point=_point(source, new_end),
    )
    tree = parser.parse(source, before)
    return None if tree.root_node.has_error else tree


def _longest(most: int, fits: Callable[[int], bool]) -> int:
    """The largest size for which it holds, as it does for all smaller ones."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _point(source: bytes, offset: int) -> tuple[int, int]:
    line_start = source.rfind(b"\n", 0, offset) + 1
    return source.count(b"\n", 0, offset), offset - line_start
