"""Rust's modules: paths to files, names through `use`, `pub use` and globs.

Invariant: cycles of re-exports end; a chain is followed at most MAX_HOPS times.
"""

from posixpath import basename, dirname, normpath
from typing import NamedTuple

from codanna_lsp.languages.rust import resolve
from codanna_lsp.model.imports import Import
from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.queries.binding.names import Names
from codanna_lsp.queries.binding.rows import rows_of
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


class Crate(NamedTuple):
    """Where a crate's modules lie; file: its root, "" for `lib.rs` or `main.rs`."""

    folder: str
    file: str


class _Path(NamedTuple):
    """A path as an importer writes it, and what it names."""

    text: str
    where: Entity | None


def find_module(sources: Sources, module: str, importer: str) -> Entity | None:
    """The file, or the inline module, that a path names."""
    own = _own_crate(sources, importer)
    here = resolve.module_of(importer, own.folder, own.file)
    placed = resolve.absolute(module, here)
    if placed is None:
        return None
    name, parts = placed
    if not name:
        return _module_at(sources, own, parts)
    crate = _crate_named(sources, name, importer)
    if crate is not None:
        return _module_at(sources, crate, parts)
    return _module_at(sources, own, [*here, name, *parts])


def _module_at(sources: Sources, crate: Crate, parts: list[str]) -> Entity | None:
    """A module's file, or as much of its path as has one and inline modules in it."""
    for length in range(len(parts), -1, -1):
        path = _file_of(sources, crate, tuple(parts[:length]))
        if path:
            inside = _inline(sources, path, parts[length:])
            return inside or _handed_on(sources, path, parts[length:])
    return None


def _handed_on(sources: Sources, path: str, parts: list[str]) -> Entity | None:
    """A module that a file does not hold, but hands on: `pub use self::imp::*`."""
    key = ("handed on", path, tuple(parts))
    if key in sources.memory:
        known: Entity | None = sources.memory[key]
        return known
    sources.memory[key] = None  # of a circle nothing is known
    module = Entity(path, -1)
    for part in parts:
        found = find_exported(sources, module, part)
        inner = next((one for one in found if _is_module(sources, one)), None)
        if not isinstance(inner, Entity):
            return None
        module = inner
    sources.memory[key] = module
    return module


def _is_module(sources: Sources, one: Meaning) -> bool:
    if not isinstance(one, Entity):
        return False
    symbol = sources.symbol(one) if one.symbol >= 0 else None
    if symbol is None:
        return True
    return symbol.kind in CLASS_KINDS or symbol.kind == SymbolKind.MODULE


def _file_of(sources: Sources, crate: Crate, parts: tuple[str, ...]) -> str:
    """The file of a module, "" when it has none: kept, for it depends on paths alone.

    A question about a method looks for dozens of names in the hundred modules whose
    globs a crate hands on.
    """

    def find() -> str:
        files = resolve.files_of(crate.folder, parts, crate.file)
        return next(filter(sources.view.has_file, files), "")

    memory = sources.view.data.path_memory
    return memory.recall((find_module, crate, parts), find)


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


def _own_crate(sources: Sources, path: str) -> Crate:
    """The crate that a file belongs to: the nearest root file above tells.

    Files of `tests`, `examples`, `benches` and `src/bin` are crates, each of its own.
    """
    key = ("crate of", path)
    known: Crate | None = sources.memory.get(key)
    if known is None:
        known = sources.memory[key] = _find_own_crate(sources, path)
    return known


def _find_own_crate(sources: Sources, path: str) -> Crate:
    has_file = sources.view.has_file
    folder = dirname(path)
    alone = resolve.may_stand_alone(path) and not path.endswith("/mod.rs")
    if alone and not has_file(f"{folder}/mod.rs") and not has_file(f"{folder}.rs"):
        return Crate(folder, path)
    manifest, rows = _package_around(sources, path)
    for place, file in _libraries(rows, manifest):
        inside = f"{place}/" if place else ""
        if (
            has_file(file)
            and path.startswith(inside)
            and not _has_root_between(sources, folder, place)
        ):
            return Crate(place, file)
    while True:
        for name in resolve.ROOT_FILES:
            if has_file(f"{folder}/{name}" if folder else name):
                return Crate(folder, "")
        if folder in ("", manifest):
            return Crate(resolve.crate_folder(path), "")
        folder = dirname(folder)


