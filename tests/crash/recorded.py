"""The program whose system calls are recorded: `python -m tests.crash.recorded`.

    PART PLACE ACKS [SABOTAGE]

PLACE is the world: a folder in which the index folder lies. What the store reported
as durable goes to the file ACKS, one line a write: the serial, and the digest of all
that is published then. The first line is what was there before. With a sabotage
everything runs in this one process.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import xxhash

from codanna_lsp.indexing import batches
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.settings import Settings
from codanna_lsp.store.disk import RealDisk, RealFile
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.transaction import Durable
from tests.crash.sabotage import SABOTAGES
from tests.recovery.saved_index import commit, state_of

INDEX = "home/v1/index"
"""Where the index folder lies in the world; the folders above are made too."""
SMALL_BATCH_BYTES = 1200
"""Of an index run: its first files become several transactions."""


KILLED_AT = "killed before change "
"""Followed by a number: a process that is killed there, and another that goes on."""


def digest_of(records: Mapping[str, FileRecord | None]) -> str:
    """A digest of records with all that they hold."""
    lines = [repr(records[path]) for path in sorted(records)]
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    return xxhash.xxh3_128_hexdigest(text)


def digest_of_store(store: IndexStore) -> str:
    """A digest of an index as questions see it, with every file's facts."""
    return digest_of(state_of(store))


class Run:
    """A store that acknowledges on a file of its own."""

    def __init__(self, place: Path, acks: Path, *, inline: bool) -> None:
        self.place = place
        self._acks = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._inline = inline
        self.store = self._opened()
        if self.store.mode != "writer":
            raise RuntimeError(f"the store is a {self.store.mode}")
        self._say(self.store.status().serial)

    def commit(self, numbers: list[int], *, version: int, removed: int = -1) -> None:
        """One transaction, which must be durable."""
        if not commit(self.store, numbers, version=version, removed=removed):
            raise RuntimeError("a commit was not durable")

    def checkpoint(self) -> None:
        """One that must succeed."""
        if not self.store.checkpoint():
            raise RuntimeError("a checkpoint failed")

    def settle(self) -> None:
        """What a server does behind READY."""
        self.store.check_search_index()
        while not self.store.verify_blobs():
            pass
        if self.store.is_checkpoint_due():
            self.checkpoint()

    def _opened(self) -> IndexStore:
        return IndexStore.open(
            self.place / INDEX,
            root=self.place.with_name("sources"),
            on_durable=self._acknowledge,
            inline=self._inline,
        )

    def _acknowledge(self, durable: Durable) -> None:
        self._say(durable.serial)

    def _say(self, serial: int) -> None:
        line = f"{serial} {digest_of_store(self.store)}\n"
        os.write(self._acks, line.encode())


def saves(run: Run) -> None:
    """Save, save, checkpoint, save, checkpoint, out of nothing."""
    run.commit([*range(6), 7], version=0)
    run.commit([1, 8], version=1, removed=2)
    run.checkpoint()
    run.commit([3, 7], version=2, removed=0)
    run.checkpoint()


def later(run: Run) -> None:
    """A session on an index of some generations: older ones are removed."""
    run.settle()
    run.commit([4, 9], version=5, removed=8)
    run.checkpoint()
    run.commit([4, 5], version=6)
    run.checkpoint()
    run.commit([6], version=7)


def beside(run: Run) -> None:
    """Saves while a checkpoint is written."""
    run.commit([1], version=8)
    writing = threading.Thread(target=run.checkpoint)
    writing.start()
    for version in range(9, 13):
        run.commit([version % 5], version=version)
    writing.join()
    run.commit([2], version=13)


def first_index(run: Run) -> None:
    """An index run over sources, in several transactions, with its checkpoint."""
    batches.FIRST_BATCH_BYTES = batches.MAX_BATCH_BYTES = SMALL_BATCH_BYTES
    root = run.place.with_name("sources")
    Indexer(root, run.store, Settings(jobs=1)).run()


