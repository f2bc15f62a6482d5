"""Opening the index for a command: what it says of itself goes to standard error."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.text import Text

from codanna_lsp.cli.progress import shown_progress
from codanna_lsp.cli.terminal import one_line, print_remark, talk_console
from codanna_lsp.errors import FolderError, WorkspaceError
from codanna_lsp.index.view import View
from codanna_lsp.settings import Settings
from codanna_lsp.store.holding.folder import folder_of
from codanna_lsp.store.incident import ERROR, INFO, Code, Incident
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.live_index import MEMORY, READER, WRITER

_STYLES = {INFO: "dim", ERROR: "bold red"}


@contextmanager
def open_store(
    root: Path, settings: Settings, *, needs_disk: bool = True
) -> Generator[IndexStore]:
    """The workspace's index, as its writer where nobody else is; closed at the end.

    needs_disk: without it, an index in memory will do where the folder cannot be used.

    Raises:
        FolderError: the index folder cannot be used.
    """
    if settings.index_place == "memory":
        yield IndexStore.in_memory(root)
        return
    told: list[Incident] = []
    silent = {Code.READER, Code.IN_MEMORY} if needs_disk else {Code.READER}

    def tell(incident: Incident) -> None:
        told.append(incident)
        if incident.code not in silent:
            print_incident(incident)

    folder = folder_of(root, settings)
    store = IndexStore.open(folder, root=root, on_incident=tell)
    try:
        if store.mode == MEMORY and needs_disk:
            why = told[-1].damaged if told else "the index folder cannot be used"
            raise FolderError(
                why,
                path=folder,
                advice="name another place with --setting indexFolder=DIR",
            )
        yield store
    finally:
        store.close()


@contextmanager
def open_for_questions(
    root: Path, settings: Settings, *, update: bool, asked: Sequence[str] = ()
) -> Generator[View]:
    """A view of the index; brought up to date first, unless a server does that.

    asked: the paths that the question is about; as an editor's open files, they and
    their folders are known even where the workspace is too wide to be walked whole.

    Raises:
        WorkspaceError: the workspace has no index, and none is to be made.
        FolderError: the index folder cannot be used as it is.
    """
    if not update:
        get_index_folder(root, settings)
    with open_store(root, settings, needs_disk=not update) as store:
        if update and store.mode != READER:
            _update(root, settings, store, asked)
        yield store.view()


def get_index_folder(root: Path, settings: Settings) -> Path:
    """The folder of an index that exists.

    Raises:
        WorkspaceError: the workspace has none.
    """
    folder = folder_of(root, settings)
    if settings.index_place == "memory" or not folder.is_dir():
        raise WorkspaceError(
            f"{root} has no index yet",
            path=root,
            advice=f"run `codanna-lsp index {root}`",
        )
    return folder


def print_incident(incident: Incident) -> None:
    """What went wrong with the index and what was done about it."""
    style = _STYLES.get(incident.severity, "yellow")
    talk_console().print(
        Text(one_line(f"{incident.severity}: {incident}"), style=style)
    )


def _update(
    root: Path, settings: Settings, store: IndexStore, asked: Sequence[str]
) -> None:
    from codanna_lsp.indexing.indexer import Indexer

    is_new = store.view().generation == 0
    with shown_progress() as show:
        indexer = Indexer(
            root, store, settings, on_progress=show, open_paths=lambda: asked
        )
        if is_new:
            summary = indexer.run()
        else:
            summary = indexer.refresh(hash_all=store.must_hash_sources)
    for remark in filter(None, (summary.narrow, summary.hidden, summary.fallback)):
        print_remark(remark)
    if not is_new and store.mode == WRITER and store.is_checkpoint_due():
        store.checkpoint()
