"""SnapshotScheduler: when the next checkpoint is due.

Invariant: pure: no clock, no disk, no thread; the caller says what time it is.
"""

CHANGES_DUE = 1_000
AGE_DUE_S = 300.0
SMALL_SNAPSHOT_BYTES = 32 << 20
"""Up to here a snapshot is written by changes and age alone."""
JOURNAL_SHARE = 0.25
IDLE_DUE_S = 300.0
SPACING_S = 600.0
"""Least time between two checkpoints of a large snapshot."""
FIRST_BACKOFF_S = 1.0
LAST_BACKOFF_S = 300.0
FIRST_RUN_JOURNAL_BYTES = 64 << 20
"""Below this the journal of an index run is never worth a checkpoint."""


class SnapshotScheduler:
    """Decides from counts and times; all times in seconds of one steady clock."""

    def __init__(self, *, now: float) -> None:
        self._first_change: float | None = None
        self._last_change = now
        self._last_checkpoint: float | None = None
        self._changes = 0
        self._failures = 0
        self._retry_at = 0.0
        self._suspended = False
        self._journal_at_run = 0
        self._wanted = False

    def changed(self, *, files: int, now: float) -> None:
        """A transaction with that many files was committed."""
        if files:
            self._changes += files
            self._last_change = now
            if self._first_change is None:
                self._first_change = now

    def suspend(self, *, journal_bytes: int) -> None:
        """An index run begins: only a doubled journal is a reason until it ends."""
        self._suspended = True
        self._journal_at_run = journal_bytes

    def resume(self) -> None:
        """The index run has ended: a checkpoint is due if anything changed."""
        self._suspended = False
        self._wanted = self._wanted or self._changes > 0

    def want(self) -> None:
        """A repair must end with a checkpoint, whatever the counts say."""
        self._wanted = True

    def succeeded(self, *, now: float, journal_bytes: int) -> None:
        """A checkpoint was committed."""
        self._last_checkpoint = now
        self._first_change = None
        self._changes = 0
        self._failures = 0
        self._retry_at = 0.0
        self._wanted = False
        self._journal_at_run = journal_bytes

    def failed(self, *, now: float) -> None:
        """A checkpoint was given up: wait, longer each time."""
        wait = min(LAST_BACKOFF_S, FIRST_BACKOFF_S * 2 ** min(self._failures, 16))
        self._failures += 1
        self._retry_at = now + wait

    def is_due(self, *, now: float, journal_bytes: int, snapshot_bytes: int) -> bool:
        """Whether a checkpoint should begin now."""
        if now < self._retry_at:
            return False
        if self._suspended:
            grown = max(FIRST_RUN_JOURNAL_BYTES, 2 * self._journal_at_run)
            return journal_bytes >= grown
        if self._wanted:
            return True
        if self._first_change is None:
            return False
        if snapshot_bytes < SMALL_SNAPSHOT_BYTES:
            old = now - self._first_change >= AGE_DUE_S
            return old or self._changes >= CHANGES_DUE
        last = self._last_checkpoint
        if last is not None and now - last < SPACING_S:
            return False
        idle = now - self._last_change >= IDLE_DUE_S
        return idle or journal_bytes > snapshot_bytes * JOURNAL_SHARE
