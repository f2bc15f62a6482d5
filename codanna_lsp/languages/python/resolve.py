"""Where Python's imports lead: a module's text to candidate files and folders.

Invariant: pure; nothing is looked up here, the index says which candidate exists.
"""

import sys
from collections.abc import Iterator

FILE_FORMS = (".py", ".pyi")
PACKAGE_FORMS = ("/__init__.py", "/__init__.pyi")


def candidate_stems(module: str, importer: str) -> tuple[str, ...]:
    """Paths without their ending that a module may stand at, the likeliest first.

    module: with its leading dots. importer: the importing file, relative to the root.
    The stem of the root folder itself is "".
    """
    parts = importer.split("/")[:-1]
    name = module.lstrip(".")
    dots = len(module) - len(name)
    below = name.replace(".", "/")
    if dots:
        if dots - 1 > len(parts):
            return ()
        return (_joined("/".join(parts[: len(parts) - dots + 1]), below),)
    roots = ["", "src"]
    # Python finds its own library before a neighbour of that name.
    if not is_library(name.partition(".")[0]):
        for around in _ancestors(parts):
            roots += [around, _joined(around, "src")]
    return tuple(dict.fromkeys(_joined(root, below) for root in roots))


def is_library(name: str) -> bool:
    """Whether Python's own library has a module of this name."""
    return name in sys.stdlib_module_names


def _ancestors(parts: list[str]) -> Iterator[str]:
    """A folder by its parts and those around it, without the root."""
    for length in range(len(parts), 0, -1):
        yield "/".join(parts[:length])


def files_of(stem: str) -> tuple[str, ...]:
    """The files that a stem may be: a package's, else a module's, else their stubs."""
    if not stem:
        return ("__init__.py", "__init__.pyi")
    return (
        stem + PACKAGE_FORMS[0],
        stem + FILE_FORMS[0],
        stem + PACKAGE_FORMS[1],
        stem + FILE_FORMS[1],
    )


def package_of(path: str) -> str:
    """The folder whose submodules a module's file holds, or "" for a plain module."""
    head, _, name = path.rpartition("/")
    return head if name.partition(".")[0] == "__init__" else ""


def _joined(folder: str, below: str) -> str:
    return f"{folder}/{below}" if folder and below else folder or below
