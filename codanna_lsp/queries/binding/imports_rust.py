"""Rust's modules: paths to files, names through `use`, `pub use` and globs.

Invariant: cycles of re-exports end; a chain is followed at most MAX_HOPS times.
"""

from posixpath import dirname

from codanna_lsp.languages.rust import resolve
from codanna_lsp.model.imports import Import
from codanna_lsp.queries.binding.sources import (
    CLASS_KINDS,
    Entity,
    Local,
    Meaning,
    Sources,
)

MAX_HOPS = 24
MAX_CRATES = 500  # Cargo.toml files that are looked at

_Seen = frozenset[tuple[str, str]]


def find_module(sources: Sources, module: str, importer: str) -> Entity | None:
    """The file, or the inline module, that a path names."""
    placed = resolve.absolute(module, importer)
    if placed is None:
        return None
    crate, parts = placed
    root = _root_of(sources, crate, importer)
    if root is None and crate:
        inner = [*resolve.module_of(importer), crate, *parts]
        root, parts = resolve.crate_folder(importer), inner
    if root is None:
        return None
    return _module_at(sources, root, parts)


def _module_at(sources: Sources, root: str, parts: list[str]) -> Entity | None:
    """A module's file, or as much of its path as has one and inline modules in it."""
    for length in range(len(parts), -1, -1):
        for path in resolve.files_of(root, parts[:length]):
            if sources.view.has_file(path):
                return _inline(sources, path, parts[length:])
    return None


def _inline(sources: Sources, path: str, parts: list[str]) -> Entity | None:
    names = sources.names(path)
    found = -1
    for part in parts:
        if names is None:
            return None
        inside = names.top if found < 0 else names.members(found)
        if part not in inside:
            return None
        found = inside[part][0]
    return Entity(path, found)


def _root_of(sources: Sources, crate: str, importer: str) -> str | None:
    """The `src` folder of a crate of the workspace; "" is the importer's own."""
    if not crate:
        return resolve.crate_folder(importer)
    return _crates(sources).get(crate)


def _crates(sources: Sources) -> dict[str, str]:
    known: dict[str, str] | None = sources.memory.get("crates")
    if known is not None:
        return known
    found: dict[str, str] = {}
    for count, path in enumerate(sources.view.paths_named("Cargo.toml")):
        names = sources.names(path) if count < MAX_CRATES else None
        folder = dirname(path)
        for row in names.facts.imports if names is not None else ():
            if row.original == "name":
                source = f"{folder}/src" if folder else "src"
                found.setdefault(row.name.replace("-", "_"), source)
    sources.memory["crates"] = found
    return found


def find_exported(
    sources: Sources, module: Entity, name: str, seen: _Seen = frozenset()
) -> tuple[Meaning, ...]:
    """What a name of a module, or of a type, finally stands for."""
    key = (f"{module.path} {module.symbol}", name)
    names = sources.names(module.path)
    if key in seen or len(seen) > MAX_HOPS or names is None:
        return ()
    seen |= {key}
    inside = names.top if module.symbol < 0 else names.members(module.symbol)
    own = [i for i in inside.get(name, ()) if not names.facts.symbols[i].scope]
    if own and not names.is_module_line(own[0]):
        return (Entity(module.path, own[0]),)
    for item in names.imports.get(name, ()):
        found = _imported(sources, item, module.path, seen)
        if found:
            return found
    for item in names.stars:
        found = import_name(sources, item.module, name, module.path, seen)
        if found:
            return found
    return (Entity(module.path, own[0]),) if own else ()


def resolve_import(
    sources: Sources, item: Import, importer: str
) -> tuple[Meaning, ...]:
    """What one `use` or `mod` binds."""
    return _imported(sources, item, importer, frozenset())


def _imported(
    sources: Sources, item: Import, importer: str, seen: _Seen
) -> tuple[Meaning, ...]:
    return import_name(sources, item.module, item.original or item.name, importer, seen)


def import_name(
    sources: Sources,
    module: str,
    name: str,
    importer: str,
    seen: _Seen = frozenset(),
) -> tuple[Meaning, ...]:
    """A name of a module or of a type that a path names."""
    where = find_module(sources, module, importer)
    if where is not None:
        symbol = sources.symbol(where)
        if symbol is not None and symbol.kind in CLASS_KINDS:
            names = sources.names(where.path)
            inside = names.members(where.symbol).get(name, ()) if names else ()
            return tuple(Entity(where.path, index) for index in inside)
        found = find_exported(sources, where, name, seen)
        if found and found[0] != Entity(importer, -1):
            return found
    inner = find_module(sources, f"{module}::{name}" if module else name, importer)
    return (inner,) if inner is not None else ()


def starred_name(sources: Sources, path: str, name: str) -> tuple[Meaning, ...]:
    """What a file declares, imports or takes by globs under a name."""
    found = find_exported(sources, Entity(path, -1), name)
    if found:
        return found
    names = sources.names(path)
    imported = names.imports.get(name, ()) if names is not None else ()
    if imported:
        return (Local.of_import(path, imported[0]),)
    root = _crates(sources).get(name)
    module = _module_at(sources, root, []) if root is not None else None
    return (module,) if module is not None else ()
