"""Go's packages: an import path to a folder, a name to what its files declare."""

from itertools import islice
from posixpath import basename, dirname

from codanna_lsp.languages.go import resolve
from codanna_lsp.model.imports import Import
from codanna_lsp.queries.binding.rows import declared_rows
from codanna_lsp.queries.binding.sources import Entity, Local, Meaning, Sources

MAX_MODULES = 200  # go.mod files that are looked at
MAX_FILES = 20_000  # of a package's folder and below that are looked at


def find_module(sources: Sources, module: str, importer: str) -> Entity | None:
    """The folder of a package."""
    path = module.rpartition("::")[2].strip('"') if "::" in module else module
    root = sources.view.root
    for folder in resolve.folders_of(
        path.strip('"'), _modules(sources), importer, root
    ):
        for file in sources.view.paths_under(folder):
            if file.endswith(".go") and dirname(file) == folder:
                return Entity(folder + "/", -1)
    return None


def package_file(sources: Sources, folder: str) -> str:
    """The file of a package that shows it best: the one that bears its name."""
    files = [
        path
        for path in islice(sources.view.paths_under(folder), MAX_FILES)
        if dirname(path) == folder and path.endswith(".go")
    ]
    name = basename(folder or sources.view.root)

    def rank(path: str) -> tuple[bool, bool, bool, str]:
        base = basename(path)
        return base.endswith("_test.go"), base != f"{name}.go", base != "doc.go", path

    return min(files, key=rank, default="")


def find_exported(sources: Sources, module: Entity, name: str) -> tuple[Meaning, ...]:
    """What a package's files declare under a name; of a file, what it sees."""
    if not module.path.endswith("/"):
        return starred_name(sources, module.path, name)
    folder = module.path[:-1]
    return declared_rows(sources, name, "go", lambda path: dirname(path) == folder)


def resolve_import(
    sources: Sources, item: Import, importer: str
) -> tuple[Meaning, ...]:
    """The package that an import binds."""
    module = find_module(sources, item.module, importer)
    return (module,) if module is not None else ()


def import_name(
    sources: Sources, module: str, name: str, importer: str
) -> tuple[Meaning, ...]:
    """A name of a package."""
    where = find_module(sources, module, importer)
    return find_exported(sources, where, name) if where is not None else ()


def starred_name(sources: Sources, path: str, name: str) -> tuple[Meaning, ...]:
    """What the file's imports, its package and its dot imports call so."""
    names = sources.names(path)
    for item in names.imports.get(name, ()) if names is not None else ():
        found = resolve_import(sources, item, path)
        return found or (Local.of_import(path, item),)
    folder = dirname(path)
    same = declared_rows(
        sources, name, "go", lambda other: dirname(other) == folder, first=path
    )
    if same or names is None:
        return same
    for item in names.stars:
        found = import_name(sources, item.module, name, path)
        if found:
            return found
    return ()


def _modules(sources: Sources) -> list[tuple[str, str]]:
    known: list[tuple[str, str]] | None = sources.memory.get("go modules")
    if known is not None:
        return known
    found: list[tuple[str, str]] = []
    for count, path in enumerate(sources.view.paths_named("go.mod")):
        names = sources.names(path) if count < MAX_MODULES else None
        for row in names.facts.imports if names is not None else ():
            found += [(row.name, dirname(path))] * (row.original == "module")
    sources.memory["go modules"] = found
    return found
