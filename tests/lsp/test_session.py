"""Sessions from end to end: a real server, a real workspace, a real index on disk."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.raw_client import DEADLINE_S, RawClient
from tests.lsp.workspaces import (
    SHAPES,
    change,
    close,
    definition,
    open_file,
    save,
    session,
    shown,
    symbols,
    wait_for_status,
    wait_for_symbols,
    wait_until_quiet,
    write_files,
)

ANSWERS = {
    "Shape": ["base.py:0:6-11 Shape"],
    "area": ["base.py:3:8-12 Shape.area"],
    "Basket": ["store.ts:0:13-19 Basket"],
    "addItem": ["store.ts:1:2-9 Basket.addItem"],
    "RunAll": ["main.go:2:5-11 RunAll"],
    "ignite": ["lib.rs:2:11-17 Engine.ignite"],
    "node_count": ["list.c:1:4-14 node_count"],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_files(tmp_path / "shapes project")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RawClient]:
    """One session for all tests that leave it as it was."""
    with session(write_files(tmp_path_factory.mktemp("shared"))) as client:
        yield client


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    """The environment of a server whose indexes lie in this test's own folder."""
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def index_file(tmp_path: Path, pattern: str) -> Path:
    (found,) = (tmp_path / "cache").rglob(pattern)
    return found


def check_answers(client: RawClient) -> None:
    assert {query: symbols(client, query) for query in ANSWERS} == ANSWERS


def test_a_name_is_found_while_the_index_is_built(root: Path) -> None:
    with RawClient() as client:
        client.initialize(rootUri=root.as_uri())
        wait_for_symbols(client, "RunAll", ANSWERS["RunAll"])
        assert client.leave() == 0


def test_every_language_answers_and_the_next_start_answers_the_same(
    root: Path, cache: dict[str, str]
) -> None:
    with session(root, environment=cache) as client:
        check_answers(client)
        app = root / "app.py"
        open_file(client, app)
        assert definition(client, app, "shape.area") == ["base.py:3:8-12"]
        assert definition(client, app, "import Shape") == ["base.py:0:6-11"]
        page = root / "web" / "page.ts"
        open_file(client, page)
        assert definition(client, page, "new Basket") == ["store.ts:0:13-19"]
        main = root / "cmd" / "main.go"
        open_file(client, main)
        assert definition(client, main, "main() { RunAll") == ["main.go:2:5-11"]
        assert shown(client) == []
    with session(root, environment=cache) as client:
        check_answers(client)
        assert shown(client) == []


def test_unsaved_text_is_in_every_answer(root: Path) -> None:
    app = root / "app.py"
    with session(root) as client:
        open_file(client, app)
        change(client, app, ((0, 0), (0, 0), "class Unsaved:\n    pass\n"))
        assert symbols(client, "Unsaved") == ["app.py:0:6-13 Unsaved"]
        assert symbols(client, "total") == ["app.py:5:4-9 total"]
        # The file itself still has the old text; what is opened counts.
        outline = client.request(
            "textDocument/documentSymbol", {"textDocument": {"uri": app.as_uri()}}
        )
        assert [item["name"] for item in outline] == ["Unsaved", "total"]
        change(client, app, ((0, 6), (0, 13), "Renamed"), version=3)
        assert symbols(client, "Unsaved") == []
        assert symbols(client, "Renamed") == ["app.py:0:6-13 Renamed"]
        close(client, app)
        wait_for_symbols(client, "Renamed", [])
        wait_for_symbols(client, "total", ["app.py:3:4-9 total"])


def test_a_definition_follows_unsaved_text_in_both_files(root: Path) -> None:
    app, base = root / "app.py", root / "shapes" / "base.py"
    with session(root) as client:
        open_file(client, base)
        change(client, base, ((0, 0), (0, 0), "\n\n"))
        open_file(client, app)
        assert definition(client, app, "shape.area") == ["base.py:5:8-12"]


