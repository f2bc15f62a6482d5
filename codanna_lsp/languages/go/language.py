"""Go."""

from codanna_lsp.languages.language import Language

LANGUAGES = (
    Language(
        id="go",
        name="Go",
        extensions=(".go",),
        lsp_ids=("go",),
        family="go",
        grammar="tree_sitter_go",
        queries=("go/symbols.scm",),
        rules="codanna_lsp.languages.go.rules",
        keywords=frozenset(
            "break case chan const continue default defer else fallthrough for func go"
            " goto if import interface map package range return select struct switch"
            " type var nil true false iota".split()
        ),
        blank="_",
        builtin_types=frozenset(
            "any bool byte comparable complex64 complex128 error float32 float64 int"
            " int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64"
            " uintptr".split()
        ),
        type_labels=r"(?<=[{;\n(,])[ \t]*\w+(?:[ \t]*,[ \t]*\w+)*(?=[ \t]+[\w*\[(.<])",
        test_suffixes=("_test.go",),
    ),
)
