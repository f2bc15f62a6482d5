"""A real project for an editor's session, and what happens to its index on disk."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.editors.traffic import Traffic
from tests.tidy.tree import PACKAGE, ROOT

RECORDER = Path(__file__).with_name("recorder.py")
SERVER = (sys.executable, "-m", "codanna_lsp")


SHOP = {
    "shop.py": '''class Basket:
    """What is about to be bought."""

    def add_item(self, name: str) -> None: ...
''',
    "till.py": """from shop import Basket

basket = Basket()
basket.add_item("x")
""",
    "shelf.ts": "export class Shelf { put(): void {} }\n",
}


class Place(NamedTuple):
    """A name in a file: the line from 1, the column from 0."""

    file: Path
    line: int
    column: int


class Project:
    """A repository with a home of its own, and a record.

    files: their texts by name; without them it is a copy of this project's package.
    """

    def __init__(self, folder: Path, files: Mapping[str, str] | None = None) -> None:
        self.home = folder / "home"
        self.folder = folder / "project"
        self.traffic = Traffic(folder / "traffic.jsonl")
        self.home.mkdir(parents=True)
        if files is None:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(PACKAGE, self.folder / "codanna_lsp", ignore=ignored)
        for name, text in (files or {}).items():
            self.file(name).parent.mkdir(parents=True, exist_ok=True)
            self.file(name).write_text(text, encoding="utf-8")
        subprocess.run(["git", "init", "-q", self.folder], check=True)

    @property
    def server(self) -> list[str]:
        """The command of a server whose messages are recorded."""
        return recorded(SERVER, self.traffic)

    @property
    def environment(self) -> Mapping[str, str]:
        """Nothing of the user's own: not the home, not the caches, not the settings.

        Bytecode is kept, as where the server was installed, and shared by all projects.
        """
        bytecode = str(self.home.parent.parent / "bytecode")
        kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": bytecode}
        return {**environment_of(self.home), **kept}

    def file(self, name: str) -> Path:
        return self.folder / name

    def text(self, name: str) -> str:
        """A file's text; "" while an editor replaces it by another."""
        try:
            return self.file(name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def place(self, name: str, line: str, word: str) -> Place:
        """Where a word stands in the one line of a file that begins so."""
        lines = self.file(name).read_text(encoding="utf-8").splitlines()
        (found,) = [i for i, text in enumerate(lines) if text.startswith(line)]
        return Place(self.file(name), found + 1, lines[found].index(word))

    def damage_snapshot(self) -> None:
        """Turn bytes over, evenly from the first to the last."""
        for snapshot in self._index("snapshot-*.bin"):
            _damage(snapshot)

    def damage_both_stores(self) -> None:
        """Leave nothing good: both stores, and all that they could be made from."""
        for path in self._index("codanna-lsp/v*/*/**/*"):
            if path.name != "writer.lock":
                path.write_bytes(b"\xff" * 500)

    def _index(self, pattern: str) -> list[Path]:
        found = [p for p in self.home.rglob(pattern) if p.is_file()]
        assert found, f"no {pattern} in the index"
        return found


def recorded(command: tuple[str, ...], traffic: Traffic) -> list[str]:
    return [sys.executable, str(RECORDER), str(traffic.path), "--", *command]


def command_file(folder: Path, command: Sequence[str], *, name: str = "server") -> Path:
    """A program of that name which runs a command with what it is given besides."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def environment_of(home: Path) -> dict[str, str]:
    folders = {
        f"XDG_{kind}_HOME": str(home / kind.lower())
        for kind in ("CACHE", "CONFIG", "DATA", "STATE")
    }
    path = os.environ.get("PATH", "")
    return {**folders, "HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": path}


def _damage(path: Path) -> None:
    """In place: a running server has the file mapped, and must not see it shortened."""
    with path.open("r+b") as file:
        content = file.read()
        for at in range(0, len(content), max(1, len(content) // 64)):
            file.seek(at)
            file.write(bytes([content[at] ^ 0xFF]))
