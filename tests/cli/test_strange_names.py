"""Files with names that break lines or are no UTF-8: one answer a line all the same."""

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"nu\xff8.py", r"nu\udcff8.py"),
        (b"two\nlines.py", r"two\nlines.py"),
        (b"back\r\x1b[2J.py", r"back\r\x1b[2J.py"),
        (b"c1\xc2\x9bm.py", r"c1\x9bm.py"),
        ("zeile\u2028ende.py".encode(), r"zeile\u2028ende.py"),
        ("größe [bold].py".encode(), "größe [bold].py"),
    ],
)
def test_one_answer_a_line(
    command: Command, workspace: Path, name: bytes, shown: str
) -> None:
    file = os.fsdecode(name)
    source = b"def strangely_named(): pass\nstrangely_named()\n"
    (workspace / file).write_bytes(source)
    assert command("index").code == 0

    row = command("search", "strangely_named").out
    assert row == f"{shown}:1:5  function  strangely_named\n"
    row = command("definition", f"{file}:2:3").out
    assert row == f"{shown}:1:5  function  def strangely_named(): pass\n"
    (found,) = command("search", "strangely_named", "--json").json["symbols"]
    assert found["path"] == file
    (target,) = command("definition", f"{file}:2:3", "--json").json["targets"]
    assert target["path"] == file

    (workspace / file).write_bytes(b"\0" + source)
    command("index")
    assert f"\n             {shown}\n" in command("status").out
    (skipped,) = command("status", "--json").json["skipped"]
    assert skipped["path"] == file
    (workspace / file).unlink()
    assert f"\n         {shown}\n" in command("verify").out


def test_an_error_about_such_a_name_is_one_line(command: Command) -> None:
    told = command("definition", "no\nsuch\udcff.py:1:1")
    assert told.code == 3
    assert told.err.startswith(r"codanna-lsp: no\nsuch\udcff.py cannot be opened")
