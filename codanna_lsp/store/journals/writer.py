"""StoreWriter: what the lock's holder alone does to the files: journals and manifest.

Invariant: a transaction goes only to a journal that `index.meta` names already, so a
journal that is missing is always noticed.
Invariant: journals get ever higher serials, higher than any file in the folder.
Invariant: what another process left at the end of a journal is synced before it is
continued: a process that was killed before its own sync leaves bytes that are whole to
read, and gone after a power cut.
Invariant: a journal takes no transaction once the next one was begun.
Invariant: nothing is removed before an `index.meta` that needs it no more is durable.
"""

import contextlib
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.errors import DiskError
from codanna_lsp.store.disk import ASIDE_SUFFIX, Disk
from codanna_lsp.store.journals.chain import ChainTip, next_serial
from codanna_lsp.store.journals.journal import (
    FULL_JOURNAL_BYTES,
    Changes,
    JournalHeader,
    JournalWriter,
    SnapshotCreated,
    journal_name,
    journal_serial,
)
from codanna_lsp.store.metadata import (
    META_NAME,
    IndexMetadata,
    Manifest,
    search_number,
    snapshot_generation,
    snapshot_name,
    write_manifest,
)


class Written(NamedTuple):
    """Both stores as a checkpoint wrote them: durable, and not yet live.

    lost: paths whose facts could be read from neither store; they are left out, so
    that the comparison with the sources finds them as new files. spared, outdated:
    paths whose facts were damaged in the base, and are Tantivy's now, or a journal's.
    search_damage: why Tantivy's folder was built anew, "" where it was whole.
    """

    metadata: IndexMetadata
    search: str
    search_checksum: str
    lost: tuple[str, ...]
    search_damage: str = ""
    spared: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()