def _has_root_between(sources: Sources, folder: str, place: str) -> bool:
    """Whether a root file stands between a file's folder and a crate's place."""
    while folder != place and folder:
        if any(
            sources.view.has_file(f"{folder}/{name}") for name in resolve.ROOT_FILES
        ):
            return True
        folder = dirname(folder)
    return False


def _package_around(sources: Sources, path: str) -> tuple[str | None, list[Import]]:
    """The folder of the nearest Cargo.toml above a file, and what it says."""
    folder = dirname(path)
    while True:
        manifest = f"{folder}/Cargo.toml" if folder else "Cargo.toml"
        if sources.view.has_file(manifest):
            names = sources.names(manifest)
            return folder, list(names.facts.imports) if names is not None else []
        if not folder:
            return None, []
        folder = dirname(folder)


def _libraries(rows: list[Import], folder: str | None) -> list[tuple[str, str]]:
    """(folder, root file) of the library that a manifest places somewhere itself."""
    found: list[tuple[str, str]] = []
    for row in rows:
        if row.original == "lib" and row.module:
            file = normpath(f"{folder}/{row.module}" if folder else row.module)
            found.append((dirname(file), file))
    return found


def _crate_named(sources: Sources, name: str, importer: str) -> Crate | None:
    """A crate of the workspace as a file calls it."""
    key = ("crate named", name, dirname(importer))
    if key not in sources.memory:
        sources.memory[key] = _find_crate_named(sources, name, importer)
    known: Crate | None = sources.memory[key]
    return known


def _find_crate_named(sources: Sources, name: str, importer: str) -> Crate | None:
    folder, rows = _package_around(sources, importer)
    for row in rows:
        if row.original == "dependency" and row.name.replace("-", "_") == name:
            place = normpath(f"{folder}/{row.module}" if folder else row.module)
            found = _crate_in(sources, "" if place == "." else place)
            if found is not None:
                return found
    return _crates(sources).get(name)


def _crate_in(sources: Sources, folder: str) -> Crate | None:
    manifest = f"{folder}/Cargo.toml" if folder else "Cargo.toml"
    names = sources.names(manifest)
    return _library_of(list(names.facts.imports), folder) if names else None


def _library_of(rows: list[Import], folder: str) -> Crate:
    for place, file in _libraries(rows, folder):
        return Crate(place, file)
    return Crate(f"{folder}/src" if folder else "src", "")


def _crates(sources: Sources) -> dict[str, Crate]:
    known: dict[str, Crate] | None = sources.memory.get("crates")
    if known is not None:
        return known
    found: dict[str, Crate] = {}
    for count, path in enumerate(sources.view.paths_named("Cargo.toml")):
        names = sources.names(path) if count < MAX_CRATES else None
        rows = list(names.facts.imports) if names is not None else []
        for row in rows:
            if row.name and row.original in ("name", "lib"):
                crate = _library_of(rows, dirname(path))
                found.setdefault(row.name.replace("-", "_"), crate)
    parent, _, last = sources.view.root.rpartition("/")
    if last == "src":  # the workspace is a crate's source folder
        found.setdefault(basename(parent).replace("-", "_"), Crate("", ""))
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
    values = tuple(Entity(module.path, i) for i in own if not names.is_module_line(i))
    if len(values) == len(own) > 0:
        return values
    for item in _own_first(names, module.symbol, names.imports.get(name, [])):
        found = _imported(sources, item, module.path, seen)
        if found:  # `mod run; pub fn run() {}`: both
            return (*values, *found)
    for item in _own_first(names, module.symbol, names.stars):
        path = _glob(sources, item, module.path)
        found = _name_in(sources, path, name, module.path, seen)
        if found:
            return found
    own_lines = tuple(Entity(module.path, one) for one in own)
    return values or own_lines or _macro(sources, module, name)


