"""C++."""

from codanna_lsp.languages.c.words import BUILTIN_TYPES, KEYWORDS
from codanna_lsp.languages.language import Language

LANGUAGES = (
    Language(
        id="cpp",
        name="C++",
        extensions=(
            ".cc",
            ".cpp",
            ".cxx",
            ".c++",
            ".hh",
            ".hpp",
            ".hxx",
            ".h++",
            ".ipp",
            ".inl",
            ".tcc",
        ),
        lsp_ids=("cpp",),
        family="c",
        separator="::",
        grammar="tree_sitter_cpp",
        queries=("c/symbols.scm", "cpp/symbols.scm"),
        rules="codanna_lsp.languages.c.rules",
        call_separators=("->", "::", "."),
        keywords=KEYWORDS
        | frozenset(
            "alignas alignof and asm bool catch class concept const_cast consteval"
            " constexpr constinit co_await co_return co_yield decltype delete"
            " dynamic_cast explicit export false final friend mutable namespace new"
            " noexcept not nullptr operator or override private protected public"
            " reinterpret_cast requires static_assert static_cast template this throw"
            " true try typeid typename using virtual xor".split()
        ),
        builtin_types=BUILTIN_TYPES | frozenset({"std"}),
        test_prefixes=("test_",),
        test_suffixes=("_test.cc", "_test.cpp", "_unittest.cc", "_unittest.cpp"),
    ),
)
