"""What users type, and what they are shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codanna_lsp.model.symbol import SymbolFlag, SymbolKind
from codanna_lsp.queries.ranking import Tier
from codanna_lsp.queries.symbol_query import MAX_QUERY_LENGTH
from codanna_lsp.queries.symbol_search import (
    SymbolAnswer,
    SymbolQuestion,
    find_symbols,
)
from tests.unit.queries.symbol_workspace import ask, view_of


def check_search(text: str, expected: str, **more: object) -> None:
    """The answer, one symbol a line: its qualified name and its file."""
    lines = [
        f"{'.'.join((*match.container, match.name))} {match.path}"
        for match in ask(text, **more).symbols
    ]
    assert "\n".join(lines) == "\n".join(expected.split("\n")[1:-1]).replace("    ", "")


def names(text: str, **more: object) -> list[str]:
    return [match.name for match in ask(text, **more).symbols]


def test_exact_before_prefix_before_the_rest() -> None:
    check_search(
        "start",
        """
    HTTPServer.start src/server.ts
    startServer src/server.ts
    starting src/server.ts
    test_start tests/test_server.py
    """,
    )


def test_case_decides_among_exact_hits() -> None:
    assert names("Join") == names("join") == names("JOIN") == ["Join"]
    assert ask("Join").symbols[0].score > ask("join").symbols[0].score


def test_words_may_be_one_name_that_was_written_apart() -> None:
    assert names("document symbol provider") == ["DocumentSymbolProvider"]
    assert names("file system info") == ["fileSystemInfo"]
    assert "document_symbol" in names("document symbol")
    # What the first word alone finds in the second stands behind it.
    tiers = [match.tier for match in ask("document symbol").symbols]
    assert tiers == sorted(tiers)


def test_what_other_files_can_use_comes_first_among_equals() -> None:
    view = view_of(
        "\n-- a/one.c --\nstruct list_head\n-- b/list.h --\nstruct list_head exported\n"
    )
    found = find_symbols(view, SymbolQuestion(text="list_head")).symbols
    assert [match.path for match in found] == ["b/list.h", "a/one.c"]


def test_humps() -> None:
    check_search(
        "DocSym",
        """
    DocumentSymbolProvider.docSymbols src/editor/document.py
    DocumentSymbolProvider src/editor/document.py
    document_symbol src/editor/document.py
    """,
    )
    assert names("fSI") == ["fileSystemInfo"]
    assert names("HServ") == ["HTTPServer", "HTTPServer"]


def test_acronyms() -> None:
    assert names("dsp") == ["DocumentSymbolProvider"]
    assert names("gun") == ["get_user_name"]


def test_the_starts_of_words_are_found_without_capitals() -> None:
    check_search(
        "docsym",
        """
    DocumentSymbolProvider.docSymbols src/editor/document.py
    DocumentSymbolProvider src/editor/document.py
    document_symbol src/editor/document.py
    """,
    )
    assert names("getname") == ["get_user_name"]
    assert names("httpserv") == names("hserver") == ["HTTPServer", "HTTPServer"]
    assert {match.tier for match in ask("hserver").symbols} == {Tier.RUNS}


def test_the_starts_of_words_stand_before_parts_of_words() -> None:
    text = "\n-- a.py --\nfunction widgetusage\nfunction get_user\n"
    found = find_symbols(view_of(text), SymbolQuestion(text="getus"))
    assert [match.name for match in found.symbols] == ["get_user", "widgetusage"]


def test_an_underscore_stands_for_any_word_boundary() -> None:
    assert "DocumentSymbolProvider" in names("doc_sym")
    assert "fileSystemInfo" in names("file_sys")


def test_letters_in_order_are_found_when_little_else_is() -> None:
    assert names("dcsymbprov") == ["DocumentSymbolProvider"]


def test_qualified_names() -> None:
    for text in ("HTTPServer.start", "HTTPServer::start", "HTTPServer#start"):
        check_search(text, "\n    HTTPServer.start src/server.ts\n    ")
    check_search("File.Close", "\n    File.Close lib/path/join.go\n    ")
    check_search(
        "httpserver.handle", "\n    HTTPServer.handleRequest src/server.ts\n    "
    )
    assert not names("Other.start")


def test_a_module_path_qualifies() -> None:
    check_search(
        "editor.document.DocumentSymbolProvider.provide",
        """
    DocumentSymbolProvider.provide src/editor/document.py
    DocumentSymbolProvider._provide_all src/editor/document.py
    """,
    )
    check_search(
        "src/editor/open_editor", "\n    open_editor src/editor/__init__.py\n    "
    )


def test_a_folder_further_out_qualifies_where_nothing_nearer_has_the_name() -> None:
    check_search(
        "src.DocumentSymbolProvider",
        "\n    DocumentSymbolProvider src/editor/document.py\n    ",
    )
    assert not names("editor.src.DocumentSymbolProvider")


def test_later_words_match_container_or_path() -> None:
    check_search(
        "start server.ts",
        "\n    HTTPServer.start src/server.ts\n    "
        "startServer src/server.ts\n    starting src/server.ts\n    ",
    )
    assert names("provide documentsymbol") == ["provide", "_provide_all"]


def test_the_last_word_may_be_the_name_and_those_before_it_its_container() -> None:
    view = view_of(
        """