def _own_first(names: Names, module: int, items: list[Import]) -> list[Import]:
    """The `use`s of one module of a file before those of its others."""
    if len(items) < 2:
        return items
    return sorted(items, key=lambda one: inline_module(names, one.line) != module)


def inline_module(names: Names, line: int) -> int:
    """The index of the innermost `mod name { ... }` around a line, or -1."""
    found = -1
    for index in names.inline_modules:
        symbol = names.facts.symbols[index]
        if symbol.start_line <= line <= symbol.stop_line:
            found = index
    return found


def _macro(sources: Sources, module: Entity, name: str) -> tuple[Meaning, ...]:
    """What `macro_export` puts into the root of a crate, from wherever it stands."""
    crate = _own_crate(sources, module.path)
    if module != _module_at(sources, crate, []):
        return ()
    return tuple(
        Entity(row.path, row.index)
        for row in rows_of(sources, name, "rust")
        if row.kind == SymbolKind.MACRO and _own_crate(sources, row.path) == crate
    )


def resolve_import(
    sources: Sources, item: Import, importer: str
) -> tuple[Meaning, ...]:
    """What one `use` or `mod` binds."""
    return _imported(sources, item, importer, frozenset())


def _imported(
    sources: Sources, item: Import, importer: str, seen: _Seen
) -> tuple[Meaning, ...]:
    module = spelled_out(sources, item.module, importer, item.line)
    if not item.original and item.name != module:  # `extern crate a as b`, `use a as b`
        return import_name(sources, "", module, importer, seen)
    return import_name(sources, module, item.original or item.name, importer, seen)


def import_name(
    sources: Sources,
    module: str,
    name: str,
    importer: str,
    seen: _Seen = frozenset(),
) -> tuple[Meaning, ...]:
    """A name of a module or of a type that a path names."""
    path = _Path(module, find_module(sources, module, importer))
    return _name_in(sources, path, name, importer, seen)


def _glob(sources: Sources, item: Import, importer: str) -> _Path:
    """The path of a `use path::*`; each name that a question looks for asks for it."""
    key = ("glob", importer, item)
    known: _Path | None = sources.memory.get(key)
    if known is None:
        text = spelled_out(sources, item.module, importer, item.line)
        known = _Path(text, find_module(sources, text, importer))
        sources.memory[key] = known
    return known


def _name_in(
    sources: Sources, path: _Path, name: str, importer: str, seen: _Seen
) -> tuple[Meaning, ...]:
    """A name of the module or the type at the end of a path."""
    module, where = path
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


def spelled_out(sources: Sources, module: str, importer: str, line: int) -> str:
    """A path at a line as it would read outside of the file's inline modules."""
    names = sources.names(importer)
    if names is None or module.partition("::")[0] not in ("self", "super"):
        return module
    symbols = names.facts.symbols
    inline = [
        symbol.name
        for index, symbol in enumerate(symbols)
        if symbol.kind == SymbolKind.MODULE
        and symbol.start_line <= line <= symbol.stop_line
        and not names.is_module_line(index)
    ]
    return resolve.from_file(module, inline)


def starred_name(sources: Sources, path: str, name: str) -> tuple[Meaning, ...]:
    """What a file declares, imports or takes by globs under a name."""
    return seen_from(sources, path, name, -1)


def seen_from(sources: Sources, path: str, name: str, line: int) -> tuple[Meaning, ...]:
    """As `starred_name`, for a line of the file: its inline module comes first."""
    names = sources.names(path)
    around = inline_module(names, line) if names is not None else -1
    for symbol in (around, -1) if around >= 0 else (-1,):
        found = find_exported(sources, Entity(path, symbol), name)
        if found:
            return found
    imported = names.imports.get(name, ()) if names is not None else ()
    if imported:
        return (Local.of_import(path, imported[0]),)
    crate = _crate_named(sources, name, path)
    module = _module_at(sources, crate, []) if crate is not None else None
    return (module,) if module is not None else ()
