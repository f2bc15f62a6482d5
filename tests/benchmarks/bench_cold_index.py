"""Cold index against a pool of the same size that only reads and parses the same files.

    python tests/benchmarks/bench_cold_index.py PATH [--pairs 5] [--jobs 0]

Both start their own processes in the measured time; the index also walks the folder.
`queryable` is the time until a symbol search over all files was answered, `complete`
until both stores are on disk. The figures are medians of the ratios of interleaved
pairs: single pairs of the same thing spread too far to mean anything.
"""

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import tree_sitter

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from codanna_lsp.indexing.carry_out import CHUNK_BYTES
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.indexing.progress import SAVING, Progress
from codanna_lsp.languages.registry import language_of
from codanna_lsp.queries.symbol_search import SymbolQuestion, find_symbols
from codanna_lsp.settings import Settings
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.workspace.walk import walk

Task = tuple[str, str, str]  # path, and module and function of its grammar


class IndexTimes(NamedTuple):
    """Seconds until all is answerable, and until both stores are on disk."""

    queryable_s: float
    complete_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=0)
    given = parser.parse_args()
    settings = Settings(jobs=given.jobs)
    tasks = gather(given.path.resolve(), settings)
    workers = settings.worker_count
    print(f"{len(tasks)} files, {workers} processes; seconds, and ratios to the parse")
    queryable: list[float] = []
    complete: list[float] = []
    for _ in range(given.pairs):
        parse_s = time_parse(tasks, workers)
        times = time_index(given.path, settings)
        queryable.append(times.queryable_s / parse_s)
        complete.append(times.complete_s / parse_s)
        print(
            f"parse {parse_s:.2f}  queryable {times.queryable_s:.2f}"
            f" ({queryable[-1]:.2f}x)  complete {times.complete_s:.2f}"
            f" ({complete[-1]:.2f}x)",
            flush=True,
        )
    print(f"median: queryable {statistics.median(queryable):.2f}x", end=", ")
    print(f"complete {statistics.median(complete):.2f}x")


def gather(root: Path, settings: Settings) -> list[Task]:
    """The files that an index run reads and parses, the biggest first."""
    found: list[tuple[int, Task]] = []
    for file in walk(root, settings).files:
        source = (root / file.path).read_bytes()
        language = language_of(file.path, source)
        if language is not None and language.grammar:
            task = (str(root / file.path), language.grammar, language.grammar_function)
            found.append((file.size, task))
    return [task for _, task in sorted(found, reverse=True)]


def time_parse(tasks: Sequence[Task], workers: int) -> float:
    """Seconds that a pool needs to read and parse the files, its start included."""
    started = time.perf_counter()
    chunks: list[list[Task]] = [[]]
    filled = 0
    for task in tasks:
        chunks[-1].append(task)
        filled += Path(task[0]).stat().st_size
        if filled > CHUNK_BYTES:
            chunks.append([])
            filled = 0
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers) as pool:
        for _ in pool.imap_unordered(parse_chunk, chunks):
            pass
    return time.perf_counter() - started


def parse_chunk(tasks: Sequence[Task]) -> int:
    """Read and parse; the trees are dropped at once."""
    size = 0
    for path, module, function in tasks:
        source = Path(path).read_bytes()
        parser_of(module, function).parse(source)
        size += len(source)
    return size


@cache
def parser_of(module: str, function: str) -> tree_sitter.Parser:
    make: Callable[[], object] = getattr(import_module(module), function)
    return tree_sitter.Parser(tree_sitter.Language(make()))


def time_index(root: Path, settings: Settings) -> IndexTimes:
    """Seconds that an index run needs into an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        store = IndexStore.open(Path(folder) / "index", root=root)
        queryable: list[float] = []

        def note(progress: Progress) -> None:
            if progress.phase == SAVING:
                find_symbols(store.view(), SymbolQuestion(text="main"))
                queryable.append(time.perf_counter() - started)

        started = time.perf_counter()
        Indexer(root, store, settings, on_progress=note).run()
        complete = time.perf_counter() - started
        status = store.status()
        store.close()
        sizes = status.bytes_on_disk
    stores = sizes["snapshot"] + sizes["search"]
    symbols = max(status.symbol_count, 1)
    print(
        f"  {status.file_count} files, {status.symbol_count} symbols,"
        f" {stores / 1e6:.1f} MB in both stores, {stores / symbols:.0f} bytes a symbol",
    )
    return IndexTimes(queryable[0], complete)


if __name__ == "__main__":
    main()
