"""A run that is killed leaves an index from which the next one goes on to the truth."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import codanna_lsp
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.settings import Settings
from codanna_lsp.store.incident import Incident
from codanna_lsp.store.index_store import IndexStore

PACKAGES = ("asyncio", "concurrent", "email", "json")

# Tells when files were committed, and then waits to be killed.
RUN = """
import sys, time
from pathlib import Path
from codanna_lsp.indexing import batches
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.settings import Settings
from codanna_lsp.store.index_store import IndexStore

batches.FIRST_BATCH_BYTES = batches.MAX_BATCH_BYTES = 20_000
root, folder, commits = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
store = IndexStore.open(folder, root=root)
flush = batches.Batches.flush

def counting(self):
    global commits
    done = flush(self)
    commits -= done is not None
    if commits <= 0:
        print(store.data.file_count, flush=True)
        time.sleep(600)
    return done

batches.Batches.flush = counting
Indexer(root, store, Settings()).run()
print("the end", flush=True)
"""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some packages of the standard library."""
    root = tmp_path_factory.mktemp("sources")
    library = Path(sysconfig.get_path("stdlib"))
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(library / package, root / package, ignore=ignored)
    return root


@pytest.mark.parametrize("commits", [1, 4])
def test_the_next_run_goes_on(sources: Path, tmp_path: Path, commits: int) -> None:
    folder = tmp_path / "index"
    committed = _run_and_kill(sources, folder, commits)
    said: list[Incident] = []
    store = IndexStore.open(folder, root=sources, on_incident=said.append, inline=True)
    try:
        assert store.data.file_count == committed > 0
        assert said == []
        summary = Indexer(sources, store, Settings()).run()
        assert summary.unchanged == committed
        assert summary.added > 0
        fresh = IndexStore.in_memory(sources)
        Indexer(sources, fresh, Settings()).run()
        assert store.data.dump() == fresh.data.dump()
    finally:
        store.close()


def _run_and_kill(root: Path, folder: Path, commits: int) -> int:
    """How many files were committed when the run was killed."""
    place = str(Path(codanna_lsp.__file__).parent.parent)
    path = os.pathsep.join([place, os.environ.get("PYTHONPATH", "")])
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, root, folder, str(commits)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert run.stdout is not None
    try:
        return int(run.stdout.readline())
    finally:
        run.kill()
        run.communicate()
