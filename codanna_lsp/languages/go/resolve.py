"""Where Go's imports lead: an import path to the folder of its package.

Invariant: pure; nothing is looked up here, the index says which candidate exists.
"""

from collections.abc import Iterable

from codanna_lsp.languages.roots import folders_between


def folders_of(
    path: str, modules: Iterable[tuple[str, str]], importer: str, root: str
) -> tuple[str, ...]:
    """The folders that an import path may be, the likeliest first.

    modules: the workspace's modules: their path and the folder of their go.mod.
    root: the workspace's own path: without a go.mod its name may stand in the path.
    """
    found: list[str] = []
    for module, folder in sorted(
        modules,
        key=lambda pair: (-len(pair[0]), folders_between(pair[1] + "/", importer)),
    ):
        if path == module:
            found.append(folder)
        elif path.startswith(module + "/"):
            found.append(_joined(folder, path.removeprefix(module + "/")))
    found += [f"vendor/{path}", path, f"src/{path}"]
    parts = path.split("/")
    name = root.rpartition("/")[2]
    if name in parts and "." in parts[0]:
        found.append("/".join(parts[parts.index(name) + 1 :]))
    return tuple(found)


def _joined(folder: str, below: str) -> str:
    return f"{folder}/{below}" if folder else below
