"""A workspace made from text, its indexer, and what a fresh index of it says."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.indexing.progress import Progress, RunSummary
from codanna_lsp.settings import Settings
from codanna_lsp.store.index_store import IndexStore

SETTLED_NS = 1_000_000_000_000_000_001  # long ago: such a file is taken by its times


def write(root: Path, sources: dict[str, str], *, settled: bool = True) -> None:
    for path, source in sources.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
        if settled:
            os.utime(file, ns=(SETTLED_NS, SETTLED_NS))


def make(
    root: Path,
    settings: Settings | None = None,
    *,
    on_progress: Callable[[Progress], None] = lambda _: None,
    open_paths: Callable[[], Iterable[str]] = tuple,
    worker_module: str = "codanna_lsp.indexing.worker",
) -> tuple[Indexer, IndexStore]:
    store = IndexStore.in_memory(root)
    indexer = Indexer(
        root,
        store,
        settings or Settings(),
        on_progress=on_progress,
        open_paths=open_paths,
        worker_module=worker_module,
    )
    return indexer, store


def counts(summary: RunSummary) -> str:
    names = ("added", "changed", "removed", "unchanged", "skipped")
    return " ".join(f"{n}={getattr(summary, n)}" for n in names if getattr(summary, n))


def check_fresh(
    root: Path, store: IndexStore, settings: Settings | None = None
) -> None:
    """The index equals the one that a first run over the same files makes."""
    indexer, fresh = make(root, settings)
    indexer.run()
    assert store.data.dump() == fresh.data.dump()
