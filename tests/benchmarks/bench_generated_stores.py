"""Start, memory and symbol search of the real server on generated stores.

    python -m tests.benchmarks.bench_generated_stores [NAMES ...]

For 10k, 100k, 1M and 4M names or those given: an index folder is made with that many
names and the files that it speaks of, the server is started on it as an editor does,
and a row is printed: names and symbols, the ratio of the first right workspace/symbol
answer to a bare pygls server's answer to initialize (median of interleaved pairs) and
what it took more in seconds, the 50th and 95th percentile of 300 mixed questions over
stdio in milliseconds, and RssAnon of the server's processes.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from codanna_lsp.extraction.extract import extractor_version
from codanna_lsp.index.codec import pack_facts
from codanna_lsp.index.columns import Columns
from codanna_lsp.languages.registry import get_language
from codanna_lsp.model.facts import FileFacts, FileRecord
from codanna_lsp.settings import Settings
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.holding.folder import folder_of
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.metadata import (
    FORMAT,
    IndexMetadata,
    read_manifest,
    search_name,
    write_manifest,
)
from codanna_lsp.store.search.search_index import build_search_index
from codanna_lsp.store.snapshots.snapshot import write_snapshot
from codanna_lsp.workspace.fingerprint import Source, read_source
from tests.benchmarks.bench_symbol_search import mixed_queries
from tests.benchmarks.bench_warm_start import (
    serving,
    settled_memory,
    start_bare,
    start_ours,
    timed,
    wait_until_quiet,
)
from tests.benchmarks.generated_columns import generate

SIZES = (10_000, 100_000, 1_000_000, 4_000_000)
LIMIT_BYTES = 1_000_000
LATER_NS = 10_000_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", type=int)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    for names in options.names or SIZES:
        with tempfile.TemporaryDirectory() as place:
            measure(Path(place), names, options.pairs)


def measure(place: Path, names: int, pairs: int) -> None:
    """Make one store and print its row."""
    root = place / "workspace"
    root.mkdir()
    os.environ["XDG_CACHE_HOME"] = str(place / "cache")
    columns = make_store(root, names)
    name = columns.name(columns.name_count // 2)
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(pairs):
        bare.append(start_bare(root))
        ours.append(start_ours(root, name))
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    more = statistics.median(a - b for a, b in zip(ours, bare, strict=True))
    with serving(root) as client:
        wait_until_quiet(client)
        took = sorted(
            timed(client, "workspace/symbol", {"query": text})
            for _, text in mixed_queries(columns)
        )
    memory = settled_memory(root, name)
    print(
        f"{columns.name_count:>9} names {columns.symbol_count:>9} symbols"
        f"  start {ratio:.2f}x +{more:.3f} s"
        f"  symbol p50 {took[len(took) // 2]:.1f}"
        f" p95 {took[len(took) * 95 // 100]:.1f} ms"
        f"  RssAnon {memory:.0f} MB",
        flush=True,
    )


def make_store(root: Path, names: int) -> Columns:
    """An index folder of generation 1 for the root, and its source files."""
    language = get_language("c")
    assert language is not None
    version = extractor_version(language)
    facts = pack_facts(FileFacts("c", (), (), (), ()))

    def record_of(path: str) -> FileRecord:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("\n")
        os.utime(place, ns=(1, 1))
        source = read_source(str(root), path, limit=LIMIT_BYTES)
        assert isinstance(source, Source)
        # Well after the file was written, so that its time proves that it is unchanged.
        indexed_ns = time.time_ns() + LATER_NS
        return FileRecord(path, "c", source.fingerprint, version, indexed_ns, "", facts)

    columns = generate(names, record_of=record_of)
    folder = folder_of(root, Settings())
    IndexStore.open(folder, root=root).close()
    disk = RealDisk()
    blobs = (facts for _ in range(columns.file_count))
    info = write_snapshot(disk, folder, generation=1, columns=columns, blobs=blobs)
    manifest = read_manifest(disk, folder)
    assert manifest is not None
    metadata = IndexMetadata(
        FORMAT, 1, 1, info.symbol_count, info.file_count, info.checksum
    )
    search = search_name(1)
    checksum = build_search_index(
        folder / search, records_of(columns, facts), metadata, disk=disk
    )
    write_manifest(
        disk,
        folder,
        manifest._replace(
            metadata=metadata,
            snapshot=info.name,
            search=search,
            search_checksum=checksum,
        ),
    )
    return columns


def records_of(columns: Columns, facts: bytes) -> Iterator[FileRecord]:
    for file in range(columns.file_count):
        yield columns.record(file, facts=facts)


if __name__ == "__main__":
    main()
