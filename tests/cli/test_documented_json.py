"""The keys that docs/commands.md promises are those that the commands print."""

import re

import pytest

from tests.cli.conftest import Command
from tests.tidy.tree import ROOT

DOCUMENT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def promised(command: str) -> set[str]:
    row = next(r for r in DOCUMENT.splitlines() if r.startswith(f"| `{command}` |"))
    keys = re.sub(r"\([^)]*\)", "", row.split("|")[2])
    return set(re.findall(r"`(\w+)`", keys))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("index", ""),
        ("index --dry-run", ""),
        ("search", "BasketView"),
        ("definition", "shop/till.py:3:5"),
        ("status", ""),
        ("verify", ""),
        ("repair", ""),
        ("clean", ""),
    ],
)
def test_the_keys(command: Command, name: str, words: str) -> None:
    command("index")
    told = command(*name.split(), *words.split(), "--json")
    assert set(told.json) == promised(name), told.err
