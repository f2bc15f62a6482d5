"""Checkpoints of a live index, and the check of Tantivy behind READY.

Invariant: commits and questions go on while both stores are written; the lock is held
only to begin and to commit.
Invariant: Tantivy's folder is verified before anything is written to it.
"""

import contextlib
import time
from collections.abc import Iterator

from codanna_lsp.errors import CorruptionError, DiskError, LockedError, StoreError
from codanna_lsp.store import incident as incidents
from codanna_lsp.store.changes import split
from codanna_lsp.store.holding.held_folder import (
    BAD,
    INTERRUPTED,
    HeldFolder,
)
from codanna_lsp.store.journals.chain import read_chain
from codanna_lsp.store.journals.writer import Written
from codanna_lsp.store.live_index import LiveIndex
from codanna_lsp.store.recovering.recovery import open_base, replayed
from codanna_lsp.store.recovering.reloading import load_again


def save(live: LiveIndex, held: HeldFolder) -> bool:
    """Bring both stores to the next generation; whether that was committed.

    A base or a journal that was damaged meanwhile is recovered first, as at a start.
    """
    try:
        try:
            _save(live, held)
        except CorruptionError:
            if not load_again(live) or live.held is None:
                raise
            held = live.held
            _save(live, held)
    except StoreError as failure:
        if live.closing:
            return False  # the journal has everything; the next start goes on
        live.scheduler.failed(now=time.monotonic())
        live.tell_once(incidents.checkpoint_failed(str(failure)))
        # It may have come as far as Tantivy's commit.
        live.search_checked = live.rebuild_search
        _sweep_unfinished(live, held)
        return False
    live.works_again(incidents.Code.CHECKPOINT_FAILED)
    live.troubles = ()
    live.state.repaired()
    return True


def check_search(live: LiveIndex, held: HeldFolder) -> bool:
    """Verify all of Tantivy's folder; whether it is good, or was made so.

    Damage is told; the next checkpoint, due at once, builds another folder. A folder
    that a crash left at the next generation completes that checkpoint.
    """
    try:
        verdict = held.judge_search()
    except (DiskError, LockedError):
        return False  # nothing is known; it is looked at again before it is used
    if verdict.verdict == INTERRUPTED and not live.search_seen:
        live.rebuild_search = True
        live.tell(incidents.done_again(held.writer.manifest.metadata.generation + 1))
        live.scheduler.want()
    elif verdict.verdict in (BAD, INTERRUPTED):
        live.rebuild_search = True
        live.tell(incidents.search_rebuilt(verdict.reason))
        live.scheduler.want()
    elif verdict.ahead is not None:
        _roll_forward(live, held, verdict.ahead)
    else:
        _sweep_unfinished(live, held)
    live.search_checked = live.search_seen = True
    return not live.rebuild_search


def _save(live: LiveIndex, held: HeldFolder) -> None:
    if not live.search_checked:
        check_search(live, held)
    with live.lock:
        # What the journals do not hold, a checkpoint could not carry.
        frozen = live.written_data()
        held = live.held or held
        plan = held.begin_checkpoint(rebuild_search=not _is_trusted(live))
    written, snapshot = held.write(plan)
    with live.lock:
        if live.held is not held or not held.lock.is_still_ours():
            raise StoreError("the index folder was replaced meanwhile")
        held.finish(written, first_journal=plan.frozen_journal)
        mended = [told for told in _mended(written) if live.note_damaged(told[0])]
        with live.swap:
            data = live.published.data.rebased(
                snapshot.columns, snapshot.read_blob, frozen=frozen
            )
            live.go_on_from(held, snapshot, data)
        live.rebuild_search = False
        live.search_checked = live.search_seen = True
    if written.search_damage:
        live.tell(incidents.search_rebuilt(written.search_damage))
    for path, done in mended:
        live.tell(incidents.blob_damaged(path, done))
    for path in written.lost:
        live.on_damaged_file(path)


def _mended(written: Written) -> Iterator[tuple[str, str]]:
    """The files whose facts a checkpoint found damaged, and what was done of each."""
    for path in written.spared:
        yield path, incidents.FROM_SEARCH
    for path in written.outdated:
        yield path, incidents.FROM_JOURNAL
    for path in written.lost:
        yield path, "the file is read again"


def _is_trusted(live: LiveIndex) -> bool:
    return live.search_checked and not live.rebuild_search


def _roll_forward(live: LiveIndex, held: HeldFolder, written: Written) -> None:
    """A crash hit between Tantivy's commit and index.meta: complete the checkpoint."""
    generation = written.metadata.generation
    with live.lock:
        try:
            first = held.first_journal_of(generation)
            # Its writer may have been killed between its commit and this sync.
            live.disk.sync_folder(held.folder / written.search)
            held.finish(written, first_journal=first)
            manifest = held.writer.manifest
            snapshot = open_base(live.disk, held.folder, manifest.base)
            chain = read_chain(
                live.disk, held.folder, first=first, newest=manifest.newest_journal
            )
        except StoreError as failure:
            live.rebuild_search = True
            live.tell(incidents.search_rebuilt(failure.message))
            live.scheduler.want()
            return
        if snapshot is not None:
            data = replayed(snapshot, chain)
            with live.swap:
                waiting = split(live.not_durable())
                live.go_on_from(held, snapshot, data.with_changes(*waiting))
    if not live.search_seen:  # else it has failed here, and that was told
        live.tell(incidents.rolled_forward(generation))


def _sweep_unfinished(live: LiveIndex, held: HeldFolder) -> None:
    with live.lock, contextlib.suppress(DiskError):
        if live.held is held:
            held.sweep_unfinished()
