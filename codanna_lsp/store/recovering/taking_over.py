"""Taking over: a reader becomes the writer of the folder that it has read along.

Invariant: questions see either what this process answered as a reader, or that laid
over what was recovered; never what was recovered alone.
Invariant: what is saved meanwhile wins over what the reader knew before.
"""

from codanna_lsp.store import incident as incidents
from codanna_lsp.store.changes import is_news
from codanna_lsp.store.holding.folder import make_index_folder
from codanna_lsp.store.live_index import LiveIndex
from codanna_lsp.store.recovering.recreating import everything


def take_over(live: LiveIndex) -> None:
    """Recover the folder in full, and write over it what only this process knows.

    Where the index was removed meanwhile, that is all that the reader could answer.

    Raises:
        StoreError: another process writes it, or it cannot be used now.
    """
    make_index_folder(live.disk, live.folder, root=live.root)
    loaded, held = live.recover_as_writer()
    is_new = not (loaded.manifest.metadata.generation or loaded.chain.transaction)
    is_gone = is_new and live.published.data.file_count > 0
    try:
        mine = everything(live) if is_gone else {}
    except BaseException:
        held.close()
        raise
    with live.swap:
        mine |= live.pending
        live.go_on_with(loaded, held)
        live.follower = None
        known = live.published.data.record_without_facts
        live.pending = {p: r for p, r in mine.items() if is_news(r, known(p))}
        live.show(live.pending)
    if is_gone and not loaded.corrupted:
        live.tell(incidents.folder_gone(str(live.folder)))
        live.works_again(incidents.Code.FOLDER_GONE)
        live.scheduler.want()
    live.tell(incidents.took_over())
    live.make_durable({})
