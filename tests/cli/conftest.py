"""Commands run in this process, on a small workspace, with caches of their own."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from codanna_lsp.cli.app import run

SOURCES = {
    "shop/__init__.py": "from shop.basket import ShoppingBasket\n",
    "shop/basket.py": (
        "class ShoppingBasket:\n"
        '    """What a customer is about to buy."""\n'
        "\n"
        "    def add_item(self, name: str) -> None: ...\n"
    ),
    "shop/till.py": (
        "from shop.basket import ShoppingBasket\n"
        "\n"
        "def check_out(basket: ShoppingBasket) -> None:\n"
        '    größe = "ß"; basket.add_item(größe)\n'
        "\n"
        "länge, weite = 1, 2\n"
    ),
    "web/basket.ts": "export class BasketView { render(): void {} }\n",
}


class Told(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Told]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with sources, which is the current one; its index will be elsewhere."""
    root = (tmp_path / "workspace").resolve()
    for name, text in SOURCES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        # Old enough that nobody has to ask whether they changed while they were read.
        os.utime(path, (1_000_000_000, 1_000_000_000))
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "80")
    return root


@pytest.fixture
def command(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line, given as words."""
    assert workspace == Path.cwd()

    def tell(*words: str) -> Told:
        capsys.readouterr()
        code = run(words)
        captured = capsys.readouterr()
        return Told(code, captured.out, captured.err)

    return tell


@pytest.fixture
def index_folder(tmp_path: Path) -> Callable[[], Path]:
    """Where the workspace's one index lies, once there is one."""

    def find() -> Path:
        (meta,) = (tmp_path / "cache").rglob("index.meta")
        return meta.parent

    return find
