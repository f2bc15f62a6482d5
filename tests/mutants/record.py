"""Record the sessions that are mutated: `python -m tests.mutants.record`.

Each is a script run against a real server process in the workspace of tests/lsp, with
the capabilities that a real client announced; what the client sent is kept.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    SHAPES,
    change,
    close,
    index_here,
    open_file,
    profile,
    save,
    wait_until_quiet,
    write_files,
)
from tests.mutants.recorded import write_session


class Recorder(RawClient):
    """A client that keeps what it sends, and answers what it is asked."""

    def __init__(self, root: Path, cache: dict[str, str]) -> None:
        super().__init__(environment=cache)
        self.root = root
        self.sent: list[bytes] = []

    def send_body(self, body: bytes) -> None:
        self.sent.append(body)
        super().send_body(body)

    def begin(self, editor: str, **params: Any) -> None:
        where = {
            "rootUri": self.root.as_uri(),
            "capabilities": profile(editor),
            "clientInfo": {"name": editor},
            "initializationOptions": {"jobs": 1, "watch": "client"},
        }
        self.initialize(**{**where, **params})
        kept = len(self.sent)
        wait_until_quiet(self)
        del self.sent[kept:-1]  # one look at the status of all

    def answer(self, method: str, result: Any) -> None:
        asked = self.wait_for_method(method)
        self.send({"jsonrpc": "2.0", "id": asked["id"], "result": result})

    def search(self, query: str) -> None:
        self.request("workspace/symbol", {"query": query})

    def define(self, path: Path, line: int, column: int) -> None:
        self.request(
            "textDocument/definition",
            {
                "textDocument": {"uri": path.as_uri()},
                "position": {"line": line, "character": column},
            },
        )

    def outline(self, path: Path) -> None:
        where = {"textDocument": {"uri": path.as_uri()}}
        self.request("textDocument/documentSymbol", where)


def typing(client: Recorder) -> None:
    """VS Code: a name typed letter by letter, with cancellations, then an edit."""
    app = client.root / "app.py"
    folder = {"uri": client.root.as_uri(), "name": "shapes"}
    client.begin("vscode-1.139.1", workspaceFolders=[folder])
    client.answer("client/registerCapability", None)
    open_file(client, app)
    for query in ("S", "Sh", "Sha", "Shape"):
        asked = client.ask("workspace/symbol", {"query": query})
        if query != "Shape":
            client.notify("$/cancelRequest", {"id": asked})
        client.answer_to(asked)
    client.define(app, 4, 18)
    change(client, app, ((0, 0), (0, 0), "class Fresh: pass\n"))
    client.search("Fresh")
    client.outline(app)
    save(client, app)
    client.search("total kind:function")
    close(client, app)
    client.leave()


def reading(client: Recorder) -> None:
    """Neovim: definitions and outlines in several languages."""
    client.begin("nvim-0.12.4", rootPath=str(client.root))
    for name, line, column in (
        ("web/page.ts", 1, 22),
        ("cmd/main.go", 4, 15),
        ("src/lib.rs", 2, 13),
        ("core/list.c", 0, 8),
    ):
        path = client.root / name
        open_file(client, path)
        client.define(path, line, column)
        client.outline(path)
    client.notify("$/setTrace", {"value": "off"})
    client.request("codanna/status")
    client.search("")
    client.leave()


def saving(client: Recorder) -> None:
    """Emacs: edits of whole texts, and saves."""
    app, tool = client.root / "app.py", client.root / "web" / "store.ts"
    client.begin("emacs-30.1")
    for path in (app, tool):
        open_file(client, path)
        change(client, path, f"// {path.name}\nclass Typed {{}}\n", version=2)
        change(client, path, path.read_text(), version=3)
        save(client, path)
        client.search("total")
    client.request("workspace/executeCommand", {"command": "codanna.status"})
    change(client, app, ((1, 0), (2, 0), "x = '𝒳é'\r\n"), ((0, 0), (0, 3), ""))
    client.search("total path:app lang:python")
    save(client, app)
    close(client, app)
    client.leave()


def arranging(client: Recorder) -> None:
    """Helix: files and folders come and go, settings change."""
    client.begin("helix-25.07")
    app, gone = client.root / "app.py", client.root / "gone.py"
    changes = [{"uri": app.as_uri(), "type": 2}, {"uri": gone.as_uri(), "type": 3}]
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    moved = [{"oldUri": gone.as_uri(), "newUri": app.as_uri()}]
    client.notify("workspace/didRenameFiles", {"files": moved})
    client.notify("workspace/didDeleteFiles", {"files": [{"uri": gone.as_uri()}]})
    folder = {"uri": (client.root / "shapes").as_uri(), "name": "inner"}
    event: dict[str, Any] = {"added": [folder], "removed": []}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    client.search("area")
    event = {"added": [], "removed": [folder]}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    settings = {"codanna": {"symbolLimit": 5, "jobs": 1, "watch": "client"}}
    client.notify("workspace/didChangeConfiguration", {"settings": settings})
    client.search("node")
    client.request("workspace/executeCommand", {"command": "codanna.verify"})
    client.leave()


def confused(client: Recorder) -> None:
    """A client that gets the order and the forms wrong."""
    client.error_of("workspace/symbol", {"query": "early"})
    client.notify("textDocument/didOpen", {"textDocument": {}})
    client.begin("nvim-0.10.4")
    client.error_of("initialize", {"capabilities": {}})
    client.error_of("textDocument/hover", {})
    client.error_of("textDocument/definition", {"textDocument": {"uri": 5}})
    for request_id in ("text", "text", -7, 2**40):
        asked = {"jsonrpc": "2.0", "id": request_id, "method": "workspace/symbol"}
        client.send({**asked, "params": {"query": "Engine"}})
        client.answer_to(request_id)
    client.notify("textDocument/didChange", {"textDocument": {"uri": "file:///x"}})
    client.notify("$/cancelRequest", {"id": "never"})
    client.send({"jsonrpc": "2.0", "id": "nobody", "result": None})
    client.request("shutdown")
    client.error_of("workspace/symbol", {"query": "late"})
    client.notify("exit")
    client.wait_for_exit()


SCRIPTS: dict[str, Callable[[Recorder], None]] = {
    "vscode_typing": typing,
    "neovim_reading": reading,
    "emacs_saving": saving,
    "helix_arranging": arranging,
    "confused_client": confused,
}


def main() -> None:
    for name, script in SCRIPTS.items():
        with tempfile.TemporaryDirectory() as place:
            root = write_files(Path(place) / "workspace", SHAPES)
            cache = {"XDG_CACHE_HOME": f"{place}/cache"}
            index_here(root, cache)
            with Recorder(root, cache) as client:
                script(client)
            write_session(name, client.sent, root)
            print(f"{name}: {len(client.sent)} messages")


if __name__ == "__main__":
    main()
