"""Names that lead through the workspace's own folder.

Invariant: pure; nothing is looked up here, the index says which candidate exists.
"""

from collections.abc import Sequence
from posixpath import dirname


def below_root(parts: Sequence[str], root: str) -> list[list[str]]:
    """What is left of a name's parts after those that the root's own path ends with.

    In a workspace "/home/me/requests" ["requests", "models"] stands for ["models"].
    Several ways to read it come with the longest match first; without one, none.
    """
    folders = [part for part in root.split("/") if part]
    return [
        list(parts[length:])
        for length in range(min(len(parts), len(folders)), 0, -1)
        if list(parts[:length]) == folders[-length:]
    ]


def folders_between(path: str, other: str) -> int:
    """How many steps lie between the folders of two files."""
    one, two = _folders(path), _folders(other)
    shared = 0
    for left, right in zip(one, two, strict=False):
        if left != right:
            break
        shared += 1
    return len(one) + len(two) - 2 * shared


def _folders(path: str) -> list[str]:
    folder = dirname(path)
    return folder.split("/") if folder else []
