"""What changes around the documents of a session: files, ignore files, settings."""

from pathlib import Path
from typing import Any

import pytest

from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    ANSWERS,
    check_answers,
    open_file,
    save,
    session,
    shown,
    symbols,
    wait_for_status,
    wait_for_symbols,
    write_files,
)


def test_files_that_change_behind_the_editor_are_noticed(
    shared: RawClient, own: Path
) -> None:
    """A client that does not watch has a server that does."""
    (own / "new.py").write_text("class Appeared: pass\n")
    wait_for_symbols(shared, "Appeared", ["new.py:0:6-14 Appeared"])
    (own / "new.py").rename(own / "moved.py")
    wait_for_symbols(shared, "Appeared", ["moved.py:0:6-14 Appeared"])
    (own / "moved.py").unlink()
    wait_for_symbols(shared, "Appeared", [])


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


def test_a_changed_ignore_file_hides_files(shared: RawClient, own: Path) -> None:
    (own / ".gitignore").write_text("use.py\n")
    wait_for_symbols(shared, "work", [])
    (own / ".gitignore").unlink()
    wait_for_symbols(shared, "work", ["use.py:3:4-8 work"])


def test_a_saved_ignore_file_is_obeyed_although_nobody_watches(root: Path) -> None:
    ignored = root / ".gitignore"
    with session(root, initializationOptions={"watch": "off"}) as client:
        ignored.write_text("web/\n")
        save(client, ignored)
        wait_for_symbols(client, "Basket", [])
        ignored.write_text("")
        save(client, ignored)
        wait_for_symbols(client, "Basket", ANSWERS["Basket"])


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


def test_options_of_initialize_hold_under_a_configuration(root: Path) -> None:
    capabilities = {"workspace": {"configuration": True}}
    options = {"exclude": ["web/"]}
    with session(
        root, capabilities=capabilities, initializationOptions=options
    ) as client:
        steps: tuple[tuple[dict[str, Any] | None, Any], ...] = (
            ({}, []),
            ({"exclude": []}, ANSWERS["Basket"]),
            (None, []),
        )
        for answer, found in steps:
            asked = client.wait_for_method("workspace/configuration")
            client.messages.remove(asked)
            client.send({"jsonrpc": "2.0", "id": asked["id"], "result": [answer]})
            wait_for_symbols(client, "Basket", found)
            client.notify("workspace/didChangeConfiguration", {"settings": None})


def test_opening_a_file_indexes_its_folder_where_not_all_is_indexed(root: Path) -> None:
    with session(root, initializationOptions={"maxFiles": 2}) as client:
        assert symbols(client, "node_count") == []
        open_file(client, root / "shapes" / "__init__.py")
        wait_for_symbols(client, "area", ANSWERS["area"])


def test_another_index_folder_is_moved_to(
    root: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    capabilities = {"workspace": {"configuration": True}}
    with session(root, cache=cache, capabilities=capabilities) as client:
        asked = client.wait_for_method("workspace/configuration")
        answer = [{"indexFolder": str(tmp_path / "elsewhere")}]
        client.send({"jsonrpc": "2.0", "id": asked["id"], "result": answer})
        status = wait_for_status(
            client,
            lambda s: not s["partial"] and "elsewhere" in s["roots"][0]["folder"],
        )
        assert Path(status["roots"][0]["folder"]).is_dir()
        check_answers(client)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_file_that_is_not_utf_8_is_known_and_listed(
    tmp_path: Path, encoding: str
) -> None:
    latin = "grüße = 1; größer = 2\n".encode("latin-1")
    root = write_files(tmp_path / "old", {"a.py": "import b\nb.größer\n"})
    (root / "b.py").write_bytes(latin)
    start, end = (13, 21) if encoding == "utf-8" else (11, 17)
    offered = {"general": {"positionEncodings": [encoding]}}
    with session(root, capabilities=offered) as client:
        wait_for_symbols(client, "größer", [f"b.py:0:{start}-{end} größer"])
        listed = [{"path": "b.py", "reason": "not UTF-8: read as Latin-1"}]
        wait_for_status(client, lambda told: told["roots"][0]["skipped"] == listed)