class StoreWriter:
    """The writing end of an index folder; not for two threads at once.

    manifest: as it is on disk, or was when its last replacement failed.
    transaction: number of the last durable transaction.
    """

    def __init__(
        self,
        disk: Disk,
        folder: Path,
        manifest: Manifest,
        *,
        tip: ChainTip | None,
        transaction: int,
        journal_bytes: int,
    ) -> None:
        self.manifest = manifest
        self.transaction = transaction
        self._disk = disk
        self._folder = folder
        self._tip = tip
        self._is_tip_durable = tip is None
        self._journal: JournalWriter | None = None
        self._unnamed: JournalWriter | None = None
        self._sealed_bytes = journal_bytes
        self._uncertain = False

    @property
    def journal_bytes(self) -> int:
        """Bytes that a load would replay."""
        return self._sealed_bytes + (self._journal.length if self._journal else 0)

    def sync_found(self) -> None:
        """Make durable what another process left in the last journal.

        Raises:
            DiskError: it may be gone after a power cut; nothing is built on it.
        """
        if self._tip is not None and not self._is_tip_durable:
            self._disk.sync_file(self._folder / journal_name(self._tip.serial))
        self._is_tip_durable = True

    def append(self, changes: Changes, created: SnapshotCreated | None = None) -> int:
        """Make one transaction durable; its number.

        Raises:
            DiskError: it is not known to be durable; the next append goes to the next
                journal, which cuts off whatever this one left.
        """
        journal = self._journal
        if journal is None or journal.broken or journal.length > FULL_JOURNAL_BYTES:
            journal = self._open_next(self.manifest.metadata.generation)
        self.transaction = journal.append(changes, created)
        self._tip = ChainTip(journal.serial, journal.length, journal.check)
        return self.transaction

    def rotate(self) -> int:
        """Step 0 of a checkpoint: later transactions go to a new journal; its serial.

        Raises:
            DiskError: nothing has changed.
        """
        return self._open_next(self.manifest.metadata.generation + 1).serial

    def commit_generation(self, written: Written, *, first_journal: int) -> None:
        """Step 3: the commit point; replaces index.meta.

        Raises:
            DiskError: the old or the new generation is live; either is whole.
        """
        old = self.manifest
        self._write_manifest(
            old._replace(
                metadata=written.metadata,
                snapshot=snapshot_name(written.metadata.generation),
                search=written.search,
                search_checksum=written.search_checksum,
                first_journal=first_journal,
                previous=old.base,
            )
        )
        self._sealed_bytes = 0

    def note_sources_hashed(self) -> None:
        """Every source was hashed since a journal was lost.

        Raises:
            DiskError: it is asked for again at the next load.
        """
        if self.manifest.suspect:
            self._write_manifest(self.manifest._replace(suspect=False))

    def note_search(self, search: str, checksum: str) -> None:
        """Another search folder belongs to the live generation.

        Raises:
            DiskError: the old one may still be the live one.
        """
        self._write_manifest(
            self.manifest._replace(search=search, search_checksum=checksum)
        )

    def sweep(self) -> None:
        """Step 4: remove what neither the live generation nor the one before needs.

        Nothing, while it is not known which index.meta is on disk.

        Raises:
            DiskError: something is left for the next sweep.
        """
        if self._uncertain:
            return
        for name in self._disk.names(self._folder):
            if self._is_stale(name):
                self._disk.remove_tree(self._folder / name)
        self._disk.sync_folder(self._folder)

    def sweep_unfinished(self, *, search_stands: bool) -> None:
        """Remove what checkpoints that were given up have left.

        Their snapshot only if `search_stands`, if Tantivy's folder is for certain at
        the live generation: beside a later one it completes that generation.

        Raises:
            DiskError: something is left for the next sweep.
        """
        if self._uncertain:
            return
        unfinished = snapshot_name(self.manifest.metadata.generation + 1)
        for name in self._disk.names(self._folder):
            if (search_number(name) is not None and name != self.manifest.search) or (
                search_stands and name == unfinished
            ):
                self._disk.remove_tree(self._folder / name)

    def close(self) -> None:
        """Let go of the journal; everything in it is durable."""
        for journal in (self._journal, self._unnamed):
            if journal is not None:
                journal.close()

    def _is_stale(self, name: str) -> bool:
        manifest = self.manifest
        previous = manifest.previous
        generation = snapshot_generation(name)
        if generation is not None:
            kept = {manifest.metadata.generation}
            kept.update({previous.generation} if previous else ())
            return generation not in kept
        serial = journal_serial(name)
        if serial is not None:
            first = manifest.first_journal
            return serial < min(first, previous.first_journal if previous else first)
        if search_number(name) is not None:
            return name != manifest.search
        return name.endswith(ASIDE_SUFFIX) and name != META_NAME + ASIDE_SUFFIX

    def _open_next(self, base: int) -> JournalWriter:
        # The next journal's header says where this one ends, so from here on nothing
        # may be added to it, even if the next one cannot be made now.
        if self._journal is not None:
            self._sealed_bytes += self._journal.length
            self._journal.close()
            self._journal = None
        # One that was made before may have been named by a replacement that failed.
        journal = self._unnamed or self._created(base)
        self._unnamed = journal
        first = self.manifest.first_journal if self._tip else journal.serial
        self._write_manifest(
            self.manifest._replace(first_journal=first, newest_journal=journal.serial)
        )
        self._unnamed = None
        self._journal = journal
        self._tip = ChainTip(journal.serial, journal.length, journal.check)
        return journal if journal.base >= base else self._open_next(base)

    def _created(self, base: int) -> JournalWriter:
        tip = self._tip
        self.sync_found()
        newest = self.manifest.newest_journal
        serial = next_serial(self._disk, self._folder, newest=newest)
        header = JournalHeader(
            serial=serial,
            base=base,
            continued_serial=tip.serial if tip else 0,
            continued_length=tip.length if tip else 0,
            continued_check=tip.check if tip else 0,
            last_transaction=self.transaction,
        )
        try:
            return JournalWriter(self._disk, self._folder, header)
        except DiskError:
            with contextlib.suppress(DiskError):
                self._disk.remove(self._folder / journal_name(serial))
            raise

    def _write_manifest(self, manifest: Manifest) -> None:
        self._uncertain = True
        write_manifest(self._disk, self._folder, manifest)
        self._uncertain = False
        self.manifest = manifest
