"""Answers: our words as LSP's JSON, for clients that can do much and for old ones."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import converters, types

from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.indexing.own_parsing import OwnParsing
from codanna_lsp.languages.registry import get_language
from codanna_lsp.model.facts import FileFacts
from codanna_lsp.model.symbol import Symbol, SymbolFlag, SymbolKind
from codanna_lsp.queries.outline import MAX_DEPTH, OutlineNode, find_outline
from codanna_lsp.queries.ranking import Tier
from codanna_lsp.queries.symbol_search import SymbolMatch
from codanna_lsp.server.client import Client, read_client
from codanna_lsp.server.texts.positions import Encoding, SourceText
from codanna_lsp.server.texts.sources import Sources
from codanna_lsp.server.to_lsp import to_flat_outline, to_kind, to_outline, to_symbols
from tests.lsp.workspaces import PROFILES, profile

NEW = Client(
    outline_trees=True,
    symbol_tags=True,
    outline_tags=True,
    symbol_kinds=frozenset(range(1, 27)),
    outline_kinds=frozenset(range(1, 27)),
)
OLD = Client()
CONVERTER = converters.get_converter()


def outline_of(source: str) -> tuple[OutlineNode, ...]:
    return find_outline(extract_facts(source.encode(), get_language("python"), "a.py"))


def shape(nodes: tuple[OutlineNode, ...]) -> list[Any]:
    return [
        [node.symbol.name, shape(node.children)] if node.children else node.symbol.name
        for node in nodes
    ]


def chain(length: int) -> FileFacts:
    """Symbols of which each encloses the next."""
    symbols = tuple(
        Symbol(f"s{n}", 12, 0, n - 1, "", n, 0, 2, n, 0, 2 * length - n, 0, "", "", "")
        for n in range(length)
    )
    return FileFacts("python", symbols, (), (), ())


def test_an_outline_is_a_tree_in_the_order_of_the_source() -> None:
    source = "class A:\n  def f(self): pass\n  class B:\n    x = 1\ndef g(): pass\n"
    assert shape(outline_of(source)) == [["A", ["f", ["B", ["x"]]]], "g"]
    assert outline_of("") == ()


def test_an_outline_deeper_than_anyone_looks_is_flat_below() -> None:
    nodes = find_outline(chain(3_500))
    depth, count, level = 0, 0, nodes
    while level:
        depth, count = depth + 1, count + len(level)
        level = tuple(child for node in level for child in node.children)
    assert (depth, count) == (MAX_DEPTH, 3_500)
    answer = to_outline(nodes, SourceText(b"s0\n" * 8_000), NEW)
    CONVERTER.structure(answer, list[types.DocumentSymbol])


def test_the_whole_of_an_outline_node_holds_its_name_and_its_children() -> None:
    for node in outline_of("@one\n@two\nclass A:\n    y = 2\n"):
        assert (node.span.start_line, node.span.stop_line) == (0, 3)
        name = (node.symbol.line, node.symbol.column)
        assert (node.span.start_line, node.span.start_column) <= name


def test_an_outline_for_clients_without_trees_names_the_containers() -> None:
    source = 'class É:\n    """Doc."""\n    def f(self): pass\n'
    text = SourceText(source.encode())
    answer = to_flat_outline(
        outline_of(source), text, OLD, uri="file:///a.py", language="python"
    )
    found = CONVERTER.structure(answer, list[types.SymbolInformation])
    assert [(s.name, s.container_name) for s in found] == [("É", None), ("f", "É")]
    assert found[0].location.range.end == types.Position(2, 21)


@pytest.mark.parametrize(
    ("kind", "new", "old"),
    [
        (SymbolKind.CLASS, 5, 5),
        (SymbolKind.STRUCT, 23, 5),
        (SymbolKind.ENUM_MEMBER, 22, 14),
        (SymbolKind.TRAIT, 11, 11),
        (SymbolKind.TYPE_ALIAS, 26, 5),
        (SymbolKind.MACRO, 14, 14),
    ],
)
def test_kinds_are_those_that_a_client_can_show(
    kind: SymbolKind, new: int, old: int
) -> None:
    assert to_kind(int(kind), NEW.symbol_kinds) == new
    assert to_kind(int(kind), OLD.symbol_kinds) == old


def match(**changes: Any) -> SymbolMatch:
    plain = SymbolMatch(
        name="name",
        kind=int(SymbolKind.METHOD),
        flags=0,
        container=("Outer", "Inner"),
        language="cpp",
        path="a b.cc",
        line=1,
        column=3,
        end_column=7,
        index=0,
        tier=Tier.EXACT_CASE,
        score=1.0,
    )
    return plain._replace(**changes)


def symbol(found: SymbolMatch, sources: Sources, client: Client) -> Any:
    (answer,) = json.loads(to_symbols([(found, sources)], client))
    return answer


def test_a_symbol_is_plain_and_its_container_qualified(tmp_path: Path) -> None:
    sources = Sources(str(tmp_path), max_file_size=1000, own_parsing=OwnParsing)
    answer = symbol(match(), sources, NEW)
    assert answer == {
        "name": "name",
        "kind": 6,
        "containerName": "Outer::Inner",
        "location": {
            "uri": (tmp_path / "a b.cc").as_uri(),
            "range": {
                "start": {"line": 1, "character": 3},
                "end": {"line": 1, "character": 7},
            },
        },
        "score": 1,
    }


@pytest.mark.parametrize("name", ['"', "\\", "\n\x00", "é𝒳", "\ud800", "</script>"])
def test_any_name_is_quoted(tmp_path: Path, name: str) -> None:
    sources = Sources(str(tmp_path), max_file_size=1000, own_parsing=OwnParsing)
    answer = symbol(match(name=name, container=(name,)), sources, NEW)
    assert answer["name"] == answer["containerName"] == name


def test_scores_fall_from_symbol_to_symbol(tmp_path: Path) -> None:
    sources = Sources(str(tmp_path), max_file_size=1000, own_parsing=OwnParsing)
    assert json.loads(to_symbols([], NEW)) == []
    answers = json.loads(to_symbols([(match(), sources)] * 20_000, NEW))
    scores = [answer["score"] for answer in answers]
    assert all(one > other > 0 for one, other in pairwise(scores))


def test_files_of_the_root_folder_have_whole_uris() -> None:
    sources = Sources("/", max_file_size=1000, own_parsing=OwnParsing)
    assert sources.uri_of("a/b c.py") == "file:///a/b%20c.py"
    assert sources.relative("/a/b.py") == "a/b.py"
    assert sources.relative("/") is None


def test_a_deprecated_symbol_is_tagged_where_tags_are_known(tmp_path: Path) -> None:
    sources = Sources(str(tmp_path), max_file_size=1000, own_parsing=OwnParsing)
    old = match(flags=int(SymbolFlag.DEPRECATED))
    assert symbol(old, sources, NEW)["tags"] == [1]
    assert "tags" not in symbol(old, sources, OLD)


def test_columns_behind_wide_characters_are_the_clients(tmp_path: Path) -> None:
    (tmp_path / "a b.cc").write_text("\n𝒳é name\n", encoding="utf-8")
    sources = Sources(str(tmp_path), max_file_size=1000, own_parsing=OwnParsing)
    wide = match(flags=int(SymbolFlag.WIDE), column=7, end_column=11)
    starts: dict[Encoding, int] = {"utf-8": 7, "utf-16": 4, "utf-32": 3}
    for encoding, start in starts.items():
        client = NEW._replace(encoding=encoding)
        place = symbol(wide, sources, client)["location"]["range"]
        assert place["start"]["character"] == start
        assert place["end"]["character"] == start + 4


@pytest.mark.parametrize("name", PROFILES)
def test_every_real_client_is_understood(name: str) -> None:
    client = read_client({"capabilities": profile(name), "processId": 7})
    assert client.process_id == 7
    assert 5 in client.symbol_kinds
    assert client.outline_trees is not name.startswith("helix")
    assert client.watches is not name.startswith("nvim")


@pytest.mark.parametrize(
    ("name", "said"), [("emacs-30.1", "Eglot"), ("helix-25.07", "helix")]
)
def test_who_watches_badly_is_not_trusted_to(name: str, said: str) -> None:
    params = {"capabilities": profile(name), "clientInfo": {"name": said}}
    assert not read_client(params).watches
    assert read_client(params | {"clientInfo": {"name": [said]}}).watches


MISSHAPEN: tuple[Any, ...] = (
    None,
    7,
    [],
    {"workspace": 1},
    {"general": {"positionEncodings": [None, 3]}},
    {"workspace": {"symbol": {"symbolKind": {"valueSet": "x"}}}},
)


@pytest.mark.parametrize("capabilities", MISSHAPEN)
def test_misshapen_capabilities_are_none(capabilities: Any) -> None:
    assert read_client({"capabilities": capabilities}) == OLD
