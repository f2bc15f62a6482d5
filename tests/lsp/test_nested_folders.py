"""A workspace folder inside of another one, as monorepos are opened."""

from pathlib import Path

from tests.lsp.workspaces import (
    change,
    open_file,
    session,
    symbols,
    wait_for_symbols,
    write_files,
)

FILES = {"lib/tool.py": "def hammer(): pass\n", "hammers.py": "def hammers(): pass\n"}
BOTH = ["tool.py:0:4-10 hammer", "hammers.py:0:4-11 hammers"]


def test_a_symbol_of_a_nested_folder_is_answered_once(tmp_path: Path) -> None:
    root = write_files(tmp_path / "outer", FILES)
    folders = [{"uri": at.as_uri(), "name": "x"} for at in (root, root / "lib")]
    with session(root, workspaceFolders=folders) as client:
        assert symbols(client, "hammer") == BOTH
        tool = root / "lib" / "tool.py"
        open_file(client, tool)
        change(client, tool, "\n\ndef hammer(): pass\n")
        assert symbols(client, "hammer") == ["tool.py:2:4-10 hammer", BOTH[1]]
        change(client, tool, "\n", version=3)
        assert symbols(client, "hammer") == BOTH[1:], "not what stands on disk"


def test_a_folder_that_is_opened_inside_of_another_loses_nothing(
    tmp_path: Path,
) -> None:
    root = write_files(tmp_path / "outer", FILES)
    inner = [{"uri": (root / "lib").as_uri(), "name": "lib"}]
    with session(root) as client:
        for event in (
            {"added": inner, "removed": []},
            {"added": [], "removed": inner},
        ):
            client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
            assert symbols(client, "hammer") == BOTH
            wait_for_symbols(client, "hammer", BOTH)
