"""A root that is too wide to walk: what is open, and what lies beside it, is known."""

from pathlib import Path

from tests.lsp.workspaces import (
    open_file,
    session,
    wait_for_message,
    wait_for_symbols,
    write_files,
)

FILES = {f"part{i % 2}/m{i}.py": f"def made_{i}(): pass\n" for i in range(6)}


def test_the_folder_of_an_opened_file_is_indexed(tmp_path: Path) -> None:
    root = write_files(tmp_path / "wide", FILES)
    options = {"maxFiles": 3, "watch": "off"}
    with session(root, initializationOptions=options) as client:
        open_file(client, root / "part0" / "m0.py")
        wait_for_symbols(client, "made_2", ["m2.py:0:4-10 made_2"])
        wait_for_symbols(client, "made_1", [])


def test_a_root_whose_sources_are_all_ignored_is_told_of(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.py\n")
    (tmp_path / "app.py").write_text("class App: pass\n")
    with session(tmp_path) as client:
        wait_for_message(client, '"useIgnoreFiles"')
        (root,) = client.request("codanna/status")["roots"]
        assert "app.py is one" in root["hidden"]
