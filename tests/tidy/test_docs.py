"""Documents tell the truth about the tree: every path that they name exists."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.tree import ROOT, files, python_files, shown

ROOMS = ("codanna_lsp/", "tests/", "docs/", "editors/", ".ci/")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
DOCUMENT_IN_CODE = re.compile(r"\bdocs/[\w./-]+\.md\b")


def named_paths(document: Path) -> Iterator[tuple[str, Path]]:
    """Each path that a document names, with the folder that it is relative to."""
    text = document.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        place = target.partition("#")[0]
        if place and "://" not in place and not place.startswith("mailto:"):
            yield place, document.parent
    for words in CODE.findall(text):
        for word in words.split():
            if word.startswith(ROOMS):
                # tests/languages/<x>.md and store/{a,b}.py name many files at once.
                many = re.sub(r"<[^>]*>|\{[^}]*\}", "*", word)
                yield many.partition("::")[0].partition("#")[0].rstrip(".,:;"), ROOT


def exists(place: str, beside: Path) -> bool:
    if "*" in place:
        return any(beside.glob(place.rstrip("/")))
    return (beside / place).exists()


def test_every_path_in_a_document_exists() -> None:
    missing = [
        f"{shown(document)}: {place}"
        for document in files()
        if document.suffix == ".md" and "languages" not in document.parts
        for place, beside in named_paths(document)
        if not exists(place, beside)
    ]
    assert missing == []


def test_every_document_that_code_names_exists() -> None:
    missing = [
        f"{shown(path)}: {place}"
        for path in python_files()
        for place in DOCUMENT_IN_CODE.findall(path.read_text(encoding="utf-8"))
        if not (ROOT / place).exists()
    ]
    assert missing == []
