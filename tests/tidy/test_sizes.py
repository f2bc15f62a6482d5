"""Nothing outgrows a reader: files, functions and folders stay under hard limits."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.tree import PACKAGE, ROOT, parsed, python_files, shown

FILE_LINES = 400
FUNCTION_LINES = 60
FOLDER_FILES = 14

# What is larger, and why it would read worse if it were smaller. An entry that is no
# longer needed fails too.
LARGER: dict[str, str] = {
    "codanna_lsp/extraction/symbols.py::build_symbols": (
        "one loop over every symbol of a cold index: a call more for each costs 3 %"
    ),
}


def too_long_files() -> Iterator[str]:
    for path in python_files():
        if len(path.read_text(encoding="utf-8").splitlines()) > FILE_LINES:
            yield shown(path)


def too_long_functions() -> Iterator[str]:
    for path in python_files():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                last = node.end_lineno or node.lineno
                if last - node.lineno + 1 > FUNCTION_LINES:
                    yield f"{shown(path)}::{node.name}"


def too_full_folders() -> Iterator[str]:
    folders: Counter[Path] = Counter(
        path.parent
        for path in python_files(under=PACKAGE)
        if path.name != "__init__.py"
    )
    for folder, count in folders.items():
        if count > FOLDER_FILES:
            yield shown(folder) + "/"


def test_no_file_function_or_folder_is_too_large() -> None:
    large = {*too_long_files(), *too_long_functions(), *too_full_folders()}
    assert sorted(large - set(LARGER)) == [], "split these by topic"
    assert sorted(set(LARGER) - large) == [], "these exceptions are no longer needed"


def test_exceptions_name_a_reason_and_a_file() -> None:
    for place, reason in LARGER.items():
        assert reason.strip(), place
        assert (ROOT / place.partition("::")[0]).exists(), place
