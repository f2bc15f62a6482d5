"""IndexState: what the index is doing, in one word, out of four things tracked apart.

Loading, open transactions, a running checkpoint and damage each have a table of legal
moves; an illegal one is our bug. What is shown is the first that holds of CORRUPTED,
LOADING, INDEXING, SAVING, READY, EMPTY.

Invariant: moves that last less than PUBLISH_AFTER_MS are not published; CORRUPTED
always is, at once.
"""

import threading
from collections.abc import Callable
from typing import NamedTuple

from codanna_lsp.errors import report_bug

PUBLISH_AFTER_MS = 300


class IndexState:
    """The words that are shown; plain strings, because they go out as they are."""

    EMPTY = "EMPTY"
    LOADING = "LOADING"
    READY = "READY"
    INDEXING = "INDEXING"
    SAVING = "SAVING"
    CORRUPTED = "CORRUPTED"


class ShownState(NamedTuple):
    """A state with its reason, "" where it needs none."""

    state: str
    reason: str


_LOADING_MOVES = {("new", "loading"), ("loading", "loaded"), ("loaded", "loading")}
_CHECKPOINT_MOVES = {("idle", "running"), ("running", "idle")}
_DAMAGE_MOVES = {("whole", "damaged"), ("damaged", "damaged"), ("damaged", "whole")}
_RUN_MOVES = {("idle", "running"), ("running", "idle")}


class StateTracker:
    """What the index is doing; every method may be called from any thread."""

    def __init__(self, has_files: Callable[[], bool]) -> None:
        """`has_files` tells whether the index holds any file."""
        self._lock = threading.Lock()
        self._loading = "new"
        self._checkpoint = "idle"
        self._damage = "whole"
        self._run = "idle"
        self._reason = ""
        self._transactions = 0
        self._has_files = has_files
        self._published = ShownState(IndexState.EMPTY, "")
        self._candidate: ShownState = self._published
        self._since_ms = 0

    def start_loading(self) -> None:
        """The index is read from disk, at the start or when a reader takes over."""
        self._loading = self._moved(_LOADING_MOVES, self._loading, "loading")

    def finish_loading(self) -> None:
        """Questions are answered from what was loaded."""
        self._loading = self._moved(_LOADING_MOVES, self._loading, "loaded")

    def start_run(self) -> None:
        """An index run goes through the sources."""
        self._run = self._moved(_RUN_MOVES, self._run, "running")

    def finish_run(self) -> None:
        """The index run has ended."""
        self._run = self._moved(_RUN_MOVES, self._run, "idle")

    def begin_transaction(self) -> None:
        """A transaction was opened."""
        with self._lock:
            self._transactions += 1

    def end_transaction(self) -> None:
        """A transaction was committed or rolled back."""
        with self._lock:
            self._transactions -= 1
            if self._transactions < 0:
                self._transactions = 0
                report_bug("a transaction ended that was not open")

    def start_checkpoint(self) -> None:
        """A checkpoint is being written."""
        self._checkpoint = self._moved(_CHECKPOINT_MOVES, self._checkpoint, "running")

    def finish_checkpoint(self) -> None:
        """The checkpoint was committed or given up."""
        self._checkpoint = self._moved(_CHECKPOINT_MOVES, self._checkpoint, "idle")

    def damaged(self, reason: str) -> None:
        """Nothing on disk could be used; `reason` is what the user reads."""
        self._damage = self._moved(_DAMAGE_MOVES, self._damage, "damaged")
        self._reason = reason

    def repaired(self) -> None:
        """What was damaged has been made again; fine to say twice."""
        if self._damage == "damaged":
            self._damage = self._moved(_DAMAGE_MOVES, self._damage, "whole")
            self._reason = ""

    def shown(self) -> ShownState:
        """The state as of now."""
        if self._damage == "damaged":
            return ShownState(IndexState.CORRUPTED, self._reason)
        if self._loading == "loading":
            return ShownState(IndexState.LOADING, "")
        if self._run == "running" or self._transactions:
            return ShownState(IndexState.INDEXING, "")
        if self._checkpoint == "running":
            return ShownState(IndexState.SAVING, "")
        ready = self._loading == "loaded" and self._has_files()
        return ShownState(IndexState.READY if ready else IndexState.EMPTY, "")

    def next_to_publish(self, *, now_ms: int) -> ShownState | None:
        """The state, when it has held long enough and was not published yet."""
        shown = self.shown()
        if shown != self._candidate:
            self._candidate, self._since_ms = shown, now_ms
        if shown == self._published:
            return None
        urgent = shown.state == IndexState.CORRUPTED
        if not urgent and now_ms - self._since_ms < PUBLISH_AFTER_MS:
            return None
        self._published = shown
        return shown

    def _moved(self, legal: set[tuple[str, str]], old: str, new: str) -> str:
        if (old, new) not in legal:
            report_bug(f"illegal move of the index state: {old} to {new}")
        return new
