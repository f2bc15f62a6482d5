"""Definition questions as text: files, a cursor, and labels where the answer stands.

`-- path --` starts a file, `<CURSOR>` is the question. A comment of carets labels the
line above it (`#   ^^^^ definition`); `#< definition` labels its first column.
`-- expect path --` wants that file itself, `-- expect nothing --` no answer.
`-- root folder --` says where the workspace lies ("/home/me/thing").
"""

import re
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.extraction.syntax import SyntaxTree
from codanna_lsp.index.codec import pack_facts
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.index.view import View
from codanna_lsp.languages.registry import language_of
from codanna_lsp.model.facts import FileRecord, Fingerprint
from codanna_lsp.queries.definition import (
    DefinitionAnswer,
    DefinitionQuestion,
    find_definition,
)
from codanna_lsp.workspace.fingerprint import digest

_FILE = re.compile(r"^-- (?P<path>.+?) --\n", re.MULTILINE)
_LABEL = re.compile(r"^(?P<lead>\s*(?:#|//|--)\s*)(?P<carets>\^+|<) definition\b")
_CURSOR = "<CURSOR>"


class Fixture(NamedTuple):
    """A workspace as text, a question in it, and the answers wanted, best first."""

    files: dict[str, str]
    question: DefinitionQuestion
    wanted: list[str]
    root: str = ""


def read_suite(path: Path) -> list[tuple[str, str]]:
    """The fixtures of a Markdown file: a heading is a name, its block the text."""
    found: list[tuple[str, str]] = []
    for part in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
        name, _, rest = part.partition("\n")
        block = re.search(r"^```\w*\n(.*?)^```", rest, re.DOTALL | re.MULTILINE)
        if block is not None:
            found.append((name.strip(), block[1]))
    return found


def read_fixture(text: str) -> Fixture:
    """The files, question and labels of a fixture's text."""
    files: dict[str, str] = {}
    wanted: list[str] = []
    nothing = False
    root = ""
    question: DefinitionQuestion | None = None
    starts = list(_FILE.finditer(text))
    for number, start in enumerate(starts):
        stop = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        path, body = start["path"], text[start.end() : stop]
        if path.startswith("root "):
            root = path.removeprefix("root ")
            continue
        if path.startswith("expect "):
            target = path.removeprefix("expect ")
            nothing = target == "nothing"
            wanted += [] if nothing else [f"{target}:0:0"]
            continue
        for row, line in enumerate(body.split("\n")):
            if _CURSOR in line:
                column = len(line.partition(_CURSOR)[0].encode())
                question = DefinitionQuestion(path, row, column)
        files[path] = body.replace(_CURSOR, "")
        wanted += _labels(path, files[path])
    assert question is not None, "the fixture has no <CURSOR>"
    assert wanted or nothing, "the fixture has no label"
    return Fixture(files, question, wanted, root)


def _labels(path: str, body: str) -> list[str]:
    found: list[str] = []
    labelled = -1
    for row, line in enumerate(body.split("\n")):
        label = _LABEL.match(line)
        if label is None:
            labelled = row
            continue
        column = 0 if label["carets"] == "<" else len(label["lead"].encode())
        found.append(f"{path}:{labelled}:{column}")
    return found


def build_view(files: dict[str, str], root: str = "") -> View:
    """A view of these files, through real extraction and packing."""
    records: list[FileRecord] = []
    for path, body in files.items():
        source = body.encode()
        language = language_of(path, source)
        assert language is not None, path
        packed = pack_facts(extract_facts(source, language, path))
        mark = Fingerprint(len(source), 0, digest(source))
        records.append(FileRecord(path, language.id, mark, "x", 0, "", packed))
    return View(IndexData().with_changes(records), root=root)


def read_tree(files: dict[str, str], path: str) -> SyntaxTree | None:
    """The live tree of one of the files."""
    body = files.get(path)
    if body is None:
        return None
    language = language_of(path, body.encode())
    assert language is not None
    return SyntaxTree.parse(body.encode(), language) if language.grammar else None


def ask(fixture: Fixture) -> DefinitionAnswer:
    """The answer to a fixture's question."""
    tree = read_tree(fixture.files, fixture.question.path)
    assert tree is not None
    return find_definition(
        build_view(fixture.files, fixture.root),
        fixture.question,
        tree,
        read_tree=lambda path: read_tree(fixture.files, path),
    )


def check_definition(text: str) -> None:
    """Ask a fixture's question and compare the answers, one a line."""
    fixture = read_fixture(text)
    answer = ask(fixture)
    found = [
        f"{target.path}:{target.span.start_line}:{target.span.start_column}"
        for target in answer.targets
    ]
    assert found == fixture.wanted, f"by the step {answer.step!r}"