-- store.py --
class Store
  method add
  method address
class Basket
  method clear
-- basket.py --
class Basket
  method add
-- add.py --
function store_all
"""
    )
    found = find_symbols(view, SymbolQuestion(text="Store add")).symbols
    assert [(".".join(m.container), m.name) for m in found] == [
        ("Store", "add"),
        ("", "store_all"),
        ("Store", "address"),
    ]


def test_a_keyword_before_a_name_asks_for_its_kind() -> None:
    view = view_of(
        """
-- a.c --
struct buffer
struct buffer_head
function buffer
function struct_buffer
macro buf_struct
"""
    )
    found = find_symbols(view, SymbolQuestion(text="struct buffer")).symbols
    kinds = [(SymbolKind(match.kind).name.lower(), match.name) for match in found]
    assert kinds == [
        ("struct", "buffer"),
        ("struct", "buffer_head"),
        ("function", "struct_buffer"),
    ]


def test_anchors() -> None:
    assert names("^start") == ["start", "startServer", "starting"]
    assert names("start$") == ["start", "test_start"]
    assert names("^start$") == ["start"]
    assert names("'ymbolP") == ["DocumentSymbolProvider"]
    assert not names("'dsp")


def test_filters() -> None:
    assert names("kind:class server") == ["HTTPServer", "HTTPServer"]
    assert names("#server") == ["HTTPServer", "HTTPServer"]
    assert names("kind:class server !tests") == ["HTTPServer"]
    assert names("lang:python start") == names("lang:py start") == ["test_start"]
    assert names("path:lib/ jo") == ["Join"]
    assert names("start path:tests/*.py") == ["test_start"]
    assert names("kind:struct") == ["File"]


def test_an_unknown_filter_is_meant_literally() -> None:
    assert not names("kind:nonsense")
    assert not names("color:red start")


def test_what_editors_leave_at_the_end_is_left_away() -> None:
    for text in ("Join*", "Join()", '"Join"', "Join.", "Join::", "Join#", "  Join "):
        assert names(text) == ["Join"], text


def test_other_alphabets() -> None:
    assert names("strasse") == names("STRASSE") == names("straß") == ["Straße"]
    assert names("日本") == ["日本語_parse"]
    assert names("本語") == ["日本語_parse"]
    assert "İstanbul" in names("i̇stan")


def test_an_empty_query_gives_the_best() -> None:
    shown = names("", limit=4)
    assert shown[:2] == ["HTTPServer", "DocumentSymbolProvider"]
    assert len(shown) == 4
    assert not ask("", limit=4).complete
    assert ask("").complete


def test_the_limit_never_cuts_exact_hits() -> None:
    answer = ask("httpserver", limit=1)
    assert [match.path for match in answer.symbols] == [
        "src/server.ts",
        "tests/test_server.py",
    ]
    assert len(names("s", limit=2)) == 2


def test_open_files_come_first_among_equals() -> None:
    twice = "-- a.py --\nfunction same\n-- z.py --\nfunction same\n"
    view = view_of("\n" + twice)
    near = find_symbols(view, SymbolQuestion(text="same", near=("z.py",)))
    assert [match.path for match in near.symbols] == ["z.py", "a.py"]


def test_positions_and_kinds() -> None:
    (match,) = ask("日本語_parse").symbols
    assert (match.line, match.column, match.end_column) == (2, 4, 4 + 15)
    assert (match.kind, match.language) == (SymbolKind.FUNCTION, "c")
    assert ask("handleRequest").symbols[0].flags == SymbolFlag.DEPRECATED


def test_a_cancelled_question_is_answered_at_once() -> None:
    answer = find_symbols(view_of(), SymbolQuestion(text="s"), lambda: True)
    assert answer == ((), False)


ODD = [
    "\ud800",
    "\U0010ffff",
    "a" * 1_000_000,
    "A_b." * 300_000,
    "(" * 5_000,
    "*" * 5_000,
    "[^]$\\",
    "::::",
    "....",
    "#",
    "'",
    "^",
    "$",
    "^$",
    "!",
    "!tests",
    "kind:",
    "lang:",
    "path:",
    "path:[",
    "path:" + "*a" * 500,
    "a\0b",
    "\n\t ",
    "İ" * 2_000,
    "ß" * 2_000,
    "//",
    "()",
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_queries_are_answered(text: str) -> None:
    assert isinstance(ask(text, paths=(text[:100],)), SymbolAnswer)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_query_is_answered(text: str) -> None:
    scores = [match.score for match in ask(text).symbols]
    assert scores == sorted(scores, reverse=True)


def test_a_long_query_is_cut_not_refused() -> None:
    assert names("start" + " " * MAX_QUERY_LENGTH + "nowhere")[0] == "start"
