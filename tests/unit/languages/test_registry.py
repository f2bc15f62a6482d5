"""Which language a file is written in."""

import os
import subprocess
import sys

import pytest

from codanna_lsp.languages.registry import (
    all_languages,
    get_language,
    is_cplusplus,
    language_for_lsp_id,
    language_of,
)


def check_language(path: str, expected: str, head: bytes = b"") -> None:
    language = language_of(path, head)
    assert (language.id if language is not None else "") == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", "python"),
        ("pkg/b.PYI", "python"),
        ("a.ts", "typescript"),
        ("a.tsx", "tsx"),
        ("a.d.ts", "typescript"),
        ("a.mjs", "javascript"),
        ("a.go", "go"),
        ("a.rs", "rust"),
        ("A.java", "java"),
        ("a.c", "c"),
        ("a.cpp", "cpp"),
        ("a.hpp", "cpp"),
        ("x/tsconfig.json", "project"),
        ("x/tsconfig.base.json", "project"),
        ("Cargo.toml", "project"),
        ("go.mod", "project"),
        ("pyproject.toml", "project"),
        ("other.toml", ""),
        ("data.json", ""),
        ("py", ""),
        (".py", ""),
        ("a.py/b", ""),
        ("", ""),
    ],
)
def test_by_name(path: str, expected: str) -> None:
    check_language(path, expected)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"int f(void);\nstruct a { int b; };\n",
        b"/* class A { public: }; namespace x {} std::string */\nint a;\n",
        b'// template <typename T>\n#define X "using namespace std;"\n',
        b'#ifdef __cplusplus\nextern "C" {\n#endif\nint f(int class_);\n#ifdef __cplusplus\n}\n#endif\n',
        b"struct bits { unsigned a : 1; unsigned b : 3; };\n",
        b"#if defined(__cplusplus)\nnamespace x {}\n#endif\n",
        b"#include <string.h>\nstatic inline int operator_of(int a) { return a ? 1 : 2; }\n",
        b"int template_count; int namespace_id; /* unclosed class A {",
        b"switch (x) { case A: public_thing(); }\nlabel: goto label;\n",
    ],
)
def test_a_header_of_c(text: bytes) -> None:
    assert not is_cplusplus(text)
    check_language("x.h", "c", text)


@pytest.mark.parametrize(
    "text",
    [
        b"class A;\n",
        b"class EXPORT A : public B {\n};\n",
        b"namespace a::b {\n}\n",
        b"template <typename T> T f(T);\n",
        b"using Name = int;\n",
        b"std::string f();\n",
        b"struct A {\n public:\n  int a;\n};\n",
        b"enum class E { A };\n",
        b"#include <vector>\n",
        b"constexpr int a = 1;\n",
        b"struct A { virtual void f() = 0; };\n",
        b"struct A { bool operator==(const A&) const; };\n",
    ],
)
def test_a_header_of_cplusplus(text: bytes) -> None:
    assert is_cplusplus(text)
    check_language("x.h", "cpp", text)


def test_the_heuristic_is_linear() -> None:
    for piece in (
        b"/*",
        b'"',
        b"'\\",
        b"#ifdef __cplusplus\n",
        b"class A ",
        b"using a ",
        b"namespace a::",
    ):
        is_cplusplus(piece * 40_000)


def test_editors_names() -> None:
    for lsp_id, expected in (
        ("python", "python"),
        ("typescriptreact", "tsx"),
        ("javascriptreact", "javascript"),
        ("cpp", "cpp"),
    ):
        language = language_for_lsp_id(lsp_id)
        assert language is not None
        assert language.id == expected
    assert language_for_lsp_id("cobol") is None


def test_each_language_is_whole() -> None:
    for language in all_languages():
        assert get_language(language.id) is language
        assert language.extensions or language.file_names
        assert language.separator in {".", "::"}


def test_no_grammar_is_imported() -> None:
    code = (
        "import sys; from codanna_lsp.languages.registry import language_of\n"
        "language_of('a.py'); language_of('x.h', b'')\n"
        "assert not [name for name in sys.modules if name.startswith('tree_sitter')]"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
