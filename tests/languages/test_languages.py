"""What each language's facts hold: every `##` heading of every `*.md` here is a test.

A test is prose, one fenced source block (```python, ```go ...; `path=a/b.py` after the
language gives the file's path) and fenced blocks of what is expected. A block is
compared as text; words after its name choose what else is shown:

- ```symbols [at] [span] [flags] [scope] [type] [signature] [doc]
      class Shape @ 0:6-11 span 0:0-2:9 [exported] scope=geo type=T | class Shape | A doc
        method area
  One symbol a line, indented under its container: the kind in lower case, the name,
  and what was chosen. Lines and UTF-8 byte columns count from 0.
- ```relations [at]
      Shape.area CALLS append ON self.items @ 3:8
  The enclosing symbol (`-` for the file), the kind, the target, the receiver if any.
- ```imports [at]
      d <- a.b : c [reexport]
  The bound name (`-` for none), the module (`-` for none), the original if any.
- ```identifiers
      those words that nothing else of the facts names
- ```reason
      why the facts are less than the file

`python -m tests.languages.test_languages FILE.md` writes what the engine finds into
the blocks of FILE.md, for a person to read and judge.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from _pytest.mark.structures import ParameterSet

from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.languages.registry import all_languages, get_language
from codanna_lsp.model.facts import FileFacts
from codanna_lsp.model.relation import RelationKind
from codanna_lsp.model.symbol import Symbol, SymbolFlag, SymbolKind

HERE = Path(__file__).parent
_FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=fence)[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_NOT_SOURCE = ("symbols", "relations", "imports", "identifiers", "reason")


class Block(NamedTuple):
    """A fenced block: its info string's words and its text."""

    words: tuple[str, ...]
    text: str


class Example(NamedTuple):
    """One heading of a specification."""

    title: str
    source: Block
    expected: tuple[Block, ...]


def read_examples(specification: str) -> Iterator[Example]:
    """The headings that hold a source block."""
    for section in re.split(r"^## ", specification, flags=re.MULTILINE)[1:]:
        title = section.partition("\n")[0].strip()
        blocks = [
            Block(tuple(found["info"].split()), found["body"])
            for found in _FENCE.finditer(section)
        ]
        sources = [b for b in blocks if b.words and b.words[0] not in _NOT_SOURCE]
        if len(sources) != 1:
            raise ValueError(f"{title!r} needs exactly one source block")
        expected = tuple(b for b in blocks if b is not sources[0])
        yield Example(title, sources[0], expected)


def extract_example(source: Block) -> FileFacts:
    language = get_language(_language_id(source.words[0]))
    path = next((w[5:] for w in source.words if w.startswith("path=")), "")
    return extract_facts(source.text.encode(), language, path)


def _language_id(word: str) -> str:
    for language in all_languages():
        if word == language.id or f".{word}" in language.extensions:
            return language.id
    return "project" if word == "json" else word


def render(facts: FileFacts, words: tuple[str, ...]) -> str:
    """The facts' part that a block asks for, as its text should be."""
    kind, *options = words
    return "".join(line + "\n" for line in _RENDERERS[kind](facts, set(options)))


def _symbol_lines(facts: FileFacts, options: set[str]) -> Iterator[str]:
    depths: list[int] = []
    for symbol in facts.symbols:
        container = symbol.container
        depths.append(0 if container < 0 else depths[container] + 1)
        parts = " ".join(_symbol_parts(symbol, options))
        if facts.language in ("c", "cpp"):  # they have no ASYNC, and its bit for this
            parts = re.sub(r"\basync(?=[ \w]*\])", "unbuilt", parts)
        yield "  " * depths[-1] + parts


def _symbol_parts(symbol: Symbol, options: set[str]) -> Iterator[str]:
    yield f"{SymbolKind(symbol.kind).name.lower()} {symbol.name}"
    if "at" in options:
        yield f"@ {symbol.line}:{symbol.column}-{symbol.end_column}"
    if "span" in options:
        start = f"{symbol.start_line}:{symbol.start_column}"
        yield f"span {start}-{symbol.stop_line}:{symbol.stop_column}"
    if "flags" in options:
        flags = [flag for flag in SymbolFlag if flag & symbol.flags]
        yield "[" + " ".join(str(flag.name).lower() for flag in flags) + "]"
    if "scope" in options and symbol.scope:
        yield f"scope={symbol.scope}"
    if "type" in options and symbol.type_text:
        yield f"type={symbol.type_text}"
    if "signature" in options:
        yield f"| {symbol.signature}"
    if "doc" in options:
        yield f"| {symbol.doc}".rstrip()


def _relation_lines(facts: FileFacts, options: set[str]) -> Iterator[str]:
    for relation in facts.relations:
        source = _qualified_name(facts, relation.source)
        line = f"{source} {RelationKind(relation.kind).name} {relation.target}"
        if relation.receiver:
            line += f" ON {relation.receiver}"
        yield line + _at(relation.line, relation.column, options)


def _qualified_name(facts: FileFacts, index: int) -> str:
    names: list[str] = []
    while index >= 0:
        names.append(facts.symbols[index].name)
        index = facts.symbols[index].container
    return ".".join(reversed(names)) or "-"


def _import_lines(facts: FileFacts, options: set[str]) -> Iterator[str]:
    for item in facts.imports:
        line = f"{item.name or '-'} <- {item.module or '-'}"
        if item.original:
            line += f" : {item.original}"
        if item.reexport:
            line += " [reexport]"
        yield line + _at(item.line, item.column, options)


def _at(line: int, column: int, options: set[str]) -> str:
    return f" @ {line}:{column}" if "at" in options else ""


def _identifier_lines(facts: FileFacts, _: set[str]) -> Iterator[str]:
    yield " ".join(facts.identifiers)


def _reason_lines(facts: FileFacts, _: set[str]) -> Iterator[str]:
    yield facts.reason


_RENDERERS: dict[str, Callable[[FileFacts, set[str]], Iterator[str]]] = {
    "symbols": _symbol_lines,
    "relations": _relation_lines,
    "imports": _import_lines,
    "identifiers": _identifier_lines,
    "reason": _reason_lines,
}


def _all_examples() -> list[ParameterSet]:
    return [
        pytest.param(example, id=f"{path.stem}: {example.title}")
        for path in sorted(HERE.glob("*.md"))
        for example in read_examples(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("example", _all_examples())
def test_language(example: Example) -> None:
    assert example.expected, "a heading without an expectation tests nothing"
    facts = extract_example(example.source)
    for block in example.expected:
        assert render(facts, block.words) == block.text


def write_found(path: Path) -> None:
    """Replace every expectation of a specification by what the engine finds."""
    head, *sections = re.split(
        r"^(?=## )", path.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    result = [head]
    for section in sections:
        (example,) = read_examples(section)
        facts = extract_example(example.source)

        def replaced(found: re.Match[str], facts: FileFacts = facts) -> str:
            words = tuple(found["info"].split())
            if not words or words[0] not in _NOT_SOURCE:
                return found[0]
            fence = found["fence"]
            return f"{fence}{found['info']}\n{render(facts, words)}{fence}"

        result.append(_FENCE.sub(replaced, section))
    path.write_text("".join(result), encoding="utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        write_found(Path(argument))
