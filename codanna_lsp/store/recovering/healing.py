"""Facts that are damaged in the snapshot: from Tantivy, else from the source again.

Invariant: a damaged file never ends a question and is told once.
"""

import contextlib

from codanna_lsp.errors import CorruptionError, DiskError
from codanna_lsp.index.readable import is_readable
from codanna_lsp.store import incident as incidents
from codanna_lsp.store.holding.lock import find_holder
from codanna_lsp.store.journals.follower import Follower
from codanna_lsp.store.live_index import LiveIndex
from codanna_lsp.store.recovering.reloading import load_again
from codanna_lsp.store.requests import leave_request


def replace_damaged(
    live: LiveIndex, path: str, damage: CorruptionError
) -> bytes | None:
    """Packed facts in place of a file's damaged ones, or None when they are lost.

    Found ones go to the journal; of lost ones the owner is told, to read the source.
    """
    with live.lock:
        if live.snapshot is not None and not live.snapshot.are_columns_whole():
            # Not even the path can be believed; the next checkpoint recovers all.
            live.scheduler.want()
            return None
        known = live.published.data.record_without_facts(path)
        is_news = live.note_damaged(path)
        if known is None or (known.facts and is_readable(known.facts)):
            if is_news:
                live.tell(incidents.blob_damaged(path, incidents.FROM_JOURNAL))
                live.scheduler.want()
            return known.facts if known else None
        find = live.held.find_in_search if live.held and not known.facts else None
        found = find(path) if find else None
        same = found and found.fingerprint.digest == known.fingerprint.digest
        if found and same and is_readable(found.facts):
            live.tell(incidents.blob_damaged(path, incidents.FROM_SEARCH))
            with live.swap:  # or a save that comes between would be undone
                if live.published.data.record_without_facts(path) == known:
                    live.commit({path: found})
            live.scheduler.want()
            return found.facts
        if is_news:
            done = f"the file is read again ({damage.reason})"
            live.tell(incidents.blob_damaged(path, done))
            live.on_damaged_file(path)
    return None


def check_columns(live: LiveIndex) -> bool:
    """Verify the mapped columns once more; whether they are whole, or were made so."""
    if live.follower is not None:
        return _check_along(live, live.follower)
    snapshot = live.snapshot
    if snapshot is None or live.held is None or snapshot.are_columns_whole():
        return True
    return load_again(live)


def _check_along(live: LiveIndex, follower: Follower) -> bool:
    """As a reader, who may mend nothing: the writer is asked to.

    It has the same file before it, and writes another when it has looked.
    """
    snapshot = follower.snapshot
    if snapshot is None or snapshot.are_columns_whole():
        live.works_again(incidents.Code.READ_DAMAGED)
        return True
    holder = find_holder(live.folder)
    with contextlib.suppress(DiskError):  # it looks by itself, too, now and then
        leave_request(live.disk, live.folder, "repair")
    live.tell_once(incidents.read_damaged(snapshot.info.name, holder))
    return False


def verify_next(live: LiveIndex, count: int) -> bool:
    """Verify the facts of the snapshot's next files; whether all were by now."""
    snapshot = live.snapshot
    if snapshot is None or live.verified_rows >= snapshot.info.file_count:
        return True
    first, live.verified_rows = live.verified_rows, live.verified_rows + count
    bad = snapshot.verify_blobs(first, count)
    if bad and not snapshot.are_columns_whole():
        return not load_again(live)
    for row in bad:
        path = snapshot.columns.path(row)
        damage = CorruptionError(
            f"the facts of {path} are damaged",
            part=snapshot.info.name,
            reason="they do not match their checksum",
        )
        replace_damaged(live, path, damage)
    return live.verified_rows >= snapshot.info.file_count
