"""Time 300 mixed symbol queries on generated stores.

    python -m tests.benchmarks.bench_symbol_search [NAMES ...]

Prints, for 10k, 100k, 1M and 4M names or those given: seconds to make the columns (in
a process of its own; 0.0 when they were kept in the temporary folder), bytes a symbol,
resident memory after the queries, and the times in milliseconds of a question and its
answer as JSON, at the limit that the server has without settings, with the bar that
their 95th percentile has to meet. Each query is asked in five passes over all of them;
its time is the median of the five, and the passes' own percentiles stand below. How
fast the machine was then is told by a loop of 100,000 additions, timed before each pass.
"""

import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from codanna_lsp.index.columns import Columns
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.index.name_table.names import words
from codanna_lsp.index.view import View
from codanna_lsp.indexing.own_parsing import OwnParsing
from codanna_lsp.queries.symbol_search import SymbolQuestion, find_symbols
from codanna_lsp.server.client import Client
from codanna_lsp.server.texts.sources import Sources
from codanna_lsp.server.to_lsp import to_symbols
from codanna_lsp.settings import Settings
from tests.benchmarks.generated_columns import SEED, open_generated

SIZES = (10_000, 100_000, 1_000_000, 4_000_000)
BARS_MS = {10_000: 5.0, 100_000: 5.0, 1_000_000: 16.0, 4_000_000: 50.0}
PASSES = 5
MODULE = "tests.benchmarks.bench_symbol_search"
_MIX = (
    ("exact", 50),
    ("prefix", 60),
    ("hump", 40),
    ("substring", 50),
    ("subsequence", 35),
    ("letters", 35),
    ("no hit", 20),
    ("empty", 10),
)


def main(sizes: list[int]) -> None:
    """Run one size a process, so that memory is each one's own."""
    if len(sizes) == 1:
        measure(sizes[0])
        return
    for names in sizes or SIZES:
        subprocess.run([sys.executable, "-m", MODULE, str(names)], check=True)


def measure(names: int) -> None:
    """One size: print its table."""
    columns, seconds = open_generated(names)
    size = sum(len(section) for section in columns.sections().values())
    view = View(IndexData(columns, lambda _row: b""), 1, 1)
    sources, client = (
        Sources("/workspace", max_file_size=1, own_parsing=OwnParsing),
        Client(),
    )
    queries = mixed_queries(columns)

    def answer(text: str) -> float:
        start = time.perf_counter()
        question = SymbolQuestion(text=text, limit=Settings().symbol_limit)
        found = find_symbols(view, question).symbols
        to_symbols([(match, sources) for match in found], client)
        return (time.perf_counter() - start) * 1000

    answer("warm up")
    loops: list[float] = []
    passes: list[list[float]] = []
    for _ in range(PASSES):
        loops.append(loop_ms())
        passes.append([answer(text) for _, text in queries])
    middle = [statistics.median(column) for column in zip(*passes, strict=True)]
    times: dict[str, list[float]] = {}
    for (kind, _), spent in zip(queries, middle, strict=True):
        times.setdefault(kind, []).append(spent)
    print(
        f"\n{columns.name_count:,} names, {columns.symbol_count:,} symbols: "
        f"made in {seconds:.1f} s, {size / columns.symbol_count:.1f} bytes a symbol, "
        f"{resident_mb('RssAnon'):.0f} MB of its own, {resident_mb('VmRSS'):.0f} MB in all"
    )
    print(f"  {'all':12} {row(middle)}   bar p95 {BARS_MS.get(names)} ms")
    for loop, one in zip(loops, passes, strict=True):
        print(f"  {'a pass':12} {row(one)}   the loop {loop:.1f} ms")
    for kind, column in times.items():
        print(f"  {kind:12} {row(column)}")
    worst, (kind, text) = max(zip(middle, queries, strict=True))
    print(f"  worst: {worst:.2f} ms, {kind} {text!r}")


def loop_ms() -> float:
    """Milliseconds of a loop that is the same everywhere: the machine's speed."""
    start, total = time.perf_counter(), 0
    for number in range(100_000):
        total += number
    return (time.perf_counter() - start) * 1000


def row(times: list[float]) -> str:
    """Percentiles of milliseconds."""
    times, last = sorted(times), len(times) - 1
    at = {name: times[round(share * last)] for name, share in _SHARES}
    return "  ".join(f"{name} {spent:7.2f}" for name, spent in at.items())


_SHARES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))


def mixed_queries(columns: Columns) -> list[tuple[str, str]]:
    """The 300 queries, the same each time."""
    draw = random.Random(SEED)
    queries = [
        (kind, _query(kind, columns, draw))
        for kind, count in _MIX
        for _ in range(count)
    ]
    draw.shuffle(queries)
    return queries


def _query(kind: str, columns: Columns, draw: random.Random) -> str:
    name = columns.name(draw.randrange(columns.name_count))
    if kind == "exact":
        return name
    if kind == "prefix":
        return name[: draw.randint(3, max(4, len(name) - 2))]
    if kind == "hump":
        return "".join(word[: draw.randint(1, 3)].capitalize() for word in words(name))
    if kind == "substring":
        size = draw.randint(3, 8)
        start = draw.randint(0, max(0, len(name) - size))
        return name[start : start + size].lower()
    if kind == "subsequence":
        places = sorted(draw.sample(range(len(name)), min(len(name), 6)))
        return "".join(name[place] for place in places).lower()
    if kind == "letters":
        return name[: draw.randint(1, 2)].lower()
    if kind == "no hit":
        return "".join(draw.choice("qxzjkvw") for _ in range(draw.randint(4, 9)))
    return ""


def resident_mb(field: str) -> float:
    """A field of /proc/self/status, or 0 where there is none."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    for line in status.read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]])
