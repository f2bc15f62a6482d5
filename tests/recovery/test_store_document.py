"""docs/store-format.md names every incident, and only tests that exist."""

import re
from pathlib import Path

from codanna_lsp.store.incident import Code

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "store-format.md").read_text(encoding="utf-8")


def test_every_test_that_the_table_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT))
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("recovery", "faults")
        for path in (ROOT / "tests" / folder).rglob("*.py")
    ]
    missing = [name for name in named if not any(f"def {name}(" in s for s in sources)]
    assert len(named) > 20
    assert missing == []


def test_every_code_is_in_the_document() -> None:
    codes = {value for name, value in vars(Code).items() if name.isupper()}
    assert {code for code in codes if f"`{code}`" not in DOCUMENT} == set()
