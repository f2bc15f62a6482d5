"""The disk: links and foreign files are refused, a failed file stays failed."""

import errno
import os
from pathlib import Path

import pytest

from codanna_lsp.errors import CorruptionError, DiskError, FolderError
from codanna_lsp.store.disk import RealDisk, RealFile, replace_file

DISK = RealDisk()


def test_read_and_map(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert DISK.read(path, limit=10) is None
    assert DISK.open_map(path, limit=10) is None
    with DISK.create(path) as file:
        file.write(b"12345")
        file.write(memoryview(b"678"))
        assert file.tell() == 8
        file.sync()
    assert DISK.read(path, limit=8) == b"12345678"
    mapped = DISK.open_map(path, limit=8)
    assert mapped is not None
    assert bytes(mapped.view) == b"12345678"
    mapped.close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_empty_file_maps_to_nothing(tmp_path: Path) -> None:
    DISK.create(tmp_path / "empty").close()
    mapped = DISK.open_map(tmp_path / "empty", limit=8)
    assert mapped is not None
    assert (mapped.size, bytes(mapped.view)) == (0, b"")


def test_a_map_in_use_survives_close_and_removal(tmp_path: Path) -> None:
    with DISK.create(tmp_path / "file") as file:
        file.write(b"12345678")
    mapped = DISK.open_map(tmp_path / "file", limit=8)
    assert mapped is not None
    part = mapped.view[2:4]
    DISK.remove(tmp_path / "file")
    mapped.close()
    assert bytes(part) == b"34"


def check_refused(path: Path, reason: str, *, limit: int = 100) -> None:
    for read in (DISK.read, DISK.open_map):
        with pytest.raises(CorruptionError, match=reason):
            read(path, limit=limit)


def test_files_that_are_not_believed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_bytes(b"x" * 50)
    (tmp_path / "link").symlink_to(real)
    check_refused(tmp_path / "link", "link")
    (tmp_path / "dangling").symlink_to("nowhere")
    check_refused(tmp_path / "dangling", "link")
    (tmp_path / "device").symlink_to("/dev/zero")
    check_refused(tmp_path / "device", "link")
    os.mkfifo(tmp_path / "pipe")
    check_refused(tmp_path / "pipe", "no regular file")
    (tmp_path / "folder").mkdir()
    check_refused(tmp_path / "folder", "no regular file")
    check_refused(real, "more than the 49", limit=49)
    real.chmod(0o666)
    check_refused(real, "written by other users")


def test_a_huge_sparse_file_costs_nothing(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)
    check_refused(tmp_path / "huge", "more than", limit=1 << 30)


def test_folders_that_are_not_believed(tmp_path: Path) -> None:
    DISK.make_folder(tmp_path / "good")
    DISK.make_folder(tmp_path / "good")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "good")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    for name in ("file", "link", "open"):
        with pytest.raises(FolderError) as raised:
            DISK.make_folder(tmp_path / name)
        assert raised.value.advice
    with pytest.raises(DiskError):
        DISK.make_folder(tmp_path / "not" / "there")


def test_creating_twice_and_replacing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace_file(DISK, path, b"old")
    with pytest.raises(DiskError) as raised:
        DISK.create(path)
    assert raised.value.errno == errno.EEXIST
    (tmp_path / "file.new").write_bytes(b"left by a crash")
    replace_file(DISK, path, b"new")
    assert path.read_bytes() == b"new"
    assert DISK.names(tmp_path) == ("file",)


def test_removal_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    tree = tmp_path / "tree"
    (tree / "deep").mkdir(parents=True)
    (tree / "deep" / "link").symlink_to(tmp_path / "kept")
    DISK.remove_tree(tree)
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    DISK.remove_tree(tmp_path / "link")
    DISK.remove_tree(tmp_path / "missing")
    DISK.remove(tmp_path / "missing")
    assert DISK.names(tmp_path) == ("kept",)
    assert DISK.names(tmp_path / "kept") == ("file",)
    assert DISK.names(tmp_path / "missing") == ()


def test_a_failed_file_takes_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = RealFile(
        tmp_path / "file", os.open(tmp_path / "file", os.O_CREAT | os.O_WRONLY)
    )
    file.write(b"good")

    def fail(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fail)
        with pytest.raises(DiskError, match="No space") as raised:
            file.write(b"bad")
    assert raised.value.errno == errno.ENOSPC
    assert "free some space" in raised.value.advice
    with pytest.raises(DiskError, match="an earlier write"):
        file.write(b"more")
    with pytest.raises(DiskError, match="an earlier write"):
        file.sync()
    file.close()
    file.close()
    assert (tmp_path / "file").read_bytes() == b"good"


def test_a_failed_sync_is_never_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = DISK.create(tmp_path / "file")
    calls: list[int] = []

    def fail(descriptor: int) -> None:
        calls.append(descriptor)
        raise OSError(errno.EIO, "Input/output error")

    name = "fdatasync" if hasattr(os, "fdatasync") else "fsync"
    monkeypatch.setattr(os, name, fail)
    for _ in range(3):
        with pytest.raises(DiskError):
            file.sync()
    assert len(calls) == 1
    file.close()


def test_a_short_write_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole_write = os.write

    def short_write(descriptor: int, data: memoryview) -> int:
        return whole_write(descriptor, data[:3])

    monkeypatch.setattr(os, "write", short_write)
    with DISK.create(tmp_path / "file") as file:
        file.write(b"0123456789")
        assert file.tell() == 10
    assert (tmp_path / "file").read_bytes() == b"0123456789"
