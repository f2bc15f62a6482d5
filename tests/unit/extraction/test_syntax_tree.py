"""The live tree: any text and any position give an answer, quickly enough."""

import random

import pytest

from codanna_lsp.extraction.syntax import SyntaxTree
from codanna_lsp.languages.registry import all_languages, get_language

LANGUAGES = [language.id for language in all_languages() if language.grammar]
DEEP = {
    "python": ("x = " + "(" * 3500 + "value" + ")" * 3500, 3504),
    "javascript": ("x = " + "[" * 3500 + "value" + "]" * 3500, 3504),
    "typescript": ("x = " + "(" * 3500 + "value" + ")" * 3500, 3504),
    "tsx": ("x = " + "{a:" * 3500 + "value" + "}" * 3500, 4 + 3 * 3500),
    "c": ("int f(){" + "{" * 3500 + "value;" + "}" * 3501, 8 + 3500),
    "cpp": ("int x = " + "(" * 3500 + "value" + ")" * 3500 + ";", 8 + 3500),
    "go": ("package a\nvar x = " + "(" * 3500 + "value" + ")" * 3500, 0),
    "rust": ("fn f() {" + "{" * 3500 + "value" + "}" * 3501, 8 + 3500),
    "java": ("class A {int x = " + "(" * 3500 + "value" + ")" * 3500 + ";}", 3517),
}


def tree_of(text: str | bytes, language: str) -> SyntaxTree:
    source = text if isinstance(text, bytes) else text.encode()
    return SyntaxTree.parse(source, get_language(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_deep_nesting_is_no_trouble(language: str) -> None:
    text, column = DEEP[language]
    tree = tree_of(text, language)
    occurrence = tree.occurrence(0, column)
    if column:
        assert occurrence is not None
        assert occurrence.name == "value"
    tree.bindings("value", 0, column)
    tree.owners(0, column)


@pytest.mark.parametrize("language", LANGUAGES)
def test_members_that_go_on_and_on_are_no_trouble(language: str) -> None:
    separator = "::" if language == "rust" else "."
    text = "x = " + separator.join(["a"] * 3000)
    tree = tree_of(text, language)
    for column in (4, len(text) // 2, len(text) - 1, len(text)):
        tree.occurrence(0, column)
        tree.bindings("a", 0, column)


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_bytes_and_any_position(language: str) -> None:
    chance = random.Random(7)
    words = [b"class ", b"def f(", b"{", b"}", b"(", b")", b"import a", b" = ", b"\n"]
    words += [
        b"function ",
        b"a.b",
        b"x",
        b"\xff\xfe",
        b"\x00",
        b'"',
        "ä\U0001f600".encode(),
    ]
    for _ in range(30):
        tree = tree_of(b"".join(chance.choices(words, k=40)), language)
        for _ in range(10):
            line, column = chance.randrange(8), chance.randrange(60)
            tree.occurrence(line, column)
            tree.bindings("x", line, column)
            tree.owners(line, column)
            tree.parameters(line, column)
            tree.returns(line, column)
            tree.attributes("x", line, column)
            tree.tests("x", line, column)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_file_and_positions_past_the_end(language: str) -> None:
    tree = tree_of("", language)
    assert tree.occurrence(0, 0) is None
    assert tree.occurrence(10_000, 10_000) is None
    assert tree.bindings("x", 10_000, 0) == []


def test_a_byte_order_mark_moves_no_column() -> None:
    tree = tree_of(b"\xef\xbb\xbfname = 1", "python")
    occurrence = tree.occurrence(0, 0)
    assert occurrence is not None
    assert (occurrence.name, occurrence.column) == ("name", 0)


def test_the_cursor_at_a_name_s_end_means_the_name() -> None:
    tree = tree_of("first.second", "python")
    at_dot, at_end = tree.occurrence(0, 5), tree.occurrence(0, 12)
    assert at_dot is not None
    assert at_end is not None
    assert (at_dot.name, at_end.name) == ("first", "second")
