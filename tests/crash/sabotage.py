"""Five broken protocols: a laboratory that passes one of them proves nothing.

Each takes away what one line of the protocol gives, in the process that is recorded.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.store import metadata
from codanna_lsp.store.checkpoints.checkpoint import CheckpointPlan
from codanna_lsp.store.checkpoints.jobs import checkpoint_job, run_job, written_from
from codanna_lsp.store.disk import Disk, RealDisk, RealFile
from codanna_lsp.store.holding.held_folder import HeldFolder
from codanna_lsp.store.journals.writer import Written
from codanna_lsp.store.snapshots.snapshot import Snapshot
from tests.crash.crash_states import KILL, ORDERED, WEAK

JOURNAL = "journal-"


class Sabotage(NamedTuple):
    """What is broken, in words, and how; the mildest model that must show it."""

    words: str
    model: str
    apply: Callable[[], None]


def no_folder_sync() -> None:
    def sync_folder(self: RealDisk, path: Path) -> None:
        del self, path

    setattr(RealDisk, "sync_folder", sync_folder)  # noqa: B010


def _sync_only(wanted: Callable[[Path], bool]) -> None:
    honest = RealFile.sync

    def sync(self: RealFile) -> None:
        if wanted(self.path):
            honest(self)

    setattr(RealFile, "sync", sync)  # noqa: B010


def no_journal_sync() -> None:
    _sync_only(lambda path: not path.name.startswith(JOURNAL))


def no_file_sync() -> None:
    _sync_only(lambda path: path.name.startswith(JOURNAL))


def meta_first() -> None:
    """index.meta names the next generation before either store holds it.

    What they will hold is found out on a copy.
    """
    honest = HeldFolder.write

    def write(self: HeldFolder, plan: CheckpointPlan) -> tuple[Written, Snapshot]:
        with tempfile.TemporaryDirectory() as place:
            copy = Path(place) / "copy"
            shutil.copytree(self.folder, copy)
            answer = run_job(RealDisk(), copy, checkpoint_job(plan))
        self.writer.commit_generation(
            written_from(answer), first_journal=plan.frozen_journal
        )
        return honest(self, plan)

    setattr(HeldFolder, "write", write)  # noqa: B010


def in_place_writes() -> None:
    def write(disk: Disk, path: Path, data: bytes) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, data)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        disk.sync_folder(path.parent)

    setattr(metadata, "replace_file", write)  # noqa: B010


SABOTAGES = {
    "no folder sync": Sabotage("no folder is synced", WEAK, no_folder_sync),
    "no journal sync": Sabotage("no journal is synced", ORDERED, no_journal_sync),
    "meta first": Sabotage(
        "index.meta is replaced before the stores", KILL, meta_first
    ),
    "no file sync": Sabotage("only journals are synced", ORDERED, no_file_sync),
    "in-place write": Sabotage("index.meta is overwritten", KILL, in_place_writes),
}
