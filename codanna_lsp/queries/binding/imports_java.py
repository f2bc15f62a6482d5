"""Java's packages: class names to files, packages to folders, by path suffixes."""

from posixpath import dirname

from codanna_lsp.languages.java import resolve
from codanna_lsp.model.imports import Import
from codanna_lsp.queries.binding.rows import declared_rows
from codanna_lsp.queries.binding.sources import (
    CLASS_KINDS,
    Entity,
    Local,
    Meaning,
    Sources,
)


def find_module(sources: Sources, module: str, importer: str) -> Entity | None:
    """The file of a class, or else the folder of a package."""
    base, suffix = resolve.class_file(module)
    near = dirname(importer)
    paths = [p for p in sources.view.paths_named(base) if resolve.is_in(p, suffix)]
    if paths:
        return Entity(min(paths, key=lambda path: (dirname(path) != near, path)), -1)
    return _package(sources, module, importer)


def _package(sources: Sources, module: str, importer: str) -> Entity | None:
    """The folder of a package: beside what the importer's own package tells."""
    names = sources.names(importer)
    own = (
        next((s.name for s in names.facts.symbols if "." in s.name), "")
        if names
        else ""
    )
    root = dirname(importer).removesuffix(resolve.package_folder(own)).rstrip("/")
    folder = resolve.package_folder(module)
    for stem in (f"{root}/{folder}" if root else folder, folder):
        if next(iter(sources.view.paths_under(stem)), None) is not None:
            return Entity(stem + "/", -1)
    return None


def find_exported(sources: Sources, module: Entity, name: str) -> tuple[Meaning, ...]:
    """A class of a package; of a file, its class, or a member of its first class."""
    if module.path.endswith("/"):
        folder = module.path[:-1]
        return declared_rows(sources, name, "java", lambda p: dirname(p) == folder)
    names = sources.names(module.path)
    if names is None:
        return ()
    own = names.top.get(name)
    if own:
        return (Entity(module.path, own[0]),)
    for index, symbol in enumerate(names.facts.symbols):
        inside = names.members(index).get(name) if symbol.kind in CLASS_KINDS else None
        if inside:
            return (Entity(module.path, inside[0]),)
    return starred_name(sources, module.path, name)


def resolve_import(
    sources: Sources, item: Import, importer: str
) -> tuple[Meaning, ...]:
    """The class or static member that an import binds."""
    return import_name(sources, item.module, item.original, importer)


def import_name(
    sources: Sources, module: str, name: str, importer: str
) -> tuple[Meaning, ...]:
    """A class of a package, or a member of a class."""
    base, suffix = resolve.class_file(f"{module}.{name}")
    for path in sources.view.paths_named(base):
        names = sources.names(path) if resolve.is_in(path, suffix) else None
        if names is not None and name in names.top:
            return (Entity(path, names.top[name][0]),)
    where = find_module(sources, module, importer)
    if where is None:
        return ()
    if not where.path.endswith("/"):
        names = sources.names(where.path)
        for indices in names.top.values() if names is not None else ():
            inside = names.members(indices[0]).get(name) if names else None
            if inside:
                return (Entity(where.path, inside[0]),)
        return ()
    return find_exported(sources, where, name)


def starred_name(sources: Sources, path: str, name: str) -> tuple[Meaning, ...]:
    """What the file, its imports, its package and its `*` imports call so."""
    names = sources.names(path)
    if names is None:
        return ()
    for item in names.imports.get(name, ()):
        found = resolve_import(sources, item, path)
        return found or (Local.of_import(path, item),)
    folder = dirname(path)
    same = declared_rows(
        sources, name, "java", lambda p: dirname(p) == folder, first=path
    )
    if same:
        return same
    for item in names.stars:
        found = import_name(sources, item.module, name, path)
        if found:
            return found
    return ()
