"""Python: .py, .pyi and .pyw files."""

from codanna_lsp.languages.language import Language

LANGUAGES = (
    Language(
        id="python",
        name="Python",
        extensions=(".py", ".pyi", ".pyw"),
        lsp_ids=("python",),
        family="python",
        grammar="tree_sitter_python",
        queries=("python/symbols.scm",),
        rules="codanna_lsp.languages.python.rules",
        doc_style="docstring",
        self_receivers=("self.", "cls."),
        keywords=frozenset(
            ["and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "False", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "None", "nonlocal", "not", "or", "pass", "raise", "return", "True", "try", "while", "with", "yield"]
        ),
        builtin_types=frozenset(
            ["bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple", "type"]
        ),
        test_prefixes=("test_", "conftest."),
        test_suffixes=("_test.py",),
    ),
)
