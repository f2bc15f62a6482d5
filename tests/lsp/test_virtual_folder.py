"""A workspace in which one folder is on no disk: the other answers, and nothing is said."""

from pathlib import Path

from tests.lsp.workspaces import check_answers, session, shown, write_files


def test_a_folder_that_is_on_no_disk_is_left_aside(tmp_path: Path) -> None:
    root = write_files(tmp_path / "real")
    folders = [
        {"uri": "vscode-vfs://github/someone/something", "name": "virtual"},
        {"uri": root.as_uri(), "name": "real"},
    ]
    with session(root, workspaceFolders=folders) as client:
        check_answers(client)
        roots = client.request("codanna/status")["roots"]
        assert [one["name"] for one in roots] == ["real"]
        change = {"added": [{"uri": "tests-memory:/x", "name": "x"}], "removed": []}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": change})
        check_answers(client)
        assert shown(client) == []
