"""`verify` and `repair`: damage is named, nothing is changed, then it is mended."""

import errno
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from codanna_lsp.cli.demo.damage import flip_bytes
from codanna_lsp.errors import DiskError
from codanna_lsp.indexing import records
from codanna_lsp.languages.language import Language
from codanna_lsp.store.disk import RealDisk
from tests.cli.conftest import Command

Folder = Callable[[], Path]


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_good_index_is_good(command: Command) -> None:
    command("index")
    told = command("verify")
    assert told.code == 0, told.out
    assert told.out.count("good") == 4
    assert "a start now finds 4 files and 7 symbols" in told.out


@pytest.mark.parametrize("part", ["index.meta", "snapshot-1.bin", "tantivy-1"])
def test_a_damaged_part_is_named_and_then_mended(
    command: Command, index_folder: Folder, part: str
) -> None:
    command("index")
    folder = index_folder()
    damaged = folder / part
    if damaged.is_dir():
        damaged = max(damaged.glob("*.store"), key=lambda path: path.stat().st_size)
    flip_bytes(damaged)
    before = contents(folder)

    told = command("verify")
    assert told.code == 4
    assert f"damaged  {part}" in told.out
    assert "codanna-lsp repair" in told.err
    assert contents(folder) == before, "verify changes nothing"

    mended = command("repair")
    assert mended.code == 0, mended.err
    assert f"mended: {part}" in mended.out
    assert "4 files, 7 symbols" in mended.out
    assert command("verify").code == 0
    assert "nothing was damaged" in command("repair").out


def test_recovery_alone_can_be_looked_at(
    command: Command, index_folder: Folder, workspace: Path
) -> None:
    command("index")
    said = command("verify", "--no-sources", "--json").json
    assert [file["path"] for file in said["index"]] == [
        "shop/__init__.py",
        "shop/basket.py",
        "shop/till.py",
        "web/basket.ts",
    ]
    (workspace / "shop" / "till.py").unlink()
    flip_bytes(index_folder() / "snapshot-1.bin")
    again = command("verify", "--no-sources", "--json")
    assert again.code == 4
    assert again.json["index"] == said["index"], "the other store has it all"
    (incident,) = again.json["recovered"]["incidents"]
    assert incident["code"] == "SNAPSHOT_REBUILT"


def test_sources_that_differ_are_no_damage(command: Command, workspace: Path) -> None:
    command("index")
    (workspace / "shop" / "till.py").write_text("x = 1\n")
    (workspace / "web" / "basket.ts").unlink()
    (workspace / "new.py").write_text("y = 1\n")
    told = command("verify", "--json")
    assert told.code == 1
    assert told.json["damaged"] is False
    assert told.json["sources"] == {
        "added": ["new.py"],
        "changed": ["shop/till.py"],
        "removed": ["web/basket.ts"],
        "unreadable": [],
    }


def test_comparing_with_the_sources_parses_none(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their bytes decide: a file that crashes its parser would end the command."""
    command("index")

    def crash(_source: bytes, _language: Language, path: str, **_kept: Any) -> None:
        raise AssertionError(f"{path} was parsed")

    monkeypatch.setattr(records, "extract_facts", crash)
    told = command("verify", "--json")
    assert told.code == 0, told.err
    assert not any(told.json["sources"].values())


def test_without_an_index_there_is_nothing_to_verify(command: Command) -> None:
    for name in ("verify", "repair"):
        told = command(name)
        assert told.code == 3
        assert "codanna-lsp index" in told.err


def test_a_repair_that_cannot_write_is_no_success(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("index")

    def refuse(_disk: RealDisk, path: Path) -> NoReturn:
        raise DiskError("no room", path=path, errno=errno.ENOSPC)

    monkeypatch.setattr(RealDisk, "create", refuse)
    told = command("repair")
    assert told.code == 6
    assert "could not be written to disk" in told.err