def killed_in_a_save(run: Run) -> None:
    """End as `kill -9` ends it, with a transaction written and not synced."""

    def sync(self: RealFile) -> None:
        if self.path.name.startswith("journal-"):
            os.kill(os.getpid(), signal.SIGKILL)

    run.commit([3, 10], version=20)
    setattr(RealFile, "sync", sync)  # noqa: B010
    run.commit([10], version=21)


def killed_in_a_checkpoint(run: Run) -> None:
    """End as `kill -9` ends it, with Tantivy committed and its folder not synced."""

    def sync_folder(self: RealDisk, path: Path) -> None:
        if path.name.startswith("tantivy-"):
            os.kill(os.getpid(), signal.SIGKILL)
        honest(self, path)

    run.settle()
    run.commit([3, 10], version=20)
    honest = RealDisk.sync_folder
    setattr(RealDisk, "sync_folder", sync_folder)  # noqa: B010
    run.checkpoint()


def work_until_killed(run: Run) -> None:
    """What a process does that is killed somewhere: see `killed_at`."""
    run.commit([3, 10], version=30)
    run.checkpoint()
    run.commit([4], version=31)


def kill_before_change(number: int) -> None:
    """From now on, end this process as `kill -9` does, before its n-th change."""
    left = [number]

    def counted(honest: Callable[..., Any]) -> Callable[..., Any]:
        def change(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return honest(*given, **named)

        return change

    for owner, names in ((RealDisk, DISK_CHANGES), (RealFile, FILE_CHANGES)):
        for name in names:
            setattr(owner, name, counted(getattr(owner, name)))


def recovery(run: Run) -> None:
    """A load of whatever is there, and all that is done behind READY."""
    run.settle()


def after_a_kill(run: Run) -> None:
    """What goes on from a kill: saves and a checkpoint."""
    run.commit([11], version=22)
    run.settle()
    run.commit([3], version=23)
    run.checkpoint()


PARTS: dict[str, Callable[[Run], None]] = {
    "saves": saves,
    "later": later,
    "beside": beside,
    "first index": first_index,
    "recovery": recovery,
    "killed in a save": killed_in_a_save,
    "killed in a checkpoint": killed_in_a_checkpoint,
    "after a kill": after_a_kill,
    KILLED_AT: work_until_killed,
}
INLINE = ("killed in a checkpoint", KILLED_AT)
DISK_CHANGES = ("create", "rename", "remove", "remove_tree", "sync_folder", "sync_file")
FILE_CHANGES = ("write", "sync")
TWO_LIVES = {
    "save, kill, save": ("killed in a save", "after a kill"),
    "checkpoint, kill, save": ("killed in a checkpoint", "after a kill"),
}
"""What two processes do after each other, so that what the first one left unsynced is
still unsynced in the second one's days. Besides these, any part that begins as KILLED_AT
is the first of two lives."""


def main(part: str, place: str, acks: str, sabotage: str = "") -> None:
    """Do one part, or the parts of two lives in processes of their own."""
    if part.startswith(KILLED_AT):
        live(place, acks, KILLED_AT, part.removeprefix(KILLED_AT))
        live(place, acks, "after a kill")
    elif part in TWO_LIVES:
        for life in TWO_LIVES[part]:
            live(place, acks, life)
    else:
        do(part, place, acks, sabotage)


def do(part: str, place: str, acks: str, sabotage: str = "") -> None:
    """Do one part in this process."""
    if sabotage:
        SABOTAGES[sabotage].apply()
    inline = bool(sabotage) or part in INLINE
    run = Run(Path(place), Path(acks), inline=inline)
    PARTS[part](run)
    run.store.close()


def live(place: str, acks: str, part: str, change: str = "") -> None:
    """Do one part in a process of its own, which may kill itself."""
    name = "tests.crash.recorded"
    command = [sys.executable, "-m", name, part, place, acks, *filter(None, [change])]
    ended = subprocess.run(command, check=False).returncode
    if ended not in (0, -signal.SIGKILL):
        raise RuntimeError(f"{part} ended with {ended}")


if __name__ == "__main__":
    if sys.argv[1] == KILLED_AT:
        kill_before_change(int(sys.argv[4]))
        do(KILLED_AT, *sys.argv[2:4])
    else:
        main(*sys.argv[1:])
