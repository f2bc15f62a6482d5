"""Whether the paths in columns stay inside the workspace, whatever the checksums say.

Invariant: a plain index costs a few searches through its bytes, and no look at each path.
"""

import re

from codanna_lsp.index.columns import Columns
from codanna_lsp.store.journals.record_format import MAX_PATH_LENGTH, is_safe_path

_ODD = re.compile(rb"\0|\.\.|//|/\.(?:/|$)")
_DOT, _SLASH = ord("."), ord("/")


def do_paths_stay_inside(columns: Columns) -> bool:
    """Whether every path is relative, without ".." and of bounded length."""
    text = bytes(memoryview(columns.paths).cast("B"))
    offsets = columns.path_offsets
    starts, ends = offsets[:-1].tolist(), offsets[1:].tolist()
    lengths = list(map(int.__sub__, ends, starts))
    if min(lengths, default=1) < 1:
        return False
    edges = {text[start] for start in starts} | {text[end - 1] for end in ends}
    is_long = max(lengths, default=0) > MAX_PATH_LENGTH
    if not is_long and edges.isdisjoint((_DOT, _SLASH)) and not _ODD.search(text):
        return True
    return all(is_safe_path(columns.path(row)) for row in range(columns.file_count))
