"""Which files are near the open ones: themselves, and those in the same folders.

Invariant: what is near depends on the visible paths and their sizes only, not on how
the index is laid out in parts.
"""

from collections.abc import Iterator
from itertools import islice

from codanna_lsp.index.index_data import IndexData

OPEN, SAME_FOLDER, FAR = 0, 1, 2
MAX_NEAR_FILES = 64
MAX_NEAR_SYMBOLS = 1_000
_MAX_PATHS_SEEN = 200  # of one folder and below


def near_files(data: IndexData, open_paths: tuple[str, ...]) -> list[dict[int, int]]:
    """Of each part of the index: rows of near files, and how near they are.

    Files are taken in order, open ones first, as long as their symbols are few.
    """
    parts = data.parts
    found: list[dict[int, int]] = [{} for _part in parts]
    room = MAX_NEAR_SYMBOLS
    seen: set[str] = set()
    for path, distance in islice(_candidates(data, open_paths), MAX_NEAR_FILES):
        if path in seen:
            continue
        seen.add(path)
        for part, near in zip(parts, found, strict=True):
            file = part.columns.file_of_path(path)
            if file is None or file in part.hidden:
                continue
            count = len(part.columns.symbols_of_file(file))
            if count <= room:
                near[file] = distance
                room -= count
    return found


def _candidates(
    data: IndexData, open_paths: tuple[str, ...]
) -> Iterator[tuple[str, int]]:
    for path in open_paths:
        yield path, OPEN
    folders = {path.rpartition("/")[0]: None for path in open_paths}
    for folder in folders:
        depth = folder.count("/") + 1 if folder else 0
        for path in islice(data.paths_under(folder), _MAX_PATHS_SEEN):
            if path.count("/") == depth:
                yield path, SAME_FOLDER
