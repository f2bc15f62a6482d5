"""Texts that a pattern could take for ever over: what C's text is prepared by ends."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

SIZE = 300_000
CPU_S = (
    60  # some hundred times what is needed; a pattern that is quadratic needs minutes
)

PREPARE = """\
import sys
from codanna_lsp.extraction.rules import load_rules
from codanna_lsp.languages.registry import get_language

source = sys.stdin.buffer.read()
prepared = load_rules(get_language("cpp")).prepare(source)
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
    "macros before a class": ("class", " A_API", ";"),
    "arguments of a template": ("", "class A B<", ""),
    "types with arguments": ("", "\nAAA a<", ""),
    "stars": ("", "* ", "a OF((int)); WINAPI UNUSED _unused"),
    "old parameters": ("", ")\nint a;", ""),
    "words of C++": ("", "using\n", "\n__c\n#if A\n{\n#endif"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_prepared_in_bounded_time(name: str) -> None:
    head, unit, end = TEXTS[name]
    source = f"{head}{unit * (SIZE // len(unit))}{end}".encode()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", PREPARE],
        input=source,
        env=environment,
        capture_output=True,
        preexec_fn=limit_time,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def limit_time() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
