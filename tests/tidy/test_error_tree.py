"""The tree printed at the head of errors.py is the real one."""

import ast
import inspect
import re
import sys

from codanna_lsp import errors
from codanna_lsp.errors import CodannaError
from tests.tidy.tree import PACKAGE, parsed, python_files, shown

ROW = re.compile(r"^(?P<lead>[│ ├└─]*)(?P<name>\w+(?:Error|Request))\b", re.MULTILINE)


def printed_tree() -> dict[str, str]:
    """Class name to its parent's, read off the drawing (4 characters a level)."""
    assert errors.__doc__ is not None
    parents: dict[str, str] = {}
    path: list[str] = []
    for row in ROW.finditer(errors.__doc__):
        depth = len(row["lead"]) // 4
        del path[depth:]
        parents[row["name"]] = path[-1] if path else "Exception"
        path.append(row["name"])
    return parents


def real_tree() -> dict[str, str]:
    return {
        name: found.__base__.__name__ if found.__base__ else ""
        for name, found in inspect.getmembers(sys.modules[errors.__name__])
        if inspect.isclass(found) and issubclass(found, CodannaError)
    }


def test_the_printed_tree_is_the_real_one() -> None:
    assert printed_tree() == real_tree()


def test_no_other_room_grows_a_tree_of_its_own() -> None:
    strays = [
        f"{shown(path)}: {node.name}"
        for path in python_files(under=PACKAGE)
        if path.name != "errors.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base) in real_tree() for base in node.bases)
    ]
    assert strays == []
