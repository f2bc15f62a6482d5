"""An index folder that was removed under its writer: made again out of memory.

Invariant: all that was published is written again, with the snapshot's facts as long as
its file is still mapped; of what is lost the owner is told.
"""

from typing import TYPE_CHECKING

from codanna_lsp.errors import CorruptionError
from codanna_lsp.store import incident as incidents
from codanna_lsp.store.changes import Changes
from codanna_lsp.store.holding.folder import make_index_folder
from codanna_lsp.store.holding.held_folder import HeldFolder, Worker
from codanna_lsp.store.holding.lock import take_lock
from codanna_lsp.store.journals.chain import read_chain
from codanna_lsp.store.recovering.recovery import writer_after
from codanna_lsp.store.recovering.repair import begin_anew

if TYPE_CHECKING:
    from codanna_lsp.store.live_index import LiveIndex


def recreate_folder(live: "LiveIndex", *, inline: bool) -> HeldFolder:
    """The folder was removed under us: make it again, and write all of it.

    Raises:
        StoreError: it cannot be made, or another process was faster.
    """
    folder = live.folder
    live.tell_once(incidents.folder_gone(str(folder)))
    make_index_folder(live.disk, folder, root=live.root)
    lock = take_lock(folder)
    serial = live.published.serial
    try:
        manifest = begin_anew(live.disk, folder, transaction=serial)
    except BaseException:
        lock.release()
        raise
    chain = read_chain(
        live.disk,
        folder,
        first=manifest.first_journal,
        newest=manifest.newest_journal,
    )
    writer = writer_after(live.disk, folder, manifest, chain)
    worker = Worker(live.disk, folder, lock, inline=inline)
    if live.held is not None:
        live.held.close()
    with live.swap:
        live.held = HeldFolder(live.disk, folder, lock, writer, worker)
        live.put_off({})
        live.pending = {**everything(live), **live.pending}
        live.published = live.published._replace(generation=0)
    live.search_checked = True
    live.rebuild_search = False
    live.scheduler.want()
    live.works_again(incidents.Code.FOLDER_GONE)
    return live.held


def everything(live: "LiveIndex") -> Changes:
    """Every record, out of memory and the snapshot that is still mapped."""
    data = live.published.data
    records: Changes = {}
    for path in data.paths():
        try:
            records[path] = data.record(path)
        except CorruptionError:
            live.on_damaged_file(path)
    return records
