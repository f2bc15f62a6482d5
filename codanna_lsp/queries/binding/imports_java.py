"""Java's packages: class names to files, packages to folders, by path suffixes."""

from posixpath import dirname

from codanna_lsp.languages.java import resolve
from codanna_lsp.languages.roots import below_root, folders_between
from codanna_lsp.model.imports import Import
from codanna_lsp.model.symbol import SymbolKind
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
    for path in _class_files(sources, module, importer):
        return Entity(path, -1)
    return _package(sources, module, importer)


def _class_files(sources: Sources, name: str, importer: str) -> list[str]:
    """The files that a class ("a.b.C") may stand in, the nearest first."""
    base, suffix = resolve.class_file(name)
    root = sources.view.root
    paths = [
        path
        for path in sources.view.paths_named(base)
        if resolve.is_in(f"{root}/{path}", suffix)
    ]
    return sorted(paths, key=lambda path: (folders_between(path, importer), path))


def _package(sources: Sources, module: str, importer: str) -> Entity | None:
    """The folder of a package: beside what the importer's own package tells."""
    own = _package_of(sources, importer)
    source_root = dirname(importer).removesuffix(resolve.package_folder(own))
    source_root = source_root.rstrip("/")
    folder = resolve.package_folder(module)
    stems = [f"{source_root}/{folder}" if source_root else folder, folder]
    stems += ["/".join(p) for p in below_root(module.split("."), sources.view.root)]
    for stem in stems:
        if stem and next(iter(sources.view.paths_under(stem)), None) is not None:
            return Entity(stem + "/", -1)
    return None


def _package_of(sources: Sources, path: str) -> str:
    """The package that a file says it belongs to, "" for none."""
    names = sources.names(path)
    symbols = names.facts.symbols if names is not None else ()
    return next((s.name for s in symbols if s.kind == SymbolKind.PACKAGE), "")


def _of_package(
    sources: Sources, package: str, name: str, importer: str
) -> tuple[Entity, ...]:
    """What a package declares under a name, in whichever source roots it lies."""
    folder = resolve.package_folder(package)
    root = sources.view.root

    def lies_in(path: str) -> bool:
        return resolve.is_in(f"{root}/{dirname(path)}".rstrip("/"), folder)

    found = declared_rows(sources, name, "java", lies_in)
    return tuple(
        sorted(found, key=lambda one: (folders_between(one.path, importer), one.path))
    )


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
    for path in _class_files(sources, f"{module}.{name}", importer):
        names = sources.names(path)
        if names is not None and name in names.top:
            return (Entity(path, names.top[name][0]),)
    where = find_module(sources, module, importer)
    if where is None or where.path.endswith("/"):
        return _of_package(sources, module, name, importer)
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
    package = _package_of(sources, path)
    same = _of_package(sources, package, name, path) if package else ()
    if same:
        return same
    for item in names.stars:
        found = import_name(sources, item.module, name, path)
        if found:
            return found
    return ()
