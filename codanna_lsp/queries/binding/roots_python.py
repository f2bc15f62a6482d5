"""Where Python's packages lie that no folder around the importing file tells.

The workspace may be a package itself, `pyproject.toml` may name folders, and a package
may stand in any folder of a repository: another project's `src`, a `lib`.

Invariant: a plain module in some folder is no package that others import by its name.
"""

from collections.abc import Iterator
from posixpath import dirname, normpath

from codanna_lsp.languages.python import resolve
from codanna_lsp.languages.roots import below_root, folders_between
from codanna_lsp.queries.binding.sources import Sources

MAX_PROJECTS = 200  # pyproject.toml files that are looked at
MAX_PACKAGES = 5_000  # __init__.py files that are looked at

_PACKAGE_FILES = ("__init__.py", "__init__.pyi")


def far_stems(sources: Sources, module: str, importer: str) -> Iterator[str]:
    """Further stems (see `resolve.candidate_stems`) of a module, likeliest first.

    Those that cost a look through the workspace's files come last.
    """
    if module.startswith("."):
        return
    parts = module.split(".")
    own = ["/".join(rest) for rest in below_root(parts, sources.view.root)]
    if resolve.is_library(parts[0]):
        yield from own
        return
    for folder, rest in _placed(sources, parts):
        yield _joined(folder, rest)
    yield from own
    key = ("far stems", module, dirname(importer))
    known: tuple[str, ...] | None = sources.memory.get(key)
    if known is None:
        known = tuple(_in_any_folder(sources, parts, importer))
        sources.memory[key] = known
    yield from known


def _in_any_folder(sources: Sources, parts: list[str], importer: str) -> Iterator[str]:
    below = "/".join(parts)
    for folder in _roots_of(sources, parts[0], importer):
        yield _joined(folder, below)
    if len(parts) > 1:
        yield from _by_their_end(sources, below, importer)


def _placed(sources: Sources, parts: list[str]) -> list[tuple[str, str]]:
    """The folders that project files name for a package, and what is below them."""
    found: list[tuple[str, str]] = []
    for package, folder in _project_folders(sources):
        names = package.split(".") if package else []
        if parts[: len(names)] == names:
            found.append((folder, "/".join(parts[len(names) :])))
    return found


def _project_folders(sources: Sources) -> list[tuple[str, str]]:
    """(package or "", folder) of every pyproject.toml."""
    known: list[tuple[str, str]] | None = sources.memory.get("python projects")
    if known is not None:
        return known
    found: list[tuple[str, str]] = []
    for count, path in enumerate(sources.view.paths_named("pyproject.toml")):
        names = sources.names(path) if count < MAX_PROJECTS else None
        for row in names.facts.imports if names is not None else ():
            if row.original in ("package-dir", "root"):
                folder = normpath(_joined(dirname(path), row.module))
                if not folder.startswith(".."):
                    found.append((row.name, "" if folder == "." else folder))
    sources.memory["python projects"] = found
    return found


def _roots_of(sources: Sources, package: str, importer: str) -> list[str]:
    """The folders that hold a package of this name and are none: the nearest first.

    Of several that are equally near, none: a copy says nothing of the other.
    """
    packages = _packages(sources)
    return _nearest(
        [
            dirname(folder)
            for folder in packages
            if folder.rpartition("/")[2] == package and dirname(folder) not in packages
        ],
        importer,
    )


def _packages(sources: Sources) -> set[str]:
    """The folders with an `__init__` file."""
    known: set[str] | None = sources.memory.get("python packages")
    if known is not None:
        return known
    found: set[str] = set()
    for name in _PACKAGE_FILES:
        for count, path in enumerate(sources.view.paths_named(name)):
            if count >= MAX_PACKAGES:
                break
            found.add(dirname(path))
    sources.memory["python packages"] = found
    return found


def _by_their_end(sources: Sources, below: str, importer: str) -> list[str]:
    """The stems that end with a module's whole path, outside of any package."""
    packages = _packages(sources)
    last = below.rpartition("/")[2]
    folders: set[str] = set()
    for ending in resolve.FILE_FORMS:
        for path in sources.view.paths_named(last + ending):
            stem = path.removesuffix(ending)
            if stem.endswith("/" + below):
                folders.add(stem[: -len(below) - 1])
    outer = [folder for folder in folders if folder not in packages]
    return [_joined(root, below) for root in _nearest(outer, importer)]


def _nearest(folders: list[str], importer: str) -> list[str]:
    ranked = sorted((folders_between(_joined(f, "x"), importer), f) for f in folders)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return []
    return [ranked[0][1]]


def _joined(folder: str, below: str) -> str:
    return f"{folder}/{below}" if folder and below else folder or below
