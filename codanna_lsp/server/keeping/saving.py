"""Saver: a file that was just written becomes an answer, and then durable.

Invariant: a small file is indexed at once, on the loop, so that the next question sees
    it: that takes no longer than to lay its text over the index. No disk is waited for.
Invariant: what is large, or stands on a slow disk, or comes while all is compared, is
    indexed behind the answers, in the order of the saves.
"""

import os
import stat
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from codanna_lsp.server import guard
from codanna_lsp.server.keeping.worker import Worker

if TYPE_CHECKING:
    from codanna_lsp.model.facts import FileRecord
    from codanna_lsp.server.keeping.keeper import Keeper
    from codanna_lsp.server.root import Root

MAX_SAVE_HERE_BYTES = 200_000
# A disk that a save waited longer for has its saves elsewhere. Not less: on a busy
# machine waiting for a processor looks the same.
MAX_SAVE_WAIT_S = 0.5
_FORGIVING = 0.9  # and is tried again after a few
MAX_LOOKS_HERE = 4  # changed files that are looked at like as many saves


class Saver:
    """The saves of one root; used on the loop, works in its workers.

    on_failure: is told what a save in a worker raised.
    """

    def __init__(
        self,
        keeper: "Keeper",
        root: "Root",
        on_failure: Callable[["Future[Any]"], None],
    ) -> None:
        self._keeper = keeper
        self._root = root
        self._on_failure = on_failure
        self._saves = Worker(f"codanna-saves {root.name}")
        self._writes = Worker(f"codanna-writes {root.name}")
        self._waited_s = 0.0

    @property
    def is_idle(self) -> bool:
        """True when no save waits to be indexed."""
        return self._saves.is_idle

    def save(self, path: str, known: "FileRecord | None" = None) -> "Future[Any]":
        """Index a file as one transaction; done when it can be seen.

        known: what was made of its document's text.
        """
        if self._can_save_here() and self._size(path) <= MAX_SAVE_HERE_BYTES:
            future: Future[Any] = Future()
            guard.fulfil(future, lambda: self._save_here(path, known))
            return future
        self._waited_s *= _FORGIVING
        return self._saves.submit(lambda: self._save(path, known))

    def save_again(self, path: str) -> None:
        """Extract a file whose facts are lost; from any thread."""
        self._saves.submit(lambda: self._save(path, again=True))

    def look(self, paths: Collection[str]) -> bool:
        """Look at changed files at once, if they are few and small; whether it did."""
        indexer = self._keeper.indexer
        if (
            len(paths) > MAX_LOOKS_HERE
            or indexer is None
            or not self._can_save_here()
            or not indexer.knows_each_alone(paths)
            or not all(map(self._is_file, paths))
            or sum(map(self._size, paths)) > MAX_SAVE_HERE_BYTES
        ):
            return False
        for path in paths:
            self._on_failure(self.save(path))
        return True

    def close(self, *, timeout_s: float) -> None:
        """Take no more saves; the store writes what was shown when it is closed."""
        deadline = time.monotonic() + timeout_s
        for worker in (self._saves, self._writes):
            worker.close(timeout_s=max(0.0, deadline - time.monotonic()))

    def _can_save_here(self) -> bool:
        keeper = self._keeper
        return (
            keeper.store is not None
            and keeper.indexer is not None
            and self._saves.is_idle
            and not keeper.is_walking
            and self._waited_s < MAX_SAVE_WAIT_S
        )

    def _size(self, path: str) -> int:
        return self._root.sources.size(path)

    def _is_file(self, path: str) -> bool:
        try:
            found = os.lstat(f"{self._root.sources.real}/{path}")
        except (OSError, ValueError):
            return False
        return stat.S_ISREG(found.st_mode)

    def _save_here(self, path: str, known: "FileRecord | None") -> None:
        """Show it, and have it written: a question need not wait for a disk."""
        started, worked = time.monotonic(), time.thread_time()
        self._keeper.get_indexer().save(path, known=known, durable=False)
        worked = time.thread_time() - worked
        self._waited_s = time.monotonic() - started - worked
        self._on_failure(self._writes.submit(self._write))

    def _write(self) -> None:
        store = self._keeper.store
        if store is not None:
            store.make_durable()

    def _save(
        self, path: str, known: "FileRecord | None" = None, *, again: bool = False
    ) -> None:
        if self._keeper.store is not None:
            self._keeper.get_indexer().save(path, known=known, again=again)