def test_a_save_is_one_transaction_and_survives_a_kill(
    root: Path, cache: dict[str, str]
) -> None:
    app = root / "app.py"
    with RawClient(environment=cache) as client:
        client.initialize(rootUri=root.as_uri())
        before = wait_until_quiet(client)["roots"][0]["serial"]
        app.write_text("class Saved:\n    pass\n")
        save(client, app)
        assert symbols(client, "Saved") == ["app.py:0:6-11 Saved"]
        status = wait_for_status(client, lambda s: s["roots"][0]["serial"] > before)
        assert status["roots"][0]["serial"] == before + 1
        client.process.kill()
    with session(root, environment=cache) as client:
        assert symbols(client, "Saved") == ["app.py:0:6-11 Saved"]
        assert shown(client) == []


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("snapshot-*.bin", "the snapshot is damaged"),
        ("index.meta", "index.meta is damaged"),
    ],
)
def test_damage_is_mended_and_told_once(
    tmp_path: Path, root: Path, cache: dict[str, str], pattern: str, words: str
) -> None:
    with session(root, environment=cache) as client:
        check_answers(client)
    path = index_file(tmp_path, pattern)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with session(root, environment=cache) as client:
        check_answers(client)
        (told,) = shown(client)
        assert told.startswith("codanna-lsp: ")
        assert words in told
        assert "nothing was lost" in told
        (incident,) = client.request("codanna/status")["roots"][0]["incidents"]
        assert incident["message"] in told
        wait_for_status(client, lambda s: s["roots"][0]["generation"] > 1)
    with session(root, environment=cache) as client:
        check_answers(client)
        assert shown(client) == []


def test_both_stores_damaged_are_built_anew_and_told(
    tmp_path: Path, root: Path, cache: dict[str, str]
) -> None:
    with session(root, environment=cache) as client:
        check_answers(client)
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file() and path.name != "writer.lock":
            path.write_bytes(b"\xff" * 100)
    with session(root, environment=cache) as client:
        check_answers(client)
        assert any("beyond repair" in text for text in shown(client))


def test_files_that_change_behind_the_editor_are_noticed(root: Path) -> None:
    """A client that does not watch has a server that does."""
    with session(root) as client:
        (root / "new.py").write_text("class Appeared: pass\n")
        wait_for_symbols(client, "Appeared", ["new.py:0:6-14 Appeared"])
        (root / "new.py").rename(root / "moved.py")
        wait_for_symbols(client, "Appeared", ["moved.py:0:6-14 Appeared"])
        (root / "moved.py").unlink()
        wait_for_symbols(client, "Appeared", [])


def test_the_clients_own_file_events_count(root: Path) -> None:
    watching = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
    with session(root, capabilities={"workspace": watching}) as client:
        asked = client.wait_for_method("client/registerCapability")
        (registration,) = asked["params"]["registrations"]
        assert registration["method"] == "workspace/didChangeWatchedFiles"
        client.send({"jsonrpc": "2.0", "id": asked["id"], "result": None})
        path = root / "new.py"
        path.write_text("class Appeared: pass\n")
        event = {"uri": path.as_uri(), "type": 1}
        client.notify("workspace/didChangeWatchedFiles", {"changes": [event]})
        wait_for_symbols(client, "Appeared", ["new.py:0:6-14 Appeared"])
        path.rename(root / "moved.py")
        renamed = {"oldUri": path.as_uri(), "newUri": (root / "moved.py").as_uri()}
        client.notify("workspace/didRenameFiles", {"files": [renamed]})
        wait_for_symbols(client, "Appeared", ["moved.py:0:6-14 Appeared"])


def test_a_changed_ignore_file_hides_files(root: Path) -> None:
    with session(root) as client:
        assert symbols(client, "Basket") == ANSWERS["Basket"]
        (root / ".gitignore").write_text("web/\n")
        wait_for_symbols(client, "Basket", [])


def test_a_saved_ignore_file_is_obeyed_although_nobody_watches(root: Path) -> None:
    ignored = root / ".gitignore"
    with session(root, initializationOptions={"watch": "off"}) as client:
        ignored.write_text("web/\n")
        save(client, ignored)
        wait_for_symbols(client, "Basket", [])
        ignored.write_text("")
        save(client, ignored)
        wait_for_symbols(client, "Basket", ANSWERS["Basket"])


def test_several_folders_answer_as_one(root: Path, tmp_path: Path) -> None:
    other = write_files(tmp_path / "other", {"o.py": "class ShapeTwo: pass\n"})
    third = write_files(tmp_path / "third", {"t.py": "class ShapeThree: pass\n"})
    folders = [{"uri": place.as_uri(), "name": place.name} for place in (root, other)]
    with session(root, workspaceFolders=folders) as client:
        assert symbols(client, "Shape") == [
            *ANSWERS["Shape"],
            "o.py:0:6-14 ShapeTwo",
        ]
        added = [{"uri": third.as_uri(), "name": "third"}]
        event = {"added": added, "removed": folders[1:]}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        wait_for_symbols(client, "Shape", [*ANSWERS["Shape"], "t.py:0:6-16 ShapeThree"])


