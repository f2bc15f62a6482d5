"""`index`, `status` and `clean`: what is there, what was left out, and what is gone."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command


def test_index_says_what_it_did(command: Command, workspace: Path) -> None:
    first = command("index")
    assert first.code == 0
    assert "4 files, 7 symbols" in first.out
    assert "4 added, 0 changed, 0 removed, 0 unchanged" in first.out

    (workspace / "shop" / "till.py").write_text("def check_out(): ...\n")
    (workspace / "web" / "basket.ts").unlink()
    second = command("index", ".")
    assert "0 added, 1 changed, 1 removed, 2 unchanged" in second.out

    forced = command("index", "--force", "--jobs", "1")
    assert "0 added, 3 changed, 0 removed, 0 unchanged" in forced.out


def test_index_as_json(
    command: Command, workspace: Path, index_folder: Callable[[], Path]
) -> None:
    said = command("index", "--json")
    assert said.json["root"] == str(workspace)
    assert said.json["folder"] == str(index_folder())
    assert (said.json["files"], said.json["added"]) == (4, 4)
    assert said.json["bytes"]["snapshot"] > 0
    assert said.json["incidents"] == []


def test_what_is_left_out_is_listed_with_its_reason(
    command: Command, workspace: Path
) -> None:
    (workspace / "logo.py").write_bytes(b"\x00\x01\x02" * 100)
    (workspace / "huge.py").write_text("x = 1\n" * 1000)
    told = command("index", "--setting", "maxFileSizeBytes=2000")
    assert "left out or known in part: " in told.out
    assert "1 over the size limit" in told.out
    assert "1 binary" in told.out
    shown = command("status", "--setting", "maxFileSizeBytes=2000")
    assert "huge.py" in shown.out
    assert "logo.py" in shown.out
    listed = command("status", "--json", "--setting", "maxFileSizeBytes=2000").json
    assert {"path": "huge.py", "reason": "over the size limit"} in listed["skipped"]


def test_what_is_not_utf_8_is_known_and_listed(
    command: Command, workspace: Path
) -> None:
    (workspace / "old.py").write_bytes("größe = 1; länge = 2\n".encode("latin-1"))
    told = command("index")
    assert "left out or known in part: 1 not UTF-8: read as Latin-1" in told.out
    assert "old.py:1:12  variable  länge" in command("search", "länge").out
    shown = command("status").out
    assert "in part    1 not UTF-8: read as Latin-1" in shown
    assert "sources    as indexed" in shown
    listed = command("status", "--json").json["skipped"]
    assert listed == [{"path": "old.py", "reason": "not UTF-8: read as Latin-1"}]
    assert command("verify").code == 0


@pytest.fixture
def locked(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that nobody may read, not even the superuser."""
    file = workspace / "locked.py"
    file.write_text("secret = 1\n")
    really_open = os.open

    def refusing(path: Any, *arguments: Any, **named: Any) -> int:
        if str(path).endswith("/locked.py"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return really_open(path, *arguments, **named)

    monkeypatch.setattr(os, "open", refusing)
    return file


def test_an_unreadable_file_is_left_out_and_not_waited_for(
    command: Command, workspace: Path, locked: Path
) -> None:
    reason = {"path": locked.name, "reason": "cannot be read"}
    assert command("index", "--json").json["skipped"] == [reason]
    shown = command("status").out
    assert "sources    as indexed" in shown
    assert "left out   1 cannot be read" in shown
    said = command("status", "--json").json
    assert (said["skipped"], said["behind"]["added"]) == ([reason], 0)
    verified = command("verify")
    assert verified.code == 0
    assert "left out" in verified.out
    assert locked.name in verified.out
    said = command("verify", "--json").json["sources"]
    assert said == {"added": [], "changed": [], "removed": [], "unreadable": [reason]}

    (workspace / "new.py").write_text("x = 1\n")
    assert "1 added" in command("status").out
    assert command("verify").code == 1


def test_a_dry_run_leaves_no_trace(command: Command, tmp_path: Path) -> None:
    told = command("index", "--dry-run")
    assert told.code == 0
    assert "would add 4" in told.out
    assert not (tmp_path / "cache").exists()
    command("index")
    assert command("index", "--dry-run", "--json").json["unchanged"] == 4


def test_status_tells_how_far_behind_the_index_is(
    command: Command, workspace: Path
) -> None:
    nothing = command("status")
    assert nothing.code == 1
    assert "codanna-lsp index" in nothing.out
    command("index")
    (workspace / "new.py").write_text("def fresh(): ...\n")
    told = command("status")
    assert told.code == 0
    assert "READY" in told.out
    assert "1 added" in told.out
    said = command("status", "--json").json
    assert (said["file_count"], said["mode"], said["holder"]) == (4, "writer", 0)
    assert said["behind"] == {"added": 1, "outdated": 0, "to_compare": 0, "removed": 0}


def test_clean_removes_the_index_and_nothing_else(
    command: Command, workspace: Path, index_folder: Callable[[], Path]
) -> None:
    command("index")
    folder = index_folder()
    told = command("clean")
    assert told.code == 0
    assert str(folder) in told.out
    assert not folder.exists()
    assert (workspace / "shop" / "till.py").exists()
    assert command("clean").code == 1


def test_commands_find_the_workspace_from_inside_it(
    command: Command, workspace: Path
) -> None:
    command("index")
    told = command("status", "shop")
    assert str(workspace) in told.out
    assert "4 files" in told.out


def test_ignore_files_that_leave_out_every_source_are_named(
    command: Command, workspace: Path
) -> None:
    (workspace / ".gitignore").write_text("/*\n")
    assert '"useIgnoreFiles"' in command("index").err
    assert '"useIgnoreFiles"' in command("index", "--dry-run").err
    assert '"useIgnoreFiles"' in command("status").out
    assert command("index", "--json").json["hidden"]


@pytest.mark.usefixtures("workspace")
def test_an_index_in_memory_is_no_failed_one(command: Command) -> None:
    told = command("index", "--setting", "indexPlace=memory")
    assert told.code == 0
    assert "4 files, 7 symbols" in told.out
    assert "nothing is left of it now" in told.err
    assert "could not be written" not in told.err


def test_a_relative_index_folder_is_seen_from_here(
    command: Command, workspace: Path
) -> None:
    assert command("index", "-s", "indexFolder=indexes").code == 0
    assert list((workspace / "indexes").glob("v*/*"))


def test_an_index_folder_of_nobody(command: Command) -> None:
    told = command("index", "-s", "indexFolder=~no-such-user/indexes")
    assert told.code == 3
    assert "'indexFolder' must be a whole path, not '~no-such-user/indexes'" in told.err


def test_clean_leaves_nothing_in_the_workspace(
    command: Command, workspace: Path
) -> None:
    there = ("-s", "indexPlace=workspace")
    before = sorted(workspace.iterdir())
    command("index", *there)
    assert (workspace / ".codanna").is_dir()
    assert command("clean", *there).code == 0
    assert sorted(workspace.iterdir()) == before


def test_clean_leaves_what_others_keep_beside_it(
    command: Command, workspace: Path
) -> None:
    there = ("-s", "indexPlace=workspace")
    command("index", *there)
    (workspace / ".codanna" / "notes").write_text("mine")
    assert command("clean", *there).code == 0
    left = {path.name for path in (workspace / ".codanna").iterdir()}
    assert left == {".gitignore", "notes"}
