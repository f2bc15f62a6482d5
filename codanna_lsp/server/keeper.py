"""Keeper: loads one root's index and keeps it true, behind the answers.

Invariant: runs and saves have a worker each, so a save never waits for a run.
Invariant: nothing heavy is imported before the first answers of a warm start.
"""

import asyncio
import time
from typing import TYPE_CHECKING

from codanna_lsp.server.progress import Progress
from codanna_lsp.server.worker import Worker

if TYPE_CHECKING:
    from codanna_lsp.indexing.indexer import Indexer
    from codanna_lsp.indexing.progress import RunSummary
    from codanna_lsp.server.root import Root
    from codanna_lsp.server.session import Session
    from codanna_lsp.store.incident import Incident
    from codanna_lsp.store.index_store import IndexStore
    from codanna_lsp.workspace.watch import Watcher

FRESHNESS_DELAY_S = 0.5  # the first answers of a warm start come before it
MAX_INCIDENTS = 100
MAX_CHANGED_PATHS = 20_000


class Keeper:
    """One root's store and indexer; used on the loop, works in its workers."""

    def __init__(self, session: "Session", root: "Root") -> None:
        self._session = session
        self._root = root
        self._settings = session.settings
        self.loaded = asyncio.Event()
        self.failure = ""
        self.incidents: list[Incident] = []
        self.last_run: RunSummary | None = None
        self.store: IndexStore | None = None
        self.indexer: Indexer | None = None
        self._runs = Worker(f"codanna-runs-{root.name}")
        self._saves = Worker(f"codanna-saves-{root.name}")
        self._watcher: Watcher | None = None
        self._progress: Progress | None = None
        self._changed: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._looked_s = time.monotonic()
        self._is_closed = False

    def start(self) -> None:
        """Load the index in the worker; `loaded` is set when questions can see it."""
        opened = self._runs.submit(self._open)
        opened.add_done_callback(lambda done: self._session.on_loop(self._opened, done))
