"""Where Go's imports lead: an import path to the folder of its package.

Invariant: pure; nothing is looked up here, the index says which candidate exists.
"""

from collections.abc import Iterable


def folders_of(path: str, modules: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The folders that an import path may be, the likeliest first.

    modules: the workspace's modules: their path and the folder of their go.mod.
    """
    found: list[str] = []
    for module, folder in sorted(modules, key=lambda pair: -len(pair[0])):
        if path == module:
            found.append(folder)
        elif path.startswith(module + "/"):
            below = path.removeprefix(module + "/")
            found.append(f"{folder}/{below}" if folder else below)
    found += [f"vendor/{path}", path]
    return tuple(found)
