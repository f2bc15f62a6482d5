"""The warm start: nothing heavy is loaded before the first answers."""

import json
import subprocess
import sys
from pathlib import Path

HEAVY = (
    "tree_sitter",
    "tantivy",
    "watchfiles",
    "multiprocessing",
    "pathspec",
    "typer",
    "rich",
    "pytest",
    "codanna_lsp.extraction.extract",
    "codanna_lsp.indexing",
    "codanna_lsp.cli",
)

# One session inside of one process, which then tells what it has imported. The look
# at the sources is put off: it imports what it likes.
PROGRAM = """
import asyncio, json, sys
from codanna_lsp.server.keeping import keeper
keeper.FRESHNESS_DELAY_S = 3600
from codanna_lsp.server.app import build_server

async def main():
    server = build_server()
    sent = []
    class Outbox:
        def write(self, body):
            sent.append(json.loads(body))
    server.protocol.outbox = Outbox()
    def tell(method, params, **more):
        server.protocol.receive({"jsonrpc": "2.0", "method": method, "params": params, **more})
    tell("initialize", {"rootUri": sys.argv[1], "capabilities": {}}, id=1)
    await asyncio.sleep(0)
    tell("initialized", {})
    tell("workspace/symbol", {"query": "Wanted"}, id=2)
    while not any(message.get("id") == 2 for message in sent):
        await asyncio.sleep(0.001)
    answer = next(m["result"] for m in sent if m.get("id") == 2)
    print(json.dumps([[item["name"] for item in answer], sorted(sys.modules)]))
    server.session.close(timeout_s=5)

asyncio.run(main())
"""


def index(root: Path) -> None:
    from codanna_lsp.indexing.indexer import Indexer
    from codanna_lsp.settings import Settings
    from codanna_lsp.store.holding.folder import folder_of
    from codanna_lsp.store.index_store import IndexStore

    settings = Settings()
    store = IndexStore.open(folder_of(root, settings), root=root)
    Indexer(root, store, settings).run()
    store.close()


def test_the_first_symbol_answer_needs_none_of_the_heavy_modules(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.py").write_text("class Wanted: pass\n")
    index(tmp_path)
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path.as_uri()],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert told.returncode == 0, told.stderr.decode()
    names, modules = json.loads(told.stdout)
    assert names == ["Wanted"]
    loaded = {
        heavy
        for heavy in HEAVY
        if any(name == heavy or name.startswith(heavy + ".") for name in modules)
    }
    assert loaded == set()
