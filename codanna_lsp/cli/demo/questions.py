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
    SymbolMatch,
    SymbolQuestion,
    find_symbols,
)

SYMBOL_QUESTIONS = 3
DEFINITION_QUESTIONS = 3
_MAX_NAMES = 2_000
_MAX_FILES = 400
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
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
    names = _good_names(view)
    ways: list[str] = []
    whole = next(names, "")
    humps = next((n for n in names if len(_HUMP.findall(n)) > 2), "")
    start = next(names, "")
    if whole:
        ways.append(whole)
    if humps:
        ways.append("".join(hump[0].lower() for hump in _HUMP.findall(humps)))
    if start:
        ways.append(start[: max(4, len(start) * 2 // 3)].lower())
    return [
        Question(f"symbols  {text}", "workspace/symbol", {"query": text})
        for text in ways[:SYMBOL_QUESTIONS]
    ]


def definition_questions(
    view: View, root: Path, lines: Lines
) -> Iterator[tuple[Path, Question]]:
    """Places where one file mentions what another one declares."""
    declared = _declared_once(view)
    known = re.compile(r"\b[A-Za-z_]\w{5,}\b")
    for path in _spread(list(view.paths()), _MAX_FILES):
        text = lines.text(path).decode("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines()):
            found = next(
                (
                    word
                    for word in known.finditer(line)
                    if declared.get(word.group(), path) != path
                ),
                None,
            )
            if found is None or not _is_code(line, found.group()):
                continue
            yield root / path, _definition_question(root, path, number, line, found)
            break


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


def _good_names(view: View) -> Iterator[str]:
    """Names of types that one file declares, the best first, each initial once."""
    seen: set[str] = set()
    for match in _best(view):
        if len(match.name) > 7 and match.name[0].lower() not in seen:
            seen.add(match.name[0].lower())
            yield match.name


def _best(view: View) -> tuple[SymbolMatch, ...]:
    for kinds in (_TELLING, (SymbolKind.FUNCTION, SymbolKind.METHOD), ()):
        question = SymbolQuestion(text="", limit=_MAX_NAMES, kinds=kinds)
        found = find_symbols(view, question).symbols
        if len({match.name for match in found}) >= SYMBOL_QUESTIONS:
            return found
    return ()


def _declared_once(view: View) -> dict[str, str]:
    """Names of top-level types and functions to the one path that declares them."""
    kinds = (*_TELLING, SymbolKind.FUNCTION)
    question = SymbolQuestion(text="", limit=_MAX_NAMES, kinds=kinds)
    places: dict[str, set[str]] = {}
    for match in find_symbols(view, question).symbols:
        if not match.container:
            places.setdefault(match.name, set()).add(match.path)
    return {name: min(paths) for name, paths in places.items() if len(paths) == 1}


def _spread(paths: list[str], most: int) -> list[str]:
    """At most so many, evenly from the whole list."""
    return paths[:: max(1, -(-len(paths) // most))]


def _is_code(line: str, name: str) -> bool:
    """Whether the name seems to be called or imported, not talked about."""
    calls = re.search(rf"[=(,:]\s*{re.escape(name)}\(", line)
    imports = re.match(r"\s*(from|import)\b", line)
    return bool(calls or imports) and not line.lstrip().startswith(("#", "//", "*"))


def language_id(path: Path) -> str:
    """What an editor would call the file's language."""
    language = language_of(path.name)
    return language.lsp_ids[0] if language and language.lsp_ids else "plaintext"


def locations(answer: Any) -> list[dict[str, Any]]:
    """The places of an answer: each with uri and range, and what else is said."""
    if answer is None:
        return []
    given = answer if isinstance(answer, list) else [answer]
    return [_location(item) for item in given]


def _location(item: dict[str, Any]) -> dict[str, Any]:
    if "targetUri" in item:
        return {"uri": item["targetUri"], "range": item["targetSelectionRange"]}
    return {**item, **item.get("location", {})}