def test_files_outside_of_every_folder_answer_while_they_are_open(
    shared: RawClient, tmp_path: Path
) -> None:
    (loose,) = write_files(
        tmp_path / "x", {"l.py": "def loose(): pass\nloose()\n"}
    ).iterdir()
    client = shared
    assert symbols(client, "loose") == []
    open_file(client, loose)
    assert symbols(client, "loose") == ["l.py:0:4-9 loose"]
    assert definition(client, loose, "\nloose") == ["l.py:0:4-9"]
    close(client, loose)
    assert symbols(client, "loose") == []


@pytest.mark.parametrize(
    "uri", ["untitled:Untitled-1", "git:/a.py?x", "", "file:///nowhere/none.py"]
)
def test_what_is_no_file_has_empty_answers(shared: RawClient, uri: str) -> None:
    document = {"uri": uri, "languageId": "python", "version": 1, "text": "x = 1\nx"}
    place = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 0}}
    client = shared
    assert client.request("textDocument/definition", place) is None
    client.notify("textDocument/didOpen", {"textDocument": document})
    change_params = {"textDocument": {"uri": uri, "version": 2}}
    client.notify(
        "textDocument/didChange",
        {**change_params, "contentChanges": [{"text": "y = 1\n"}]},
    )
    client.request("textDocument/definition", place)
    client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    check_answers(client)


def test_settings_that_are_wrong_are_named(root: Path) -> None:
    with session(root, initializationOptions={"symbolLimits": 5}) as client:
        (told,) = shown(client)
        assert "symbolLimits" in told
        assert "symbolLimit," in told
        check_answers(client)


def test_settings_come_by_workspace_configuration(root: Path) -> None:
    capabilities = {"workspace": {"configuration": True}}
    with session(root, capabilities=capabilities) as client:
        asked = client.wait_for_method("workspace/configuration")
        assert asked["params"] == {"items": [{"section": "codanna"}]}
        answer = [{"exclude": ["web/"]}]
        client.send({"jsonrpc": "2.0", "id": asked["id"], "result": answer})
        wait_for_symbols(client, "Basket", [])
        assert symbols(client, "RunAll") == ANSWERS["RunAll"]


def test_who_watches_can_change_while_the_server_runs(root: Path) -> None:
    watching = {"dynamicRegistration": True}
    capabilities = {"workspace": {"didChangeWatchedFiles": watching}}

    def choose(watch: str) -> None:
        settings = {"codanna": {"watch": watch}}
        client.notify("workspace/didChangeConfiguration", {"settings": settings})

    with session(root, capabilities=capabilities) as client:
        client.wait_for_method("client/registerCapability")
        assert client.request("codanna/status")["roots"][0]["watch"] == "client"
        choose("server")
        client.wait_for_method("client/unregisterCapability")
        wait_for_status(client, lambda s: s["roots"][0]["watch"] == "server")
        (root / "new.py").write_text("class Appeared: pass\n")
        wait_for_symbols(client, "Appeared", ["new.py:0:6-14 Appeared"])
        choose("off")
        wait_for_status(client, lambda s: s["roots"][0]["watch"] == "off")


def test_another_index_folder_is_moved_to(root: Path, tmp_path: Path) -> None:
    capabilities = {"workspace": {"configuration": True}}
    with session(root, capabilities=capabilities) as client:
        asked = client.wait_for_method("workspace/configuration")
        answer = [{"indexFolder": str(tmp_path / "elsewhere")}]
        client.send({"jsonrpc": "2.0", "id": asked["id"], "result": answer})
        status = wait_for_status(
            client,
            lambda s: not s["partial"] and "elsewhere" in s["roots"][0]["folder"],
        )
        assert Path(status["roots"][0]["folder"]).is_dir()
        check_answers(client)


def test_commands_answer_for_each_folder(root: Path) -> None:
    wanted: dict[str, Any] = {
        "codanna.verify": ("problems", []),
        "codanna.repair": ("repaired", True),
        "codanna.rebuild": ("changed", len(SHAPES)),
    }
    with session(root) as client:
        for command, (key, value) in wanted.items():
            (answer,) = client.request("workspace/executeCommand", {"command": command})
            assert answer[key] == value
            check_answers(client)


