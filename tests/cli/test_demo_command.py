"""`demo`: the real thing on a small workspace, and its end when it cannot be shown."""

from pathlib import Path

import pytest

from codanna_lsp.cli.commands import demo as demo_command
from tests.cli.conftest import Command


def test_the_demonstration(command: Command, workspace: Path, tmp_path: Path) -> None:
    told = command("demo", str(workspace))
    assert told.code == 0, told.out + told.err
    assert "4 files, 7 symbols" in told.out
    assert told.out.count("shop/basket.py:1  class  ShoppingBasket") == 2
    assert "it says: " in told.out
    assert "snapshot" in told.out.partition("it says: ")[2]
    assert "answers are the same" in told.out
    assert not (tmp_path / "cache").exists(), "the user's own indexes are not touched"


def test_it_fails_when_nothing_is_said(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def do_nothing(_path: Path) -> int:
        return 0

    monkeypatch.setattr(demo_command, "flip_bytes", do_nothing)
    monkeypatch.setattr(demo_command, "MESSAGE_TIMEOUT_S", 0.1)
    told = command("demo", ".")
    assert told.code == 1
    assert "nothing was said" in told.err


def test_a_folder_without_sources(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    told = command("demo", str(tmp_path / "empty"))
    assert told.code == 3
    assert "holds no symbols" in told.err
