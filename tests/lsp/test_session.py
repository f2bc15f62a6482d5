"""Sessions from end to end: a real server in a real workspace."""

import json
import re
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.raw_client import DEADLINE_S, RawClient
from tests.lsp.workspaces import (
    ANSWERS,
    SHAPES,
    change,
    check_answers,
    close,
    definition,
    open_file,
    outline,
    save,
    session,
    shown,
    symbols,
    wait_for_status,
    wait_for_symbols,
    wait_until_quiet,
    write_files,
)


def test_a_name_is_found_while_the_index_is_built(root: Path) -> None:
    with RawClient() as client:
        client.initialize(rootUri=root.as_uri())
        wait_for_symbols(client, "RunAll", ANSWERS["RunAll"])
        assert client.leave() == 0


def test_unsaved_text_is_in_every_answer(shared: RawClient, own: Path) -> None:
    client, use = shared, own / "use.py"
    open_file(client, use)
    change(client, use, ((0, 0), (0, 0), "class Unsaved:\n    pass\n"))
    assert symbols(client, "Unsaved") == ["use.py:0:6-13 Unsaved"]
    assert symbols(client, "work") == ["use.py:5:4-8 work"]
    # The file itself still has the old text; what is opened counts.
    outline = client.request(
        "textDocument/documentSymbol", {"textDocument": {"uri": use.as_uri()}}
    )
    assert [item["name"] for item in outline] == ["Unsaved", "work"]
    change(client, use, ((0, 6), (0, 13), "Renamed"), version=3)
    assert symbols(client, "Unsaved") == []
    assert symbols(client, "Renamed") == ["use.py:0:6-13 Renamed"]
    close(client, use)
    wait_for_symbols(client, "Renamed", [])
    wait_for_symbols(client, "work", ["use.py:3:4-8 work"])


def test_a_definition_follows_unsaved_text_in_both_files(
    shared: RawClient, own: Path
) -> None:
    client, use, tool = shared, own / "use.py", own / "tool.py"
    open_file(client, tool)
    change(client, tool, ((0, 0), (0, 0), "\n\n"))
    open_file(client, use)
    assert definition(client, use, "tool.hammer") == ["tool.py:3:8-14"]
    close(client, tool)
    close(client, use)


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


def test_a_script_without_an_extension_is_what_its_editor_says(
    root: Path, cache: dict[str, str]
) -> None:
    script = root / "tool"
    script.write_text("#!/usr/bin/env python3\ndef helper(): pass\nhelper()\n")
    with session(root, cache=cache) as client:
        assert outline(client, script) == []
        open_file(client, script, language_id="python")
        assert outline(client, script) == ["helper"]
        assert definition(client, script, "\nhelper") == ["tool:1:4-10"]
        save(client, script)
        change(client, script, ((1, 4), (1, 4), "my_"))
        assert outline(client, script) == ["my_helper"]
        assert symbols(client, "my_helper") == ["tool:1:4-13 my_helper"]
        close(client, script)
        assert symbols(client, "my_helper") == []
        assert client.request("codanna/status")["roots"][0]["skipped"] == []


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


def test_commands_answer_for_each_folder(shared: RawClient) -> None:
    wanted: dict[str, Any] = {
        "codanna.verify": ("problems", []),
        "codanna.repair": ("repaired", True),
        "codanna.rebuild": ("changed", len(SHAPES)),
    }
    for command, (key, value) in wanted.items():
        (answer,) = shared.request("workspace/executeCommand", {"command": command})
        assert answer[key] == value
        check_answers(shared)


def test_clean_removes_the_index_and_begins_anew(
    root: Path, cache: dict[str, str], tmp_path: Path
) -> None:
    with session(root, cache=cache) as client:
        request = {"command": "codanna.clean"}
        (answer,) = client.request("workspace/executeCommand", request)
        assert answer["root"] == root.name
        assert answer["removedBytes"] > 0
        wait_until_quiet(client)
        check_answers(client)
        assert list((tmp_path / "cache").rglob("journal-*.wal"))
    with session(root) as client:
        (answer,) = client.request("workspace/executeCommand", request)
        assert answer["removedBytes"] == 0, "an index in memory has none"
        wait_until_quiet(client)
        check_answers(client)


def test_clean_leaves_an_index_that_another_process_writes(
    root: Path, cache: dict[str, str]
) -> None:
    with session(root, cache=cache), session(root, cache=cache) as reader:
        asked = reader.ask("workspace/executeCommand", {"command": "codanna.clean"})
        error = reader.answer_to(asked)["error"]
        assert "another process" in error["message"]
        check_answers(reader)


def test_the_status_hides_nothing(shared: RawClient, own: Path) -> None:
    (own / "binary.py").write_bytes(b"\0\1\2" * 100)
    skipped = [{"path": "own/binary.py", "reason": "binary"}]
    status = wait_for_status(
        shared,
        lambda s: s["roots"][0]["skipped"] == skipped and s["state"] == "READY",
    )
    (only,) = status["roots"]
    assert (only["mode"], only["watch"], status["partial"]) == (
        "writer",
        "server",
        False,
    )
    assert only["files"] == len(SHAPES) + len(list(own.iterdir()))
    assert only["symbols"] >= len(ANSWERS)
    assert only["serial"] > 0
    assert only["bytesOnDisk"]["journal"] > 0
    assert Path(only["folder"]).is_dir()
    assert status["version"]
    by_command = shared.request(
        "workspace/executeCommand", {"command": "codanna.status"}
    )
    assert by_command.keys() == status.keys()


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


def test_the_home_folder_is_not_walked(root: Path, cache: dict[str, str]) -> None:
    with session(root, cache={"HOME": str(root), **cache}) as client:
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
