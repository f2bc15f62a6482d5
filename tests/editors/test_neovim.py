"""A real Neovim on a real workspace: search, definition, and the word after damage.

The sessions that are recorded in docs/neovim-session.md are those of this test; with
CODANNA_RECORD=1 it writes them down instead of comparing.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.tidy.tree import ROOT

SCRIPT = Path(__file__).with_name("neovim_session.lua")
RECORD = ROOT / "docs" / "neovim-session.md"
SESSION_TIMEOUT_S = 120

WORKSPACE = {
    "pyproject.toml": "",
    "shop/__init__.py": "from .basket import ShoppingBasket\n",
    "shop/basket.py": dedent(
        '''
        class ShoppingBasket:
            """What a customer is about to buy."""

            def add_item(self, name: str) -> None: ...
        '''
    ),
    "shop/till.py": dedent(
        """
        from shop import ShoppingBasket as Basket


        def check_out(basket: Basket) -> None:
            größe = "ß"; basket.add_item(größe)
        """
    ),
    "web/basketView.ts": "export class BasketView { render(): void {} }\n",
}

pytestmark = pytest.mark.editor


def make_workspace(folder: Path) -> Path:
    for name, text in WORKSPACE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def session(neovim: Path, workspace: Path, home: Path) -> str:
    """What one Neovim session printed; its caches and settings live in `home`."""
    folders = {
        f"XDG_{kind}_HOME": str(home / kind.lower())
        for kind in ("CACHE", "CONFIG", "DATA", "STATE")
    }
    told = subprocess.run(
        [neovim, "--clean", "--headless", "-c", f"luafile {SCRIPT}"],
        env={
            **os.environ,
            **folders,
            "PYTHONPATH": str(ROOT),
            "SESSION_SERVER": json.dumps([sys.executable, "-m", "codanna_lsp"]),
            "SESSION_FILE": str(workspace / "shop" / "till.py"),
            "SESSION_LINE": "6",
            "SESSION_NAME": "add_item",
            "SESSION_QUERY": "sbask",
        },
        cwd=workspace,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SESSION_TIMEOUT_S,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def damage_snapshot(home: Path) -> None:
    (snapshot,) = (home / "cache").rglob("snapshot-*.bin")
    content = bytearray(snapshot.read_bytes())
    for at in range(0, len(content), max(1, len(content) // 64)):
        content[at] ^= 0xFF
    snapshot.write_bytes(content)


def recorded() -> list[str]:
    """The blocks of output in the document, in order."""
    return re.findall(r"```\n(.*?)```", RECORD.read_text(encoding="utf-8"), re.DOTALL)


def test_search_definition_and_repair_in_neovim(neovim: Path, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "workspace")
    home = tmp_path / "home"

    first = session(neovim, workspace, home)
    assert "basket.py|2 col" in first, "the class, found by its capitals"
    assert "basket.py:5:9: def add_item" in first, "the method, through the alias"
    assert "message:" not in first, "a good start says nothing"

    damage_snapshot(home)
    second = session(neovim, workspace, home)
    answers, _, message = second.partition("message: ")
    assert answers == first, "damage costs no answer"
    assert "snapshot" in message

    third = session(neovim, workspace, home)
    assert third == first, "what is repaired stays repaired, in silence"

    if os.environ.get("CODANNA_RECORD") == "1":
        text = RECORD.read_text(encoding="utf-8")
        for old, new in zip(recorded(), (first, second, third), strict=True):
            text = text.replace(f"```\n{old}```", f"```\n{new}```", 1)
        RECORD.write_text(text, encoding="utf-8")
    assert recorded() == [first, second, third], "record again: CODANNA_RECORD=1"
