"""Settings come twice: as initializationOptions, and as the client's configuration."""

from pathlib import Path
from typing import Any

import pytest

from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import session, wait_for_symbols, write_files

FILES = {"kept/a.py": "def first(): pass\n", "left/b.py": "def second(): pass\n"}
FIRST, SECOND = ["a.py:0:4-9 first"], ["b.py:0:4-10 second"]
CAPABILITIES = {"workspace": {"configuration": True}}


def _configure(client: RawClient, answer: Any, *, asked_before: int) -> None:
    """Answer the server's question after our settings."""
    asked: list[int] = []

    def is_next(message: Any) -> bool:
        if message.get("method") != "workspace/configuration":
            return False
        if message["id"] not in asked:
            asked.append(message["id"])
        return len(asked) > asked_before

    question = client.wait_for(is_next)
    client.send({"jsonrpc": "2.0", "id": question["id"], "result": [answer]})


def test_configuration_is_laid_over_initialization_options(tmp_path: Path) -> None:
    root = write_files(tmp_path / "two", FILES)
    options = {"exclude": ["left/"]}
    with session(
        root, initializationOptions=options, capabilities=CAPABILITIES
    ) as client:
        _configure(client, {"symbolLimit": 9}, asked_before=0)
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        _configure(client, {"exclude": ["kept/"]}, asked_before=1)
        wait_for_symbols(client, "first", [])
        wait_for_symbols(client, "second", SECOND)
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        _configure(client, None, asked_before=2)
        wait_for_symbols(client, "second", [])
        wait_for_symbols(client, "first", FIRST)


def test_empty_settings_change_nothing(tmp_path: Path) -> None:
    root = write_files(tmp_path / "two", FILES)
    with session(root, initializationOptions={"exclude": ["left/"]}) as client:
        client.notify("workspace/didChangeConfiguration", {"settings": {}})
        (root / "left" / "c.py").write_text("def third(): pass\n")
        (root / "kept" / "d.py").write_text("def fourth(): pass\n")
        changes = [
            {"uri": (root / name).as_uri(), "type": 1}
            for name in ("left/c.py", "kept/d.py")
        ]
        client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        wait_for_symbols(client, "fourth", ["d.py:0:4-10 fourth"])
        wait_for_symbols(client, "third", [])
        wait_for_symbols(client, "second", [])


def test_a_language_that_nobody_knows_is_said_once(tmp_path: Path) -> None:
    root = write_files(tmp_path / "two", FILES | {"c.go": "func third() {}\n"})
    options = {"languagesOff": ["klingon", "go"]}

    def is_about_languages(message: Any) -> bool:
        if message.get("method") != "window/showMessage":
            return False
        return "languagesOff" in message["params"]["message"]

    with session(root, initializationOptions=options) as client:
        told = client.wait_for(is_about_languages)["params"]["message"]
        assert "'klingon' (known languages: c, cpp, go," in told
        client.notify("workspace/didChangeConfiguration", {"settings": options})
        wait_for_symbols(client, "first", FIRST)
        wait_for_symbols(client, "third", [])
        assert len([m for m in client.messages if is_about_languages(m)]) == 1


def test_a_wrong_setting_leaves_the_others(tmp_path: Path) -> None:
    root = write_files(tmp_path / "two", FILES)
    options = {"exclude": ["left/"], "klingon": 1, "maxFiles": "many"}
    with session(root, initializationOptions=options) as client:
        wait_for_symbols(client, "first", FIRST)
        wait_for_symbols(client, "second", [])
        told = [
            message["params"]["message"]
            for message in client.messages
            if message.get("method") == "window/showMessage"
        ]
        assert any("unknown setting 'klingon'" in one for one in told)
        assert any("'maxFiles' must be a whole number" in one for one in told)


def test_a_folder_for_indexes_that_depends_on_the_editor_is_refused(
    tmp_path: Path,
) -> None:
    root = write_files(tmp_path / "two", FILES)
    with session(root, initializationOptions={"indexFolder": "some/where"}) as client:
        told = client.wait_for_method("window/showMessage")["params"]["message"]
        assert "'indexFolder' must be a whole path, not 'some/where'" in told
        wait_for_symbols(client, "first", FIRST)


@pytest.mark.parametrize("given", [{}, {"symbolLimit": 9}, {"logLevel": "debug"}])
def test_what_the_client_is_told_is_not_written_to_stderr_too(
    tmp_path: Path, given: dict[str, Any]
) -> None:
    """Neovim files every line of stderr as an error; only debug wants them all."""
    root = write_files(tmp_path / "two", FILES)
    log = tmp_path / "stderr"
    options = {"indexPlace": "memory", "jobs": 1, **given}
    with RawClient(stderr=log) as client:
        client.initialize(rootUri=root.as_uri(), initializationOptions=options)
        told = client.wait_for_method("window/logMessage")["params"]["message"]
        assert client.leave() == 0
    assert (told in log.read_text()) == ("logLevel" in given), log.read_text()
    assert "logLevel" in given or not log.read_text()
