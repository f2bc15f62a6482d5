"""URIs: paths and back, however clients spell them."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codanna_lsp.server.texts import uris


@given(st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name))
def test_every_file_name_survives(name: bytes) -> None:
    path = "/work/" + os.fsdecode(name)
    uri = uris.from_path(path)
    assert uri.isascii()
    assert uris.to_path(uri) == path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b%20c.py", "/a/b c.py"),
        ("file:///a/b c.py", "/a/b c.py"),
        ("file:///a/%23x%25.py", "/a/#x%.py"),
        ("file:///a/é.py", "/a/é.py"),
        ("file:///a/%C3%A9.py", "/a/é.py"),
        ("file:///a/%FF.py", "/a/\udcff.py"),
        ("file://localhost/a.py", "/a.py"),
        ("FILE:///a.py", "/a.py"),
        ("file:/a.py", "/a.py"),
        ("file:///a.py?x#y", "/a.py"),
        ("file:///c:/a.py", "/c:/a.py"),
        ("file:///c%3A/a.py", "/c:/a.py"),
    ],
)
def test_uris_of_files(uri: str, path: str) -> None:
    assert uris.to_path(uri) == path


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "untitled:Untitled-1",
        "https://example.org/a.py",
        "vscode-notebook-cell:/a.ipynb#X",
        "file:",
        "file:relative.py",
        "file://host/share/a.py",
        "file:///a%00b.py",
        "/plain/path.py",
    ],
)
def test_other_uris_name_no_file(uri: str) -> None:
    assert uris.to_path(uri) is None
