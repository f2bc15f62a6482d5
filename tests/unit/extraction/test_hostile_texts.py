"""Texts that a pattern or a query could take for ever over."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from codanna_lsp.model.facts import Reason

SIZE = 300_000
CPU_S = (
    60  # some hundred times what is needed; a pattern that is quadratic needs minutes
)

PREPARE = """\
import sys
from codanna_lsp.extraction.identifiers import find_words
from codanna_lsp.extraction.rules import load_rules
from codanna_lsp.languages.registry import get_language

source = sys.stdin.buffer.read()
language = get_language("cpp")
prepared = load_rules(language).prepare(source, find_words(source, language))
assert len(prepared) == len(source)
assert prepared.count(b"\\n") == source.count(b"\\n")
"""

# The head, what is repeated, and the end.
TEXTS = {
    "comments on one line": ("", "/**/", "\n#define a \\\nb\n"),
    "comments that do not end": ("", "/*a ", "\n#define a \\\nb\n"),
    "comments in a branch": ("#if A\n{\n", "/*", "\n#endif\n"),
    "a flag without an end": ("", "FLAG(int,x\n", ""),
    "enums without a body": ("", "enum a ", "define"),
    "marks behind a function": ("void f(void)", " __a", " {"),
    "marks in one word": (")", "__a", " {"),
    "locks behind a function": ("void f(void)", " REQUIRES", " x"),
    "marks with brackets": ("void f(void)", " __a()", "("),
    "locks with brackets": ("void f(void)", " REQUIRES()", "("),
    "annotations": ("int", " __a", ""),
    "annotations behind blanks": ("", " " * 150 + "__ab", ""),
    "annotations in types": ("", "a::b<c " * 20 + "__ab;", ""),
    "definers on one line": ("", " DEFINE_A(a,", ""),
    "attributes": ("int a", " __attribute__((a(b)", ""),
    "conditions before a call": ("", "(" * 50 + "a) __b;", ""),
    "macros before a class": ("class", " A_API", ";"),
    "arguments of a template": ("", "class A B<", ""),
    "types with arguments": ("", "\nAAA a<", ""),
    "stars": ("", "* ", "a OF((int)); WINAPI UNUSED _unused"),
    "old parameters": ("", ")\nint a;", ""),
    "words of C++": ("", "using\n", "\n__c\n#if A\n{\n#endif"),
}


EXTRACT = """\
import sys
from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.extraction.syntax import SyntaxTree
from codanna_lsp.languages.registry import get_language

source = sys.stdin.buffer.read()
language = get_language(sys.argv[1])
facts = extract_facts(source, language)
tree = SyntaxTree.parse(source, language)
assert tree.bindings("alone", 0, 1) == []
print(facts.reason, *facts.identifiers)
"""


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_prepared_in_bounded_time(name: str) -> None:
    head, unit, end = TEXTS[name]
    in_bounded_time(PREPARE, f"{head}{unit * (SIZE // len(unit))}{end}")


@pytest.mark.parametrize("bracket", "({[")
@pytest.mark.parametrize("language", ["python", "cpp", "typescript", "go", "rust"])
def test_open_brackets_are_data(language: str, bracket: str) -> None:
    said = in_bounded_time(EXTRACT, f"alone\n{bracket * SIZE}", language)
    assert said == f"{Reason.NESTED} alone\n"


def in_bounded_time(code: str, text: str, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input=text,
        text=True,
        env=environment,
        capture_output=True,
        preexec_fn=limit_time,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def limit_time() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
