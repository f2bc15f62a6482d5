"""Small workspaces in several languages, and the editor's side of a session in them."""

import json
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lsprotocol import converters, types

from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.settings import Settings
from codanna_lsp.store.holding.folder import folder_of
from codanna_lsp.store.index_store import IndexStore
from tests.lsp.raw_client import DEADLINE_S, PipeClient, RawClient

CLIENTS = Path(__file__).parent.parent / "clients"
PROFILES = tuple(sorted(path.stem for path in CLIENTS.glob("*.json")))

SHAPES = {
    "shapes/base.py": 'class Shape:\n    """A shape."""\n\n    def area(self) -> float:\n        return 0.0\n',
    "shapes/__init__.py": "from shapes.base import Shape\n",
    "app.py": "from shapes import Shape\n\n\ndef total(shape: Shape) -> float:\n    return shape.area()\n",
    "web/store.ts": "export class Basket {\n  addItem(name: string) { return name; }\n}\n",
    "web/page.ts": 'import { Basket } from "./store";\nconst chosen = new Basket();\n',
    "cmd/main.go": "package main\n\nfunc RunAll() int { return 1 }\n\nfunc main() { RunAll() }\n",
    "src/lib.rs": "pub struct Engine;\nimpl Engine {\n    pub fn ignite(&self) {}\n}\n",
    "core/list.c": "struct node { int value; };\nint node_count(void) { return 0; }\n",
}

ANSWERS = {
    "Shape": ["base.py:0:6-11 Shape"],
    "area": ["base.py:3:8-12 Shape.area"],
    "Basket": ["store.ts:0:13-19 Basket"],
    "addItem": ["store.ts:1:2-9 Basket.addItem"],
    "RunAll": ["main.go:2:5-11 RunAll"],
    "ignite": ["lib.rs:2:11-17 Engine.ignite"],
    "node_count": ["list.c:1:4-14 node_count"],
}

_CONVERTER = converters.get_converter()


def write_files(root: Path, files: Mapping[str, str] = SHAPES) -> Path:
    """Lay out a workspace; its root."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return root


def index_here(root: Path, environment: Mapping[str, str]) -> None:
    """Index a workspace in this process, for a server with that environment."""
    place = f"{environment['XDG_CACHE_HOME']}/codanna-lsp"
    settings = Settings(index_folder=place)
    store = IndexStore.open(folder_of(root, settings), root=root)
    Indexer(root, store, settings).run()
    store.close()


def profile(name: str) -> Any:
    """The capabilities that a real client announced."""
    return json.loads((CLIENTS / f"{name}.json").read_text())["capabilities"]


@contextmanager
def session(
    root: Path,
    *,
    cache: Mapping[str, str] | None = None,
    initializationOptions: Mapping[str, Any] | None = None,  # noqa: N803 - LSP's name
    **params: Any,
) -> Generator[RawClient]:
    """A server in a workspace, with its index complete; it must end with 0.

    cache: the environment that says where indexes lie on disk; else they do not.
    """
    with RawClient(environment=dict(cache or {})) as client:
        # One worker process, for a session here has a few files only.
        options: dict[str, Any] = {"jobs": 1}
        options |= {} if cache else {"indexPlace": "memory"}
        options |= initializationOptions or {}
        where = {"rootUri": root.as_uri(), "initializationOptions": options}
        client.initialize(**{**where, **params})
        wait_until_quiet(client)
        yield client
        assert client.leave() == 0


def wait_until_quiet(client: PipeClient) -> Any:
    """Wait until answers are complete; the status that says so."""
    return wait_for_status(client, lambda status: not status["partial"])


def wait_for_status(client: PipeClient, wanted: Callable[[Any], bool]) -> Any:
    """Ask for the status until it is as wanted."""
    deadline = time.monotonic() + DEADLINE_S
    while not wanted(status := client.request("codanna/status")):
        assert time.monotonic() < deadline, status
        time.sleep(0.02)
    return status


def symbols(client: PipeClient, query: str) -> list[str]:
    """workspace/symbol, one line each; every one is a valid WorkspaceSymbol."""
    found = client.request("workspace/symbol", {"query": query})
    for item in found:
        _CONVERTER.structure(item, types.WorkspaceSymbol)
        _CONVERTER.structure(item, types.SymbolInformation)
    return [
        f"{_name(item['location']['uri'])}:{_range(item['location']['range'])} "
        f"{'.'.join(filter(None, (item.get('containerName'), item['name'])))}"
        for item in found
    ]


def index_file(tmp_path: Path, pattern: str) -> Path:
    """The one file of that name in the index of the fixture `cache`."""
    (found,) = (tmp_path / "cache").rglob(pattern)
    return found


def check_answers(client: PipeClient) -> None:
    """Every language of SHAPES answers."""
    found = {query: symbols(client, query) for query in ANSWERS}
    assert found == ANSWERS, found


def wait_for_symbols(client: PipeClient, query: str, wanted: list[str]) -> None:
    """Ask until the answer is as wanted: what the server notices takes a moment."""
    deadline = time.monotonic() + DEADLINE_S
    while (found := symbols(client, query)) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def definition(client: PipeClient, path: Path, needle: str) -> list[str]:
    """textDocument/definition at the last character of a text's `needle`."""
    text = path.read_text(encoding="utf-8")
    before = text[: text.index(needle) + len(needle) - 1]
    line, column = before.count("\n"), len(before.rpartition("\n")[2])
    found = client.request(
        "textDocument/definition",
        {
            "textDocument": {"uri": path.as_uri()},
            "position": {"line": line, "character": column},
        },
    )
    for item in found or ():
        kind = types.LocationLink if "targetUri" in item else types.Location
        _CONVERTER.structure(item, kind)
    return [
        f"{_name(item.get('targetUri') or item['uri'])}:"
        f"{_range(item.get('targetSelectionRange') or item['range'])}"
        for item in found or ()
    ]


