"""JavaScript, with JSX: .js, .jsx, .mjs and .cjs files."""

from codanna_lsp.languages.javascript.words import KEYWORDS, TEST_SUFFIXES
from codanna_lsp.languages.language import Language

LANGUAGES = (
    Language(
        id="javascript",
        name="JavaScript",
        extensions=(".js", ".jsx", ".mjs", ".cjs"),
        lsp_ids=("javascript", "javascriptreact"),
        family="javascript",
        grammar="tree_sitter_javascript",
        queries=("javascript/ecma.scm", "javascript/symbols.scm"),
        rules="codanna_lsp.languages.javascript.rules",
        call_separators=("?.", "."),
        self_receivers=("this.",),
        identifier_extra="$",
        keywords=KEYWORDS,
        test_suffixes=TEST_SUFFIXES,
    ),
)
