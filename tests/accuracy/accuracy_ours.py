"""Our side of the comparison: index a folder as the product does, ask, and score.

An answer is right when its first target is one of the oracle's.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from time import process_time
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
from tests.accuracy.accuracy_oracle import Place, Truth

OTHER_NAME = "the oracle answers with a thing of another name"
RIGHT, IN_LIST, WRONG, NONE = "right", "in the list", "wrong", "no answer"


class Outcome(NamedTuple):
    """One question: what the oracle says, what we say, and how it compares.

    seconds: of processor time. verdict: RIGHT, IN_LIST (a later target is right), WRONG or NONE.
    cause: a class of question, for those that are not right.
    """

    truth: Truth
    verdict: str
    cause: str
    line: str
    found: tuple[tuple[str, int, int], ...]
    seconds: float


class Folder:
    """A folder of source files with these endings, indexed."""

    def __init__(self, root: Path, endings: tuple[str, ...] = (".py",)) -> None:
        self.sources = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and path.name.endswith(endings)
        }
        records = [_record(path, source) for path, source in self.sources.items()]
        self.view = View(IndexData().with_changes(records))
        self.tree = cache(self._tree)

    def _tree(self, path: str) -> SyntaxTree | None:
        source = self.sources.get(path)
        language = language_of(path, source or b"")
        if source is None or language is None:
            return None
        return SyntaxTree.parse(source, language)

    def line(self, path: str, number: int) -> str:
        """One line of a file's text, without a byte order mark."""
        text = self.sources[path].removeprefix(b"\xef\xbb\xbf").split(b"\n")[number]
        return text.decode("utf-8", "replace")

    def ask(self, truth: Truth) -> Outcome:
        """Ask one question and compare."""
        path, number, column, _ = truth.position
        line = self.line(path, number)
        tree = self.tree(path)
        assert tree is not None
        question = DefinitionQuestion(path, number, len(line[:column].encode()))
        started = process_time()
        answer = find_definition(self.view, question, tree, read_tree=self.tree)
        seconds = process_time() - started
        found = tuple(self._places(answer))
        occurrence = tree.occurrence(number, question.column)
        place = occurrence.place if occurrence is not None else "no name"
        verdict = verdict_of(truth.targets, found)
        cause = f"{place}, by the step {answer.step or 'none'!r}: {verdict}"
        if not any(
            self._names(target, truth.position.name) for target in truth.targets
        ):
            cause = OTHER_NAME
        return Outcome(truth, verdict, cause, line.strip(), found, seconds)

    def _places(self, answer: DefinitionAnswer) -> list[tuple[str, int, int]]:
        found: list[tuple[str, int, int]] = []
        for target in answer.targets:
            row = target.span.start_line
            text = self.line(target.path, row).encode()[: target.span.start_column]
            found.append((target.path, row, len(text.decode("utf-8", "replace"))))
        return found

    def _names(self, target: Place, name: str) -> bool:
        known = target.path in self.sources
        line = self.line(target.path, target.line) if known else ""
        return name in line or target.end_column == target.column


def _record(path: str, source: bytes) -> FileRecord:
    language = language_of(path, source)
    assert language is not None
    mark = Fingerprint(len(source), 0, b"\0" * 16)
    packed = pack_facts(extract_facts(source, language, path))
    return FileRecord(path, language.id, mark, "", 0, "", packed)


def verdict_of(wanted: Sequence[Place], found: Sequence[tuple[str, int, int]]) -> str:
    """How our targets compare with the oracle's."""
    right = [any(place.holds(*one) for place in wanted) for one in found]
    if not right:
        return NONE
    if right[0]:
        return RIGHT
    return IN_LIST if any(right) else WRONG
