"""Where Rust's paths lead: a file's module path, and a module path's files.

Invariant: pure; nothing is looked up here, the index says which candidate exists.
"""

import posixpath
from collections.abc import Sequence

ROOT_FILES = ("lib.rs", "main.rs")
_LONE_FOLDERS = ("tests", "examples", "benches")  # each file in them is a crate


def crate_folder(path: str) -> str:
    """The folder of a file's crate root by its path alone: the nearest `src` above.

    Without one, the nearest folder of tests, examples or benches, else the file's own.
    """
    folder = posixpath.dirname(path)
    parts = folder.split("/") if folder else []
    for names in (("src",), _LONE_FOLDERS):
        for index in range(len(parts) - 1, -1, -1):
            if parts[index] in names:
                return "/".join(parts[: index + 1])
    return folder


def may_stand_alone(path: str) -> bool:
    """Whether a file may be a crate of its own: a test, an example, a program."""
    folder = posixpath.dirname(path)
    name = posixpath.basename(folder)
    if name == "bin":
        return posixpath.basename(posixpath.dirname(folder)) == "src"
    return name in _LONE_FOLDERS and "src" not in folder.split("/")


def module_of(path: str, root: str, root_file: str = "") -> list[str]:
    """The module path of a file of a crate ("src/a/mod.rs" is ["a"] in "src")."""
    below = path.removeprefix(root).strip("/")
    parts = below.split("/")
    name = parts.pop()
    if path == root_file or name == "mod.rs" or (name in ROOT_FILES and not parts):
        return parts
    return [*parts, name.removesuffix(".rs")]


def absolute(path: str, here: list[str]) -> tuple[str, list[str]] | None:
    """The crate ("" is the file's own) and the module path that a path names.

    here: the module path of the file. None where `super` leads out of the crate.
    """
    parts = [part for part in path.split("::") if part]
    if not parts:
        return "", []
    head = parts[0]
    if head == "crate":
        return "", parts[1:]
    if head == "self":
        return "", [*here, *parts[1:]]
    if head == "super":
        while parts and parts[0] == "super":
            if not here:
                return None
            here = here[:-1]
            parts = parts[1:]
        return "", [*here, *parts]
    return head, parts[1:]


def from_file(path: str, inline: list[str]) -> str:
    """A path as the file itself would write it, for one in modules inside of it.

    inline: those modules' names, outermost first: in `mod tests { ... }` of a file
    `super::f` is the file's own `self::f`.
    """
    parts = path.split("::")
    if not inline or parts[0] not in ("self", "super"):
        return path
    here = list(inline)
    if parts[0] == "self":
        parts = parts[1:]
    while here and parts and parts[0] == "super":
        here.pop()
        parts = parts[1:]
    if parts and parts[0] == "super":
        return "::".join(parts)
    return "::".join(["self", *here, *parts])


def files_of(root: str, module: Sequence[str], root_file: str = "") -> tuple[str, ...]:
    """The files that a module of a crate may stand in; root: its `src` folder."""
    if not module:
        named = (root_file,) if root_file else ()
        usual = tuple(_joined(root, name) for name in (*ROOT_FILES, "mod.rs"))
        return (*named, *usual)
    stem = _joined(root, "/".join(module))
    return f"{stem}.rs", f"{stem}/mod.rs"


def _joined(folder: str, below: str) -> str:
    return f"{folder}/{below}" if folder else below
