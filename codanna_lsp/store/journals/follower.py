"""Follower: reads along while another process writes the index.

Invariant: it writes, repairs and removes nothing.
"""

import contextlib
from pathlib import Path

from codanna_lsp.errors import CorruptionError, DiskError, FormatError, StoreError
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.store.disk import Disk
from codanna_lsp.store.journals.journal import (
    MAX_JOURNAL_BYTES,
    JournalReader,
    JournalTransaction,
    journal_name,
)
from codanna_lsp.store.metadata import Base, Manifest, read_manifest
from codanna_lsp.store.recovering.recovery import load_for_reading
from codanna_lsp.store.snapshots.snapshot import Snapshot

MAX_TRIES = 5
"""How often a load is tried while the writer replaces files under it."""


class Follower:
    """The index as its writer has made it durable; empty until it can be read."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self._disk = disk
        self._folder = folder
        self._manifest: Manifest | None = None
        self._reader: JournalReader | None = None
        self.snapshot: Snapshot | None = None
        self.data = IndexData()
        self.generation = 0
        self.transaction = 0

    def follow(self) -> bool:
        """Read what is new; whether there was anything."""
        try:
            manifest = read_manifest(self._disk, self._folder)
        except StoreError:
            return False
        if manifest is None:
            return False
        if self._manifest is None or _moved(self._manifest, manifest):
            return self._reload()
        return self._read_on()

    def _reload(self) -> bool:
        for _ in range(MAX_TRIES):
            # The writer may remove what was just named; then it names something new.
            with contextlib.suppress(CorruptionError):
                try:
                    loaded = load_for_reading(self._disk, self._folder)
                except (FormatError, DiskError):
                    return False  # tried again when it is followed next
                self._manifest = loaded.manifest
                self._reader = loaded.chain.reader
                self.snapshot = loaded.snapshot
                self.data = loaded.data
                self.generation = loaded.manifest.metadata.generation
                self.transaction = loaded.chain.transaction
                return True
        return False

    def _read_on(self) -> bool:
        reader = self._reader
        if reader is None:
            return False
        new = self._new_transactions(reader)
        for transaction in new:
            changes = transaction.changes
            self.data = self.data.with_changes(
                [record for record in changes.values() if record is not None],
                [path for path, record in changes.items() if record is None],
            )
            self.transaction = transaction.number
        return bool(new)

    def _new_transactions(self, reader: JournalReader) -> list[JournalTransaction]:
        path = self._folder / journal_name(reader.header.serial)
        try:
            opened = self._disk.open_map(path, limit=MAX_JOURNAL_BYTES)
        except StoreError:
            return []
        if opened is None:
            return []
        try:
            return reader.read(opened.view, opened.size)
        finally:
            opened.close()


def _moved(old: Manifest, new: Manifest) -> bool:
    """Whether the chain must be read anew: another base, or another journal.

    Or the same names in a folder that was made anew, which the time tells.
    """
    return _chain_of(old) != _chain_of(new)


def _chain_of(manifest: Manifest) -> tuple[Base, int, int]:
    made_ns = manifest.metadata.last_modified_ns
    return manifest.base, manifest.newest_journal, made_ns
