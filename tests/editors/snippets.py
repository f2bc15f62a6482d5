"""The configurations that docs/editors.md gives, as users paste them."""

import re

from tests.tidy.tree import ROOT

PLACEHOLDER = "/path/to/codanna-lsp"


def snippets(language: str) -> list[str]:
    """The page's blocks in that language, for the repository that the tests are of."""
    text = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    blocks = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    return [block.replace(PLACEHOLDER, str(ROOT)) for block in blocks]
