"""Trees of files that were parsed a moment ago: a saved file differs from what it was
by a line or two, and parsing it anew costs as much as all the rest of its extraction.

What the query found is kept beside, and only the outermost declarations around an edit
are asked again: what is captured in one depends on nothing outside of it.

Invariant: a tree from here says what a parse of the bytes alone says. Where tree-sitter
recovers from errors it may recover otherwise with an old tree's help, so a tree with an
error in it, and one that grew out of such a tree, is never taken.
Invariant: at most `MAX_KEPT_TREES` trees, of at most `MAX_KEPT_BYTES` of source.
"""

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from tree_sitter import Node, Parser, Query, QueryCursor, Tree

from codanna_lsp.extraction.captures import DEPTH_LIMIT, Captures

MAX_KEPT_TREES = 8
MAX_KEPT_BYTES = 400_000  # of source; trees take some 22 times as much memory
SMALLEST_BYTES = 4_000  # what is smaller is parsed sooner than compared
_MOST_CHANGED = 0.5  # of a file; of more, little of the tree would be left


class _Edit(NamedTuple):
    """What made a source out of the one before: bytes start to old_stop became start to
    new_stop. changed: where the new tree has another structure, around the edit.
    """

    start: int
    old_stop: int
    new_stop: int
    changed: tuple[int, int]


class _Kept(NamedTuple):
    """captures: what the query found. before: what it found in the tree before, and
    what was edited since.
    """

    source: bytes
    tree: Tree
    captures: Captures | None = None
    before: tuple[Captures, _Edit] | None = None


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
        made = None if kept is None else _reparsed(parser, kept, source)
        if made is None:
            made = _Kept(source, parser.parse(source))
        if not made.tree.root_node.has_error:
            self._keep(key, made)
        return made.tree

    def captured(self, tree: Tree, query: Query, key: tuple[str, str]) -> Captures:
        """What a query finds in the tree that `parse` gave for this key."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or kept.tree is not tree:
            return run_query(query, tree.root_node)
        if kept.captures is not None:
            return kept.captures
        found = None
        if kept.before is not None:
            found = _moved(query, tree.root_node, *kept.before)
        if found is None:
            found = run_query(query, tree.root_node)
        with self._lock:
            if self._kept.get(key) is kept:
                self._kept[key] = kept._replace(captures=found, before=None)
        return found

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


def run_query(
    query: Query, root: Node, inside: tuple[int, int] | None = None
) -> dict[str, list[tuple[int, int]]]:
    """The spans that a query captures; inside: only where it looks at these bytes."""
    cursor = QueryCursor(query)
    cursor.set_max_start_depth(DEPTH_LIMIT)
    if inside is not None:
        cursor.set_byte_range(*inside)
    return {
        capture: [(node.start_byte, node.end_byte) for node in nodes]
        for capture, nodes in cursor.captures(root).items()
    }


def _moved(query: Query, root: Node, old: Captures, edit: _Edit) -> Captures | None:
    """The captures of an edited tree out of those before; None where all of it has to be
    asked again.
    """
    begin, end = _outermost_around(root, *edit.changed)
    by = edit.new_stop - edit.old_stop
    if end - begin > _MOST_CHANGED * root.end_byte:
        return None
    new = run_query(query, root, (begin, end))
    found: dict[str, list[tuple[int, int]]] = {}
    for capture in {**old, **new}:
        spans: list[tuple[int, int]] = []
        behind: list[tuple[int, int]] = []
        for start, stop in old.get(capture, ()):
            if stop <= begin:
                spans.append((start, stop))
            elif start >= end - by:
                behind.append((start + by, stop + by))
            elif start < begin or stop > end - by:
                return None  # no declaration, but something around several
        spans += [
            (start, stop)
            for start, stop in new.get(capture, ())
            if begin <= start and stop <= end
        ]
        found[capture] = spans + behind
    return found


def _outermost_around(root: Node, start: int, stop: int) -> tuple[int, int]:
    """From where to where the outermost declarations at these bytes reach, with one more
    on each side.
    """
    outermost = root.children
    first = bisect_left(outermost, start, key=lambda node: node.end_byte)
    last = bisect_right(outermost, stop, key=lambda node: node.start_byte)
    begin = outermost[first - 1].start_byte if first else 0
    end = outermost[last].end_byte if last < len(outermost) else root.end_byte
    return begin, end


def _reparsed(parser: Parser, kept: _Kept, source: bytes) -> _Kept | None:
    """The tree out of the old one; None when a parse of all is safer, or no slower."""
    old = kept.source
    if old == source:
        return kept
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
    if tree.root_node.has_error:
        return None
    if kept.captures is None:
        return _Kept(source, tree)
    ranges = before.changed_ranges(tree)
    changed = (
        min(start, *(one.start_byte for one in ranges), start),
        max(new_end, *(one.end_byte for one in ranges), new_end),
    )
    edit = _Edit(start, old_end, new_end, changed)
    return _Kept(source, tree, before=(kept.captures, edit))


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
