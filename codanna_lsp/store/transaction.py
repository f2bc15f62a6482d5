"""Transaction: the unit of change of the index: a save, or a batch of an index run.

Invariant: what is staged is seen by nobody until `commit` or `publish`, and by all
    after it.
"""

from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

from codanna_lsp.errors import report_bug
from codanna_lsp.model.facts import FileRecord, Reason
from codanna_lsp.store.journals.record_format import MAX_FACTS_BYTES, is_safe_path


class Commit(NamedTuple):
    """What became of a transaction.

    serial: number of the last transaction that is durable; this one's when `durable`.
    durable: false when the disk refused: the change counts all the same, and is
        written with the next one that can be. False too when it was only published.
    """

    serial: int
    durable: bool


class Durable(NamedTuple):
    """What has become durable since the last report.

    serial: number of the last transaction that is durable; all before it are too.
    generation: of the live checkpoint. paths: the files whose newest facts are durable
        by it, none when it was a checkpoint that moved.
    """

    serial: int
    generation: int
    paths: tuple[str, ...]


Commits = Callable[[dict[str, FileRecord | None]], Commit]


class Transaction:
    """Changes that become visible, and durable, together.

    Leaving its `with` block without a commit rolls it back. Not for two threads.
    """

    def __init__(
        self, commits: Commits, publishes: Commits, ends: Callable[[], None]
    ) -> None:
        self._commits = commits
        self._publishes = publishes
        self._ends = ends
        self._open = True
        self._changes: dict[str, FileRecord | None] = {}

    def stage(self, record: FileRecord) -> None:
        """Put a file's record in place of what was known of it."""
        if not self._may_stage(record.path):
            return
        if len(record.facts) > MAX_FACTS_BYTES:
            record = record._replace(facts=b"", reason=Reason.TOO_LARGE)
        self._changes[record.path] = record

    def stage_removed(self, path: str) -> None:
        """Forget a file."""
        if self._may_stage(path):
            self._changes[path] = None

    @property
    def size(self) -> int:
        """Files staged."""
        return len(self._changes)

    def commit(self) -> Commit:
        """Make the changes durable and visible; one without changes writes nothing."""
        return self._finish(self._commits)

    def publish(self) -> Commit:
        """Make the changes visible, and leave the disk to the store's `make_durable`."""
        return self._finish(self._publishes)

    def rollback(self) -> None:
        """Drop what was staged; nothing is seen of it. Fine to call twice."""
        self._changes = {}
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open:
            self.rollback()

    def _finish(self, commits: Commits) -> Commit:
        if not self._open:
            report_bug("a transaction was committed twice")
        changes, self._changes = self._changes, {}
        try:
            return commits(changes)
        finally:
            self._end()

    def _may_stage(self, path: str) -> bool:
        if not self._open:
            report_bug("a transaction was changed after its end")
            return False
        if not is_safe_path(path):
            report_bug(f"a path that the index may not hold: {path!r}")
            return False
        return True

    def _end(self) -> None:
        if self._open:
            self._open = False
            self._ends()
