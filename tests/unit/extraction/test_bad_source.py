"""Bad source text is data: extraction never raises, and its facts are well formed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codanna_lsp.extraction.captures import DEPTH_LIMIT
from codanna_lsp.extraction.extract import extract_facts, extractor_version
from codanna_lsp.extraction.lines import with_line_feeds
from codanna_lsp.extraction.rules import rules_text
from codanna_lsp.extraction.syntax import SyntaxTree
from codanna_lsp.languages.c import condition_values, conditions
from codanna_lsp.languages.language import Language
from codanna_lsp.languages.registry import all_languages, get_language
from codanna_lsp.model.facts import FileFacts, Reason, mentioned_names

PYTHON = get_language("python")
GRAMMARS = [language for language in all_languages() if language.grammar]


def check_well_formed(facts: FileFacts, source: bytes) -> None:
    lines = with_line_feeds(source.removeprefix(b"\xef\xbb\xbf")).split(b"\n")
    for number, symbol in enumerate(facts.symbols):
        assert -1 <= symbol.container < number
        assert symbol.name
        name = lines[symbol.line][symbol.column : symbol.end_column]
        assert name.decode("utf-8", "replace") == symbol.name
        start = (symbol.start_line, symbol.start_column)
        stop = (symbol.stop_line, symbol.stop_column)
        assert start <= (symbol.line, symbol.column) <= stop
        assert len(symbol.signature) <= 200
        assert len(symbol.doc) <= 400
        f"{symbol.name}{symbol.scope}{symbol.signature}{symbol.doc}{symbol.type_text}".encode()
    for relation in facts.relations:
        assert -1 <= relation.source < len(facts.symbols)
        assert relation.target
        assert len(relation.receiver) <= 80
        end = relation.column + 4 * len(relation.target)
        found = lines[relation.line][relation.column : end]
        assert found.decode("utf-8", "replace").startswith(relation.target)
        f"{relation.target}{relation.receiver}".encode()
    for item in facts.imports:
        assert item.column <= len(lines[item.line])
        f"{item.name}{item.module}{item.original}".encode()
    assert list(facts.identifiers) == sorted(set(facts.identifiers))
    " ".join(facts.identifiers).encode()


def check_source(
    source: bytes, language: Language = PYTHON, path: str = ""
) -> FileFacts:
    facts = extract_facts(source, language, path)
    check_well_formed(facts, source)
    return facts


def names(facts: FileFacts) -> list[str]:
    return [symbol.name for symbol in facts.symbols]


@pytest.mark.parametrize("language", GRAMMARS, ids=lambda language: language.id)
@pytest.mark.parametrize(
    "source", [b"", b"\n", b" ", b"\xef\xbb\xbf", b"\xff\xfe\xfd", b"\r\r", b"\\"]
)
def test_next_to_nothing(language: Language, source: bytes) -> None:
    assert not check_source(source, language).symbols


def test_a_binary_file_has_a_reason() -> None:
    facts = extract_facts(b"def f(): ...\n\0\1\2", PYTHON)
    assert facts == FileFacts("python", (), (), (), (), Reason.BINARY)


def test_a_late_nul_is_text() -> None:
    source = b"def f(): ...\n" + b"#" * 10_000 + b"\0\ndef g(): ...\n"
    assert names(check_source(source)) == ["f", "g"]


def test_latin_1_names_are_kept_as_valid_text() -> None:
    facts = check_source(b"gr\xf6sse = 1\ndef f(): '''\xe9'''\n")
    assert names(facts)[-1] == "f"
    assert facts.symbols[-1].doc == "\ufffd"


def test_columns_do_not_count_the_byte_order_mark() -> None:
    facts = check_source(b"\xef\xbb\xbfdef f(): ...\n")
    assert (facts.symbols[0].column, facts.symbols[0].start_column) == (4, 0)


def test_windows_line_ends() -> None:
    facts = check_source(
        b'class A:\r\n    """One.\r\n\r\n    Two."""\r\n    def f(self,\r\n          x): ...\r\n'
    )
    assert [(s.name, s.line, s.signature, s.doc) for s in facts.symbols] == [
        ("A", 0, "class A", "One."),
        ("f", 4, "def f(self, x)", ""),
    ]


@pytest.mark.parametrize(
    ("language", "comment"),
    [("python", b"# one"), ("c", b"// one"), ("go", b"// one"), ("rust", b"// one")],
)
def test_a_carriage_return_alone_ends_a_comment(language: str, comment: bytes) -> None:
    code = {
        "python": b"def f(): pass\rdef g(): pass\r",
        "c": b"int f(void);\rint g(void);\r",
        "go": b"func f() {}\rfunc g() {}\r",
        "rust": b"fn f() {}\rfn g() {}\r",
    }[language]
    source = comment + b"\r\r\n" + code
    facts = check_source(source, get_language(language))
    assert [(symbol.name, symbol.line) for symbol in facts.symbols] == [
        ("f", 2),
        ("g", 3),
    ]
    tree = SyntaxTree.parse(source, get_language(language))
    symbol = facts.symbols[1]
    found = tree.occurrence(symbol.line, symbol.column)
    assert found is not None
    assert (found.name, found.line) == ("g", 3)


def test_what_nests_past_the_limit_is_known_in_part() -> None:
    deep = b"x = " + b"(" * DEPTH_LIMIT + b")" * DEPTH_LIMIT + b"\ndef f(): ...\n"
    facts = check_source(deep)
    assert facts.reason == Reason.NESTED
    assert names(facts) == ["x", "f"]


def test_what_nests_less_is_known_whole() -> None:
    assert not check_source(b"x = " + b"(" * 20_000 + b")" * 20_000).reason
    assert not check_source(b"f(1, 2, [3, 4])\n" * 20_000).reason


DEPTH = 10_000


@pytest.mark.parametrize(
    "source",
    [
        b"(" * DEPTH + b")" * DEPTH,
        b"x = " + b"[" * DEPTH,
        b"f(" * DEPTH + b")" * DEPTH,
        b"x" + b".a()" * DEPTH,
        b"x: " + b"a[" * DEPTH + b"]" * DEPTH,
        b"x = " * DEPTH + b"1",
        b"x = " + b"-" * DEPTH + b"1",
        b"if a:\n"
        + b"".join(b" " * i + b"if a:\n" for i in range(1, 1_500))
        + b" " * 1_500
        + b"b = 1",
        b"".join(b" " * i + b"def f():\n" for i in range(1_500))
        + b" " * 1_500
        + b"g()",
        b"lambda: " * DEPTH + b"f()",
    ],
    ids=[
        "parentheses",
        "open brackets",
        "calls",
        "chain",
        "type",
        "assignments",
        "signs",
        "blocks",
        "functions",
        "lambdas",
    ],
)
def test_deep_nesting_in_python(source: bytes) -> None:
    check_source(source)


@pytest.mark.parametrize("language", GRAMMARS, ids=lambda language: language.id)
@pytest.mark.parametrize(
    "opening", [b"{", b"(", b"[", b"f(", b"a<", b"class A {", b"fn f() {", b"if (x) "]
)
def test_deep_nesting(language: Language, opening: bytes) -> None:
    check_source(opening * 3_500, language)


@pytest.mark.parametrize("language", GRAMMARS, ids=lambda language: language.id)
def test_one_line_of_a_megabyte(language: Language) -> None:
    facts = check_source(b"x = " + b"foo(bar, 1) + " * 70_000 + b"1", language)
    assert "foo" in mentioned_names(facts)


def test_a_name_of_a_megabyte_is_no_name() -> None:
    facts = check_source(
        b"a" * 1_000_000 + b" = 1\nb" + b"c" * 1_000_000 + b"()\ndef f(): ...\n"
    )
    assert names(facts) == ["f"]
    assert not facts.relations


def test_a_head_of_a_megabyte_is_cut() -> None:
    facts = check_source(
        b"@d(" + b"1, " * 300_000 + b")\ndef f(" + b"a, " * 300_000 + b"): ...\n"
    )
    assert names(facts) == ["f"]
    assert facts.symbols[0].signature.startswith("def f(a, a,")


def test_a_file_that_is_cut_anywhere() -> None:
    source = Path(__file__).read_bytes()[:3_000]
    for end in range(0, len(source), 37):
        check_source(source[:end])


WORDS = st.sampled_from(
    'def class self.x = ( ) [ ] { } : , . ; \n \t import from as * async @ -> \'q\' """ # é 味 x y _z'
    " X return lambda if else try except type enum fn impl struct interface => :: /* */ // < > & func"
    " package namespace template typedef #define using export const let var public static".split(
        " "
    )
)


@pytest.mark.parametrize("language", GRAMMARS, ids=lambda language: language.id)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=True,
)
@given(words=st.lists(WORDS, max_size=60), raw=st.binary(max_size=20))
def test_any_text(language: Language, words: list[str], raw: bytes) -> None:
    check_source(" ".join(words).encode() + raw, language)


def test_the_same_text_gives_the_same_facts() -> None:
    source = Path(__file__).read_bytes()
    assert extract_facts(source, PYTHON, "a.py") == extract_facts(
        source, PYTHON, "a.py"
    )


@pytest.mark.parametrize("language", ["c", "cpp"])
def test_all_that_prepares_a_text_is_in_the_extractor_version(language: str) -> None:
    for module in (conditions, condition_values):
        text = Path(str(module.__file__)).read_bytes()
        assert text in rules_text(get_language(language))


def test_the_extractor_version_is_one_for_all_processes() -> None:
    code = (
        "from codanna_lsp.extraction.extract import extractor_version\n"
        "from codanna_lsp.languages.registry import all_languages\n"
        "print([extractor_version(each) for each in all_languages()])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {
        str([extractor_version(each) for each in all_languages()]) + "\n"
    }
