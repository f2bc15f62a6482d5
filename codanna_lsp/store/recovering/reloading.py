"""Damage to the files of an index that is in use: recovered as at a start.

The columns are mapped, the journals are what a checkpoint reads, and either can be
damaged while the server runs. Then the rows of recovery are tried again under the same
lock, and what memory knows better is laid over what they give, as one transaction.

Invariant: nothing that this process knows for sure is lost, whatever the files say,
and whatever a clock said that was set back meanwhile.
Invariant: columns that are not what was verified are believed in nothing.
"""

from codanna_lsp.errors import CorruptionError, StoreError
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store import incident as incidents
from codanna_lsp.store.changes import is_other
from codanna_lsp.store.holding.held_folder import HeldFolder
from codanna_lsp.store.live_index import LiveIndex
from codanna_lsp.store.recovering.recovery import Loaded, load_with_verification


def load_again(live: LiveIndex) -> bool:
    """Recover the folder that this process holds; whether that was done.

    What was damaged, and what was done about it, is told as at a start.
    """
    with live.lock:
        held = live.held
        if held is None or not held.lock.is_still_ours():
            return False
        whole = live.snapshot is None or live.snapshot.are_columns_whole()
        live.state.start_loading()
        try:
            loaded = load_with_verification(live.disk, held.folder, work=held.work)
        except StoreError as failure:
            if live.closing:
                return False
            live.tell_once(incidents.checkpoint_failed(failure.message))
            return False
        finally:
            live.state.finish_loading()
        writer = live.writer_of(loaded)
        held.writer.close()
        again = HeldFolder(live.disk, held.folder, held.lock, writer, held.work)
        with live.swap:
            _lay_over(live, loaded, again, whole=whole)
        return True


def _lay_over(
    live: LiveIndex, loaded: Loaded, held: HeldFolder, *, whole: bool
) -> None:
    """Publish what was recovered, and commit what memory knows better.

    whole: whether all that memory holds can be believed, or only its changes.
    """
    before, waiting = live.published.data, live.not_durable()
    live.go_on_with(loaded, held)
    known = live.published.data.record_without_facts
    mine: dict[str, FileRecord | None] = {**before.changed, **waiting}
    if whole:
        mine = dict.fromkeys(live.published.data.paths()) | {
            record.path: record for record in before.files()
        }
    news = {p: r for p, r in mine.items() if is_other(r, known(p))}
    for path in [path for path in news if whole and news[path] is not None]:
        try:
            news[path] = before.record(path)
        except CorruptionError:
            del news[path]
            live.on_damaged_file(path)
    live.pending = {}
    live.unwritten.clear()
    live.commit(news)
