"""Batches: records become transactions, small ones first, then ever larger ones.

Invariant: the first records are published at once, and the number of transactions
    grows with the logarithm of the records until each holds MAX_BATCH_BYTES.
"""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from codanna_lsp.indexing.tickets import Tickets
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.transaction import Commit

if TYPE_CHECKING:
    from codanna_lsp.store.index_store import IndexStore

FIRST_BATCH_BYTES = 32_000  # of packed facts
MAX_BATCH_BYTES = 8_000_000
MAX_BATCH_FILES = 4_000
MAX_BATCH_SECONDS = 2.0
_GROWTH = 2


class Batches:
    """The transactions of one run; facts whose ticket is not the newest are dropped.

    lock: held for a transaction's whole life, so that there is one at a time.
    on_commit: called with the paths of each transaction after it is published.
    """

    def __init__(
        self,
        store: "IndexStore",
        lock: threading.Lock,
        tickets: Tickets,
        on_commit: Callable[[list[str]], None],
    ) -> None:
        self.ticket = tickets.draw()
        self.dropped: list[str] = []
        self.durable = True
        self._store = store
        self._lock = lock
        self._tickets = tickets
        self._on_commit = on_commit
        self._records: list[FileRecord] = []
        self._removed: list[str] = []
        self._bytes = 0
        self._wanted = FIRST_BATCH_BYTES
        self._flushed = time.monotonic()

    def add(self, record: FileRecord) -> None:
        """Take a record; it is committed with its batch."""
        self._records.append(record)
        self._bytes += len(record.facts)
        if (
            self._bytes >= self._wanted
            or len(self._records) >= MAX_BATCH_FILES
            or time.monotonic() - self._flushed > MAX_BATCH_SECONDS
        ):
            self.flush()

    def remove(self, path: str) -> None:
        """Forget a file with the next batch."""
        self._removed.append(path)

    def flush(self) -> Commit | None:
        """Commit what waits; None when there was nothing."""
        records, self._records = self._records, []
        removed, self._removed = self._removed, []
        if self._bytes >= self._wanted:
            self._wanted = min(self._wanted * _GROWTH, MAX_BATCH_BYTES)
        self._bytes = 0
        if not records and not removed:
            return None
        with self._lock, self._store.begin() as transaction:
            for path in removed:
                if self._is_newest(path):
                    transaction.stage_removed(path)
            for record in records:
                if self._is_newest(record.path):
                    transaction.stage(record)
            commit = transaction.commit()
        self.durable = self.durable and commit.durable
        self._flushed = time.monotonic()
        self._on_commit([*removed, *(record.path for record in records)])
        if self._store.is_checkpoint_due():
            self._store.checkpoint()
        return commit

    def _is_newest(self, path: str) -> bool:
        newest = self._tickets.is_newest(path, self.ticket)
        if not newest:
            self.dropped.append(path)
        return newest