def outline(client: PipeClient, path: Path) -> list[str]:
    """textDocument/documentSymbol, the names at the top."""
    params = {"textDocument": {"uri": path.as_uri()}}
    found = client.request("textDocument/documentSymbol", params)
    return [item["name"] for item in found]


def open_file(
    client: PipeClient, path: Path, text: str | None = None, *, language_id: str = ""
) -> None:
    """Open a file as an editor does."""
    shown = path.read_text(encoding="utf-8") if text is None else text
    document = {"uri": path.as_uri(), "languageId": language_id, "version": 1}
    opened = {"textDocument": {**document, "text": shown}}
    client.notify("textDocument/didOpen", opened)


def change(client: PipeClient, path: Path, *changes: Any, version: int = 2) -> None:
    """Change an open file; a change is a whole text, or (start, end, text)."""
    client.notify(
        "textDocument/didChange",
        {
            "textDocument": {"uri": path.as_uri(), "version": version},
            "contentChanges": [
                {"text": one}
                if isinstance(one, str)
                else {
                    "range": {"start": _position(one[0]), "end": _position(one[1])},
                    "text": one[2],
                }
                for one in changes
            ],
        },
    )


def save(client: PipeClient, path: Path) -> None:
    """Say that a file was saved."""
    client.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})


def close(client: PipeClient, path: Path) -> None:
    """Close an open file."""
    client.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})


def shown(client: PipeClient) -> list[str]:
    """What window/showMessage said so far."""
    client.request("codanna/status")
    return [
        message["params"]["message"]
        for message in client.messages
        if message.get("method") == "window/showMessage"
    ]


def wait_for_message(client: RawClient, part: str) -> None:
    """Wait until a message with that in it has been shown."""
    client.wait_for(
        lambda message: (
            message.get("method") == "window/showMessage"
            and part in message["params"]["message"]
        )
    )


def _name(uri: str) -> str:
    return uri.rpartition("/")[2]


def _range(value: Any) -> str:
    start, end = value["start"], value["end"]
    same = start["line"] == end["line"]
    last = end["character"] if same else f"{end['line']}:{end['character']}"
    return f"{start['line']}:{start['character']}-{last}"


def _position(place: tuple[int, int]) -> dict[str, int]:
    return {"line": place[0], "character": place[1]}
