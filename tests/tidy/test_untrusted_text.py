"""No text of a client or a workspace becomes a pattern or a query of a grammar.

`re` backtracks for ever on a bad pattern, and Tantivy's query parser ends the process on
10,000 parentheses: what they are given is written here, escaped, or named below.
"""

import ast
from collections.abc import Iterator

from tests.tidy.tree import PACKAGE, parsed, python_files, shown

PATTERN_CALLS = {
    *("compile", "findall", "finditer", "fullmatch", "match"),
    *("search", "split", "sub", "subn"),
}
# Tantivy's own grammars for text; queries are built of terms instead.
GRAMMARS = {"parse_query", "parse_query_lenient", "regex_query"}

# Patterns that are put together at run time, and why no text can do harm there.
BUILT = {
    "codanna_lsp/extraction/captures.py": "receivers come from our languages, escaped",
    "codanna_lsp/extraction/relations.py": "labels of types come from our languages",
    "codanna_lsp/languages/c/annotations.py": "words of this very module",
    "codanna_lsp/languages/c/macros.py": "words of this very module",
    "codanna_lsp/languages/c/word_macros.py": "words of this very module",
    "codanna_lsp/queries/symbol_filter.py": (
        "fnmatch.translate escapes all but * ? [], and its stars are atomic"
    ),
    "codanna_lsp/workspace/ignore.py": (
        "ignore patterns, translated character by character; MAX_PATTERN_LENGTH"
    ),
}


def is_constant(node: ast.expr, constants: set[str]) -> bool:
    """Whether an expression is made of literals, constants and escaped text only."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):
        return node.id in constants
    if isinstance(node, ast.BinOp):
        return is_constant(node.left, constants) and is_constant(node.right, constants)
    if isinstance(node, ast.JoinedStr):
        return all(is_constant(part, constants) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return is_constant(node.value, constants)
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "re.escape"


def constants_of(tree: ast.Module) -> set[str]:
    """The module's names that stand for constant text."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and is_constant(node.value, found):
            found |= {name.id for name in node.targets if isinstance(name, ast.Name)}
    return found


def calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node, ast.unparse(node.func.value), node.func.attr


def test_patterns_are_constants_or_escaped() -> None:
    built = {
        shown(path)
        for path in python_files(under=PACKAGE)
        for call, owner, name in calls(parsed(path))
        if owner == "re"
        and name in PATTERN_CALLS
        and not is_constant(call.args[0], constants_of(parsed(path)))
    }
    assert sorted(built - set(BUILT)) == [], (
        "escape the text, or say why it is harmless"
    )
    assert sorted(set(BUILT) - built) == [], "these exceptions are no longer needed"


def test_nothing_else_makes_patterns() -> None:
    """`from re import compile` would get past the test above."""
    found = [
        shown(path)
        for path in python_files(under=PACKAGE)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.module in {"re", "regex"}
    ]
    assert found == []


def test_no_text_goes_through_a_query_parser() -> None:
    found = [
        f"{shown(path)}:{call.lineno}: {owner}.{name}"
        for path in python_files(under=PACKAGE)
        for call, owner, name in calls(parsed(path))
        if name in GRAMMARS
    ]
    assert found == []
