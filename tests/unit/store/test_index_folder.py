"""Where an index lives, whose it is, and who holds its lock."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codanna_lsp.errors import DiskError, FolderError, LockedError
from codanna_lsp.settings import Settings
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.holding.folder import folder_of, make_index_folder
from codanna_lsp.store.holding.lock import LOCK_NAME, find_holder, take_lock
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.metadata import FORMAT
from tests.unit.store.sample_records import sample_record

DISK = RealDisk()


def test_two_workspaces_of_one_name_and_one_of_two_names(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "project").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a" / "project")
    settings = Settings(index_folder=str(tmp_path / "indexes"))
    one, two, link = (
        folder_of(tmp_path / place, settings)
        for place in ("a/project", "b/project", "link")
    )
    assert one.name.startswith("project-")
    assert one.parent == tmp_path / "indexes" / f"v{FORMAT}"
    assert one != two
    assert one == link


@pytest.mark.parametrize("name", ["sp ace", "ümlaut\udce9", "..hidden", "x" * 200, "-"])
def test_odd_names_make_plain_folders(tmp_path: Path, name: str) -> None:
    settings = Settings(index_folder=str(tmp_path))
    folder = folder_of(tmp_path / name, settings)
    assert folder.name.isascii()
    assert len(folder.name) < 80
    make_index_folder(DISK, folder, root=tmp_path / name)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_users_cache_is_the_default(tmp_path: Path, own_folders: Path) -> None:
    assert own_folders in folder_of(tmp_path, Settings()).parents


def workspace_index(root: Path) -> Path:
    return folder_of(root, Settings(index_place="workspace"))


def save_one(root: Path) -> None:
    store = IndexStore.open(workspace_index(root), root=root, inline=True)
    assert store.mode == "writer"
    with store.begin() as transaction:
        transaction.stage(sample_record(1))
        transaction.commit()
    store.close()


def test_an_index_inside_the_workspace_is_found_again(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    save_one(root)
    assert (root / ".codanna" / ".gitignore").read_text() == "*\n"
    store = IndexStore.open(workspace_index(root), root=root, inline=True)
    assert store.data.file_count == 1
    store.close()


def test_a_workspace_does_not_bring_its_own_index(tmp_path: Path) -> None:
    """The same bytes at the same path, but not made here."""
    root = tmp_path / "project"
    root.mkdir()
    save_one(root)
    folder = workspace_index(root)
    folder.rename(folder.with_name("kept"))
    shutil.copytree(folder.with_name("kept"), folder)
    before = sorted(folder.iterdir())
    said: list[str] = []
    store = IndexStore.open(
        folder, root=root, on_incident=lambda told: said.append(str(told)), inline=True
    )
    assert (store.mode, store.data.file_count) == ("memory", 0)
    assert len(said) == 1
    assert "was not made by this user" in said[0]
    assert sorted(folder.iterdir()) == before
    store.close()


def test_a_link_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "index").symlink_to(tmp_path / "real")
    with pytest.raises(FolderError):
        make_index_folder(DISK, tmp_path / "index", root=tmp_path / "project")


def test_a_place_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="no folder"):
        make_index_folder(DISK, tmp_path / "file" / "index", root=tmp_path / "project")


def test_one_lock_at_a_time(tmp_path: Path) -> None:
    lock = take_lock(tmp_path)
    with pytest.raises(LockedError) as raised:
        take_lock(tmp_path)
    assert raised.value.holder == os.getpid() == find_holder(tmp_path)
    assert lock.is_still_ours()
    lock.release()
    lock.release()
    assert not lock.is_still_ours()
    assert (tmp_path / LOCK_NAME).exists()
    take_lock(tmp_path).release()


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    script = "import os, sys; from pathlib import Path;"
    script += "from codanna_lsp.store.holding.lock import take_lock;"
    script += "take_lock(Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    root = Path(__file__).parents[3]
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=root, check=False
    )
    assert ended.returncode == -9
    take_lock(tmp_path).release()


def test_a_lock_whose_file_is_gone_or_another(tmp_path: Path) -> None:
    lock = take_lock(tmp_path)
    (tmp_path / LOCK_NAME).rename(tmp_path / "other")
    assert not lock.is_still_ours()
    second = take_lock(tmp_path)
    assert second.is_still_ours()
    assert not lock.is_still_ours()
    lock.release()
    second.release()


def test_a_lock_file_that_is_a_link(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DiskError):
        take_lock(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_lock_file_with_nonsense(tmp_path: Path) -> None:
    assert find_holder(tmp_path) is None
    for text in (b"", b"\xff\xfe", b"-5 x", b"9" * 5_000, b"no number"):
        (tmp_path / LOCK_NAME).write_bytes(text)
        assert find_holder(tmp_path) is None
