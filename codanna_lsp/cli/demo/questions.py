"""Questions that make sense in any workspace, found by looking into its index."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from codanna_lsp.cli.demo.session import ServerSession
from codanna_lsp.cli.places import Lines
from codanna_lsp.index.view import View
from codanna_lsp.languages.registry import language_of
from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.queries.symbol_search import (
    MAX_LIMIT,
    SymbolQuestion,
    find_symbols,
)

_ENOUGH_NAMES = 20
_TRIED = 50
DEFINITION_QUESTIONS = 3
_MAX_FILES = 400
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_WORD = re.compile(r"\b[A-Za-z_]\w{5,}\b")
_CALL = re.compile(r"(?<=[=(,:\s])[A-Za-z_]\w{5,}(?=\()")
_IMPORT = re.compile(r"\s*(from|import)\b")
# Known to whoever sees the demonstration on the standard library.
_FAMOUS = ("ArgumentParser", "ThreadPoolExecutor", "TemporaryDirectory")
_TELLING = (SymbolKind.CLASS, SymbolKind.STRUCT, SymbolKind.INTERFACE)


class Question(NamedTuple):
    """One request to the server, and how a person would put it."""

    shown: str
    method: str
    params: dict[str, Any]


class Asked(NamedTuple):
    """A question with what the server answered, and after how many milliseconds."""

    question: Question
    answer: Any
    milliseconds: float


def ask_all(server: ServerSession, questions: Iterable[Question]) -> list[Asked]:
    """Every question in turn."""
    return [
        Asked(question, *server.ask(question.method, question.params))
        for question in questions
    ]


def symbol_questions(view: View) -> list[Question]:
    """Ways to ask for a symbol: its name, its capitals, the start of its name."""
    famous = [name for name in _FAMOUS if view.symbols_named(name, limit=1)]
    names = list(dict.fromkeys([*famous, *_telling_names(view)]))
    names.sort(key=lambda name: len(_HUMP.findall(name)) < 2)
    humped = [name for name in names if len(_HUMP.findall(name)) > 2]
    humped = [
        name for name in humped[:_TRIED] if _is_first(view, _capitals(name), name)
    ]
    others = [name for name in names if name not in humped[:1]]
    ways = others[:1]
    ways += [_capitals(name) for name in humped[:1]]
    ways += [n[: len(n) * 2 // 3].lower() for n in others[1:2]]
    return [
        Question(f"symbols  {text}", "workspace/symbol", {"query": text})
        for text in ways
    ]


def _capitals(name: str) -> str:
    return "".join(hump[0].lower() for hump in _HUMP.findall(name))


def _is_first(view: View, text: str, name: str) -> bool:
    found = find_symbols(view, SymbolQuestion(text=text, limit=1)).symbols
    return bool(found) and found[0].name == name


def definition_questions(
    view: View, root: Path, lines: Lines
) -> Iterator[tuple[Path, Question]]:
    """Places where one file mentions what another one alone declares, one a file."""
    asked: set[str] = set()
    for path in _spread(list(view.paths()), _MAX_FILES):
        text = lines.text(path).decode("utf-8", errors="replace")
        words = (
            (number, line, word)
            for number, line in enumerate(text.splitlines())
            for word in _mentions(line)
        )
        for number, line, word in words:
            name = word.group()
            if name not in asked and _is_declared_elsewhere(view, name, path):
                asked.add(name)
                yield root / path, _definition_question(root, path, number, line, word)
                break


def _mentions(line: str) -> Iterator[re.Match[str]]:
    """The words of a line of code that an import takes or that are called."""
    if line.lstrip().startswith(("#", "//", "*")):
        return iter(())
    return (_WORD if _IMPORT.match(line) else _CALL).finditer(line)


def _is_declared_elsewhere(view: View, name: str, path: str) -> bool:
    rows = view.symbols_named(name, limit=2)
    if len(rows) != 1 or rows[0].path == path or rows[0].container:
        return False
    return rows[0].kind in (*_TELLING, SymbolKind.FUNCTION)


def _definition_question(
    root: Path, path: str, number: int, line: str, found: re.Match[str]
) -> Question:
    # The session speaks UTF-8 columns, so positions are those of the index.
    column = len(line[: found.start()].encode())
    return Question(
        f"definition  {path}:{number + 1}:{found.start() + 1} {found.group()}",
        "textDocument/definition",
        {
            "textDocument": {"uri": (root / path).as_uri()},
            "position": {"line": number, "character": column},
        },
    )


def _telling_names(view: View) -> list[str]:
    """Names of middle length that are public, the best first."""
    names: list[str] = []
    for kinds in (_TELLING, (*_TELLING, SymbolKind.FUNCTION), ()):
        question = SymbolQuestion(text="", limit=MAX_LIMIT, kinds=kinds)
        names = [
            match.name
            for match in find_symbols(view, question).symbols
            if 10 <= len(match.name) <= 24 and match.name[0].isalpha()
        ]
        if len(names) >= _ENOUGH_NAMES:
            break
    return names


def _spread(paths: list[str], most: int) -> list[str]:
    """At most so many, evenly from the whole list."""
    return paths[:: max(1, -(-len(paths) // most))]


def language_id(path: Path) -> str:
    """What an editor would call the file's language."""
    language = language_of(path.name)
    return language.lsp_ids[0] if language and language.lsp_ids else "plaintext"


def locations(
    answer: list[dict[str, Any]] | dict[str, Any] | None,
) -> list[dict[str, Any]]:
    """The places of an answer: each with uri and range, and what else is said."""
    given = [answer] if isinstance(answer, dict) else answer or []
    return [_location(item) for item in given]


def _location(item: dict[str, Any]) -> dict[str, Any]:
    if "targetUri" in item:
        return {"uri": item["targetUri"], "range": item["targetSelectionRange"]}
    return {**item, **item.get("location", {})}
