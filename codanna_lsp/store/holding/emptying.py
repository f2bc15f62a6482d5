"""Emptying: an index goes while the process that holds it goes on.

Invariant: the lock's file stays, so that nobody else's lock can be beside ours.
"""

from pathlib import Path

from codanna_lsp.store.disk import Disk
from codanna_lsp.store.holding.lock import LOCK_NAME
from codanna_lsp.store.holding.ownership import OWNER_NAME
from codanna_lsp.store.requests import is_of_a_request


def empty_index_folder(disk: Disk, folder: Path) -> None:
    """Remove the index in a folder whose lock the caller holds, with no store open.

    What is no part of it stays: the lock, whose folder it is, requests and answers.

    Raises:
        DiskError: something is left of it.
    """
    for name in disk.names(folder):
        if name not in (LOCK_NAME, OWNER_NAME) and not is_of_a_request(name):
            disk.remove_tree(folder / name)
    disk.sync_folder(folder)