def test_the_status_hides_nothing(root: Path) -> None:
    (root / "binary.py").write_bytes(b"\0\1\2" * 100)
    with session(root) as client:
        status = client.request("codanna/status")
        assert status == client.request(
            "workspace/executeCommand", {"command": "codanna.status"}
        )
        (only,) = status["roots"]
        assert only["skipped"] == [{"path": "binary.py", "reason": "binary"}]
        assert (only["mode"], only["state"], status["partial"]) == (
            "writer",
            "READY",
            False,
        )
        assert only["files"] >= len(ANSWERS)


def test_a_second_server_reads_along(root: Path, cache: dict[str, str]) -> None:
    app = root / "app.py"
    with session(root, environment=cache) as writer:
        with session(root, environment=cache) as reader:
            (told,) = shown(reader)
            assert "reads along" in told
            check_answers(reader)
            app.write_text("class FromTheWriter: pass\n")
            save(writer, app)
            wait_for_symbols(reader, "FromTheWriter", ["app.py:0:6-19 FromTheWriter"])
        check_answers(writer)


def test_progress_and_health_reach_clients_that_want_them(root: Path) -> None:
    capabilities = {
        "window": {"workDoneProgress": True},
        "experimental": {"serverStatusNotification": True},
    }
    with session(root, capabilities=capabilities) as client:
        quiet = client.wait_for(
            lambda m: (
                m.get("method") == "experimental/serverStatus"
                and m["params"]["quiescent"]
            )
        )
        assert quiet["params"] == {"health": "ok", "quiescent": True}


def test_commands_beside_the_server_are_carried_out_by_it(
    root: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    def run(*arguments: str) -> str:
        told = subprocess.run(
            [sys.executable, "-m", "codanna_lsp", *arguments, str(root)],
            env={**os.environ, **cache},
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )
        assert told.returncode == 0, (arguments, told.stdout, told.stderr)
        return " ".join((told.stderr + told.stdout).split())

    with session(root, environment=cache) as client:
        assert "both stores were written anew" in run("repair")
        assert f"0 added, {len(SHAPES)} changed" in run("index", "--force").replace(
            "files ", ""
        )
        check_answers(client)
        assert client.request("codanna/status")["roots"][0]["generation"] > 1
        told = run("clean")
        assert re.search(r"removed [0-9.]+ MB in .* indexes the workspace anew", told)
        check_answers(client)
        wait_for_status(
            client, lambda s: not s["partial"] and s["roots"][0]["generation"] == 1
        )
        index_file(tmp_path, "snapshot-1.bin")


def test_the_home_folder_is_not_walked(root: Path) -> None:
    with session(root, environment={"HOME": str(root)}) as client:
        told = [text for text in shown(client) if "maxFiles" in text or "home" in text]
        assert len(told) == 1, shown(client)
        assert symbols(client, "node_count") == []
        open_file(client, root / "core" / "list.c")
        assert symbols(client, "node_count") == ANSWERS["node_count"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with RawClient() as client:
        client.initialize(rootUri=(tmp_path / "none").as_uri())
        message = client.wait_for_method("window/showMessage")["params"]["message"]
        assert str(tmp_path / "none") in message
        assert symbols(client, "a") == []
        assert client.leave() == 0


def test_tcp_serves_as_stdio_does(root: Path, tmp_path: Path) -> None:
    log = tmp_path / "stderr"
    with RawClient("--tcp", "127.0.0.1:0", stderr=log) as server:
        deadline = time.monotonic() + DEADLINE_S
        while not (found := re.search(r"127\.0\.0\.1:(\d+)\n", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.01)
        with (
            socket.create_connection(("127.0.0.1", int(found[1]))) as connection,
            connection.makefile("rwb") as stream,
        ):

            def ask(method: str, params: Any, number: int) -> Any:
                message = {"jsonrpc": "2.0", "id": number, "method": method}
                body = json.dumps({**message, "params": params})
                stream.write(f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
                stream.flush()
                while True:
                    length = int(stream.readline().partition(b":")[2])
                    stream.readline()
                    answer = json.loads(stream.read(length))
                    if answer.get("id") == number:
                        return answer["result"]

            given: Any = {"rootUri": root.as_uri(), "capabilities": {}}
            assert ask("initialize", given, 1)["capabilities"]
            (found,) = ask("workspace/symbol", {"query": "RunAll"}, 2)
            assert found["name"] == "RunAll"
            assert ask("shutdown", None, 3) is None
        assert server.wait_for_exit() == 0
