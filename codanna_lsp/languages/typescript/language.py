"""TypeScript, and TypeScript with JSX."""

from codanna_lsp.languages.javascript.words import KEYWORDS, TEST_SUFFIXES
from codanna_lsp.languages.language import Language

_KEYWORDS = KEYWORDS | frozenset(
    "abstract any as asserts bigint boolean declare enum implements infer interface is"
    " keyof module namespace never number object override private protected public"
    " readonly satisfies string symbol type unique unknown".split()
)
_BUILTIN_TYPES = frozenset({"Array", "Record", "Partial", "Promise", "Readonly"})
# `{ name?: T }`, `(name: T) => U`, `[name: T]`, `[K in T]`, `x is T`; a condition's
# branch has a space before its colon.
_TYPE_LABELS = r"[\w$]+(?=\??:)|[\w$]+(?=\s+(?:in|is)\b)"

LANGUAGES = (
    Language(
        id="typescript",
        name="TypeScript",
        extensions=(".ts", ".mts", ".cts"),
        lsp_ids=("typescript",),
        family="javascript",
        grammar="tree_sitter_typescript",
        grammar_function="language_typescript",
        queries=("javascript/ecma.scm", "typescript/symbols.scm"),
        rules="codanna_lsp.languages.javascript.rules",
        call_separators=("?.", "!.", "."),
        self_receivers=("this.",),
        identifier_extra="$",
        keywords=_KEYWORDS,
        builtin_types=_BUILTIN_TYPES,
        type_labels=_TYPE_LABELS,
        test_suffixes=TEST_SUFFIXES,
    ),
    Language(
        id="tsx",
        name="TypeScript with JSX",
        extensions=(".tsx",),
        lsp_ids=("typescriptreact",),
        family="javascript",
        grammar="tree_sitter_typescript",
        grammar_function="language_tsx",
        queries=(
            "javascript/ecma.scm",
            "typescript/symbols.scm",
            "typescript/jsx.scm",
        ),
        rules="codanna_lsp.languages.javascript.rules",
        call_separators=("?.", "!.", "."),
        self_receivers=("this.",),
        identifier_extra="$",
        keywords=_KEYWORDS,
        builtin_types=_BUILTIN_TYPES,
        type_labels=_TYPE_LABELS,
        test_suffixes=TEST_SUFFIXES,
    ),
)
