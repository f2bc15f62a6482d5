"""Warm start, latencies and memory of the real server over stdio.

    python -m tests.benchmarks.bench_warm_start [FOLDER] [--pairs N]

FOLDER is copied nowhere and indexed into a folder of this run; by default a copy of
the standard library. Warm start is from the start of the process to the first right
answer of workspace/symbol, against a bare pygls server's answer to initialize; the
figure is the median of the ratios of interleaved pairs.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tree_sitter
import tree_sitter_python

from tests.lsp.raw_client import RawClient

BARE = """
from pygls.lsp.server import LanguageServer
LanguageServer("bare", "1").start_io()
"""
CAPABILITIES = json.loads(
    (Path(__file__).parent.parent / "clients" / "vscode-1.139.1.json").read_text()
)["capabilities"]
QUERIES = ("get", "test_", "OrdDict", "parse", "Error", "read_all", "xyzzy", "fooBar")
SETTLED_S = 10.0
SAVE_SPACING_S = 0.3
SAVED_NAME = "codanna_benchmark.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--name", default="OrderedDict", help="a name to be found")
    parser.add_argument("--no-memory", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = options.folder or copy_of_stdlib(Path(place) / "stdlib")
        os.environ["XDG_CACHE_HOME"] = f"{place}/cache"
        # As where it is installed: with compiled modules.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{place}/compiled"
        show("cold index until quiet, s", cold_index(root))
        show("symbols", describe(root)["symbols"])
        measure_start(root, options.name, options.pairs)
        measure_latencies(root)
        if not options.no_memory:
            show("RssAnon 10 s after READY, MB", settled_memory(root, options.name))
            early, late = growth(root)
            show("RssAnon after 200 saves, MB", early)
            show("RssAnon after 1,000 saves, of that (bar 1.05)", late / early)


def copy_of_stdlib(place: Path) -> Path:
    library = Path(sysconfig.get_paths()["stdlib"])
    skipped = shutil.ignore_patterns("site-packages", "__pycache__", "lib-dynload")
    shutil.copytree(library, place, ignore=skipped, ignore_dangling_symlinks=True)
    return place


def show(what: str, value: float | str) -> None:
    text = value if isinstance(value, str) else f"{value:.4g}"
    print(f"{what:48} {text}", flush=True)


@contextmanager
def serving(root: Path) -> Generator[RawClient]:
    with RawClient() as client:
        client.initialize(rootUri=root.as_uri(), capabilities=CAPABILITIES)
        yield client
        client.leave()


def describe(root: Path) -> Any:
    with serving(root) as client:
        return wait_until_quiet(client)


def wait_until_quiet(client: RawClient) -> Any:
    while (status := client.request("codanna/status"))["partial"]:
        time.sleep(0.05)
    return status


def cold_index(root: Path) -> float:
    started = time.monotonic()
    with serving(root) as client:
        wait_until_quiet(client)
        return time.monotonic() - started


def measure_start(root: Path, name: str, pairs: int) -> None:
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(pairs):
        bare.append(start_bare(root))
        ours.append(start_ours(root, name))
    ratios = [one / other for one, other in zip(ours, bare, strict=True)]
    show("bare pygls, initialize, s", statistics.median(bare))
    show("ours, first workspace/symbol, s", statistics.median(ours))
    show("ratio, median of pairs (bar 1.2)", statistics.median(ratios))
    show("ratios", " ".join(f"{ratio:.2f}" for ratio in sorted(ratios)))


def start_bare(root: Path) -> float:
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", BARE], stdin=-1, stdout=-1, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(framed("initialize", 1, initialize_params(root)))
        process.stdin.flush()
        process.stdout.readline()
        took = time.perf_counter() - started
        process.kill()
    return took


def start_ours(root: Path, name: str) -> float:
    started = time.perf_counter()
    with RawClient() as client:
        client.send_bytes(framed("initialize", "i", initialize_params(root)))
        client.answer_to("i")
        client.notify("initialized", {})
        found = client.request("workspace/symbol", {"query": name})
        took = time.perf_counter() - started
        assert found[0]["name"] == name, found[:3]
    return took


def initialize_params(root: Path) -> dict[str, Any]:
    return {"processId": None, "rootUri": root.as_uri(), "capabilities": CAPABILITIES}


def framed(method: str, request_id: Any, params: Any) -> bytes:
    message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def measure_latencies(root: Path) -> None:
    with serving(root) as client:
        wait_until_quiet(client)
        took = [timed(client, "workspace/symbol", {"query": q}) for q in QUERIES * 12]
        show_percentiles("workspace/symbol over stdio, ms", took[len(QUERIES) :])
        uri, text = opened_file(client, root)
        params = {"textDocument": {"uri": uri}}
        first, *rest = [
            timed(client, "textDocument/definition", {**params, "position": place})
            for place in places(text)
        ]
        show("definition, first in a file, ms", first)
        show_percentiles("definition over stdio, ms", rest)
        for what, body in bodies(root):
            show_percentiles(f"pure parse of {what}, ms", parses(body))
            took = saves(client, root, body, is_open=True)
            show_percentiles(f"save to visible, open, {what}, ms", took)
            took = saves(client, root, body)
            show_percentiles(f"save to visible, not open, {what}, ms", took)


def timed(client: RawClient, method: str, params: Any) -> float:
    """Milliseconds from the request to the answer's last byte; decoding it is the
    client's.
    """
    started = time.perf_counter()
    client.request(method, params)
    return (client.arrived - started) * 1000


def opened_file(client: RawClient, root: Path) -> tuple[str, str]:
    files = sorted(root.rglob("*.py"), key=lambda path: path.stat().st_size)
    path = next(path for path in files if path.stat().st_size > 30_000)
    text = path.read_text(encoding="utf-8", errors="replace")
    document = {"uri": path.as_uri(), "languageId": "python", "version": 1}
    client.notify("textDocument/didOpen", {"textDocument": {**document, "text": text}})
    return path.as_uri(), text


def places(text: str) -> Iterator[dict[str, int]]:
    lines = text.splitlines()
    for number in range(0, len(lines), max(1, len(lines) // 100)):
        indent = len(lines[number]) - len(lines[number].lstrip())
        yield {"line": number, "character": indent}


def bodies(root: Path) -> Iterator[tuple[str, str]]:
    """Texts to be saved: real ones, and one of nothing but tiny functions."""
    # Not what a run that was broken off has left: it is removed on the way.
    paths = (path for path in root.rglob("*.py") if path.name != SAVED_NAME)
    files = sorted(paths, key=lambda path: path.stat().st_size)
    for size in (40_000, 200_000):
        fit = [path for path in files if path.stat().st_size <= size]
        text = fit[-1].read_text(encoding="utf-8", errors="replace")
        yield f"{len(text) // 1000} kB", text
    tiny = (f"def filler_{n}(one, two):\n    return one\n" for n in range(900))
    yield "900 functions", "\n".join(tiny)


def saves(
    client: RawClient, root: Path, body: str, *, is_open: bool = False
) -> list[float]:
    """From a save to its new name in workspace/symbol, in milliseconds.

    An open file was changed SAVE_SPACING_S before, as a person pauses before a save.
    """
    path = root / SAVED_NAME
    path.write_text(body)
    document: dict[str, Any] = {"uri": path.as_uri()}
    if is_open:
        opened = {**document, "languageId": "python", "version": 0, "text": body}
        client.notify("textDocument/didOpen", {"textDocument": opened})
    took: list[float] = []
    try:
        for number in range(30):
            name = f"Zq{number}Benchmark"
            text = f"class {name}: pass\n{body}"
            if is_open:
                versioned = {**document, "version": number + 1}
                changes = {
                    "textDocument": versioned,
                    "contentChanges": [{"text": text}],
                }
                client.notify("textDocument/didChange", changes)
            path.write_text(text)
            time.sleep(SAVE_SPACING_S)
            started = time.perf_counter()
            client.notify("textDocument/didSave", {"textDocument": document})
            while not client.request("workspace/symbol", {"query": name}):
                pass
            took.append((time.perf_counter() - started) * 1000)
    finally:
        if is_open:
            client.notify("textDocument/didClose", {"textDocument": document})
        path.unlink()
    return took


def parses(body: str) -> list[float]:
    """Milliseconds that the pure parse of the same text takes here and now."""
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
    took: list[float] = []
    for _ in range(30):
        started = time.perf_counter()
        parser.parse(body.encode())
        took.append((time.perf_counter() - started) * 1000)
    return took


def show_percentiles(what: str, values: list[float]) -> None:
    ordered = sorted(values)
    middle = ordered[len(ordered) // 2]
    high = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
    show(what, f"p50 {middle:.2f}  p95 {high:.2f}  max {ordered[-1]:.2f}")


def settled_memory(root: Path, name: str) -> float:
    with serving(root) as client:
        wait_until_quiet(client)
        client.request("workspace/symbol", {"query": name})
        time.sleep(SETTLED_S)
        return sum(anonymous_bytes(client.process.pid)) / 1e6


def growth(root: Path) -> tuple[float, float]:
    """RssAnon in MB after 200 and after 1,000 saves of 50 files, without a pause."""
    folder = root / "codanna_benchmark"
    folder.mkdir()
    found: list[float] = []
    try:
        with serving(root) as client:
            wait_until_quiet(client)
            for number in range(1, 1001):
                path = folder / f"saved_{number % 50}.py"
                path.write_text(f"class Saved{number}:\n    def run(self): pass\n" * 20)
                client.notify(
                    "textDocument/didSave", {"textDocument": {"uri": path.as_uri()}}
                )
                client.request("workspace/symbol", {"query": f"Saved{number}"})
                if number in (200, 1000):
                    time.sleep(SETTLED_S)
                    found.append(sum(anonymous_bytes(client.process.pid)) / 1e6)
    finally:
        shutil.rmtree(folder)
    return found[0], found[1]


def anonymous_bytes(process: int) -> Iterator[int]:
    """RssAnon of a process and of all below it."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            yield int(line.split()[1]) * 1024
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from anonymous_bytes(int(child))


if __name__ == "__main__":
    main()
