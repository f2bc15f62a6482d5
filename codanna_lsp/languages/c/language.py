"""C. A `.h` file is C or C++ by its own bytes: see `languages/registry.py`."""

from codanna_lsp.languages.c.words import BUILTIN_TYPES, KEYWORDS
from codanna_lsp.languages.language import Language

LANGUAGES = (
    Language(
        id="c",
        name="C",
        extensions=(".c", ".h"),
        lsp_ids=("c",),
        family="c",
        separator="::",
        grammar="tree_sitter_c",
        queries=("c/symbols.scm",),
        rules="codanna_lsp.languages.c.rules",
        call_separators=("->", "."),
        keywords=KEYWORDS,
        builtin_types=BUILTIN_TYPES,
        test_prefixes=("test_",),
        test_suffixes=("_test.c",),
    ),
)
