"""Java."""

from codanna_lsp.languages.language import Language

LANGUAGES = (
    Language(
        id="java",
        name="Java",
        extensions=(".java",),
        lsp_ids=("java",),
        family="java",
        grammar="tree_sitter_java",
        queries=("java/symbols.scm",),
        rules="codanna_lsp.languages.java.rules",
        keywords=frozenset(
            "abstract assert boolean break byte case catch char class const continue"
            " default do double else enum extends final finally float for goto if"
            " implements import instanceof int interface long native new package private"
            " protected public return short static strictfp super switch synchronized"
            " this throw throws transient try var void volatile while true false"
            " null".split()
        ),
        test_suffixes=("Test.java", "Tests.java", "IT.java"),
    ),
)
