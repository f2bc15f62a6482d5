"""Whatever a file is, reading it gives its bytes or the reason why not."""

import os
from pathlib import Path

import pytest

from codanna_lsp.model.facts import Reason
from codanna_lsp.workspace.fingerprint import Source, digest, read_source


def check_source(root: Path, path: str, *, limit: int = 1000) -> Source:
    source = read_source(str(root), path, limit=limit)
    assert isinstance(source, Source)
    return source


def test_bytes_and_what_identifies_them(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"x = 1\n")
    os.utime(tmp_path / "a.py", ns=(1, 12345))
    source = check_source(tmp_path, "a.py")
    assert source.text == b"x = 1\n"
    assert source.fingerprint == (6, 12345, digest(b"x = 1\n"))
    assert len(source.fingerprint.digest) == 16
    assert source.reason == ""


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    assert check_source(tmp_path, "a.py").text == b""


def test_exactly_the_limit_is_read_and_one_more_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"12345")
    assert check_source(tmp_path, "a.py", limit=5).text == b"12345"
    assert read_source(str(tmp_path), "a.py", limit=4) == Reason.TOO_LARGE


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc here")
def test_a_file_that_is_longer_than_its_size_is_read_whole() -> None:
    source = check_source(Path("/proc/self"), "cmdline", limit=1_000_000)
    assert source.fingerprint.size > 0


@pytest.mark.parametrize("text", ["def café(): pass\n", "日本"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_becomes_utf_8(tmp_path: Path, text: str, encoding: str) -> None:
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b"\xfe\xff"
    data = mark + text.encode(encoding)
    (tmp_path / "a.py").write_bytes(data)
    source = check_source(tmp_path, "a.py")
    assert source.text == text.encode()
    assert source.fingerprint.digest == digest(data)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"def caf\xe9_one(): pass\n", "def café_one(): pass\n"),
        (b"\xe9", "é"),
        (b"a = 'caf\xc3\xa9' + 'caf\xe9'\n", "a = 'café' + 'café'\n"),
        (b"x = '\xed\xa0\x80\xff'\n", "x = 'í\xa0\x80ÿ'\n"),
        (b"cut \xe2\x82", "cut â\x82"),
        (b"\xef\xbb\xbf# \xe9", "\ufeff# é"),
    ],
)
def test_what_is_not_utf_8_is_read_as_latin_1_and_said(
    tmp_path: Path, data: bytes, text: str
) -> None:
    (tmp_path / "a.py").write_bytes(data)
    source = check_source(tmp_path, "a.py")
    assert source.text == text.encode()
    assert (source.reason, source.guessed) == ("", Reason.NOT_UTF8)
    assert source.fingerprint.digest == digest(data)


def test_utf_8_is_no_guess(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes("café 日本 🎉\n".encode())
    assert check_source(tmp_path, "a.py").guessed == ""


def test_binary_has_a_fingerprint_and_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"abc\0def")
    source = check_source(tmp_path, "a.py")
    assert (source.text, source.reason) == (b"", Reason.BINARY)
    assert source.fingerprint.size == 7


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.py")
    assert read_source(str(tmp_path), "a.py", limit=10) == Reason.NOT_A_FILE


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "d.py").mkdir()
    assert read_source(str(tmp_path), "d.py", limit=10) == Reason.NOT_A_FILE
    assert read_source(str(tmp_path), "gone.py", limit=10) == Reason.VANISHED
    assert read_source(str(tmp_path), "d.py/x/y", limit=10) == Reason.VANISHED
    assert read_source(str(tmp_path), "nul\0.py", limit=10) == Reason.UNREADABLE


def test_links_are_followed_inside_the_root_only(tmp_path: Path) -> None:
    root = tmp_path / "w"
    root.mkdir()
    (root / "a.py").write_bytes(b"1")
    (tmp_path / "out.py").write_bytes(b"2")
    (root / "in.py").symlink_to("a.py")
    (root / "out.py").symlink_to("../out.py")
    (root / "loop.py").symlink_to("loop.py")
    assert check_source(root, "in.py").text == b"1"
    assert read_source(str(root), "out.py", limit=10) == Reason.OUTSIDE
    assert read_source(str(root), "loop.py", limit=10) == Reason.OUTSIDE


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch(mode=0)
    assert read_source(str(tmp_path), "a.py", limit=10) == Reason.UNREADABLE
