"""Where Rust's paths lead: a file's module path, and a module path's files.

Invariant: pure; nothing is looked up here, the index says which candidate exists.
"""

import posixpath

_ROOT_FILES = ("lib.rs", "main.rs")


def crate_folder(path: str) -> str:
    """The folder of a file's crate root: the nearest `src` above, or its own."""
    folder = posixpath.dirname(path)
    parts = folder.split("/") if folder else []
    for index in range(len(parts) - 1, -1, -1):
        if parts[index] in ("src", "tests", "examples", "benches"):
            return "/".join(parts[: index + 1])
    return folder


def module_of(path: str) -> list[str]:
    """The module path of a file inside its crate ("src/a/mod.rs" is ["a"])."""
    root = crate_folder(path)
    below = path.removeprefix(root).strip("/")
    parts = below.split("/")
    name = parts.pop()
    if name == "mod.rs" or (name in _ROOT_FILES and not parts):
        return parts
    return [*parts, name.removesuffix(".rs")]


def absolute(path: str, importer: str) -> tuple[str, list[str]] | None:
    """The crate ("" is the file's own) and the module path that a path names.

    None where `super` leads out of the crate.
    """
    parts = [part for part in path.split("::") if part]
    if not parts:
        return "", []
    here = module_of(importer)
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


def files_of(root: str, module: list[str]) -> tuple[str, ...]:
    """The files that a module of a crate may stand in; root: its `src` folder."""
    if not module:
        return tuple(_joined(root, name) for name in (*_ROOT_FILES, "mod.rs"))
    stem = _joined(root, "/".join(module))
    return f"{stem}.rs", f"{stem}/mod.rs"


def _joined(folder: str, below: str) -> str:
    return f"{folder}/{below}" if folder else below
