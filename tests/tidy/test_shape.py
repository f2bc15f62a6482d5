"""Rules of the house that the syntax tree can tell."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.tree import PACKAGE, ROOT, parsed, python_files, shown

# Calls that make bytes durable, move them or take them away.
DISK_CALLS = {
    "fdatasync",
    "fsync",
    "ftruncate",
    "remove",
    "removedirs",
    "rename",
    "renames",
    "replace",
    "rmdir",
    "rmtree",
    "truncate",
    "unlink",
}
MODULES = {"os", "shutil"}
# Path has these too; str and dataclasses have a `replace`, list a `remove`.
PATH_CALLS = {"rename", "rmdir", "unlink"}


def disk_calls(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner, name = ast.unparse(node.func.value), node.func.attr
        of_a_path = name in PATH_CALLS and "disk" not in owner.lower()
        if (owner in MODULES and name in DISK_CALLS) or of_a_path:
            yield f"{shown(path)}:{node.lineno}: {owner}.{name}"


def test_only_the_disk_module_syncs_renames_and_removes() -> None:
    rooms = [PACKAGE / room for room in ("index", "store", "indexing", "queries")]
    found = [
        call
        for room in rooms
        for path in python_files(under=room)
        if path.relative_to(PACKAGE).as_posix() != "store/disk.py"
        for call in disk_calls(path)
    ]
    assert found == []


def test_init_files_hold_at_most_a_docstring() -> None:
    for path in python_files():
        if path.name == "__init__.py":
            body = parsed(path).body
            only_text = len(body) == 1 and ast.get_docstring(parsed(path)) is not None
            assert not body or only_text, shown(path)


def test_every_module_begins_with_a_sentence() -> None:
    bare = [
        shown(path)
        for path in python_files(under=PACKAGE)
        if not (ast.get_docstring(parsed(path)) or "").strip()
    ]
    assert bare == []


def test_imports_are_absolute() -> None:
    relative = [
        f"{shown(path)}:{node.lineno}"
        for path in python_files(under=ROOT)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_nothing_is_unpickled_or_evaluated() -> None:
    """An index folder or a workspace can be hostile: no bytes of it become code."""
    found = [
        f"{shown(path)}:{node.lineno}"
        for path in python_files(under=PACKAGE)
        for node in ast.walk(parsed(path))
        if (
            isinstance(node, ast.Import)
            and any(n.name in {"pickle", "marshal", "shelve"} for n in node.names)
        )
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"eval", "exec"}
        )
    ]
    assert found == []
