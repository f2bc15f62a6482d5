"""Modules of JavaScript and TypeScript: imports to files, names to what exports them.

Invariant: cycles of imports end; a chain is followed at most MAX_HOPS times.
"""

from codanna_lsp.extraction.live.words import Binding
from codanna_lsp.languages.javascript import resolve
from codanna_lsp.model.imports import Import
from codanna_lsp.model.symbol import SymbolFlag
from codanna_lsp.queries.binding.names import FUNCTION_KINDS, Names
from codanna_lsp.queries.binding.rows import likelier_first
from codanna_lsp.queries.binding.sources import (
    CLASS_KINDS,
    Entity,
    Local,
    Meaning,
    Sources,
)

MAX_HOPS = 24
MAX_PACKAGES = 1000  # package.json files that are looked at
MAX_CONFIGS = 8  # that extend one another

_Seen = frozenset[tuple[str, str]]


def find_module(sources: Sources, module: str, importer: str) -> Entity | None:
    """The file that a module's text leads to, as seen from a file."""
    if resolve.is_relative(module):
        stem = resolve.relative_stem(module, importer)
        return _file_at(sources, stem) if stem is not None else None
    if module.startswith("#"):
        return _by_own_imports(sources, module, importer)
    return _by_config(sources, module, importer) or _by_package(sources, module)


def find_exported(
    sources: Sources, module: Entity, name: str, seen: _Seen = frozenset()
) -> tuple[Meaning, ...]:
    """What a name of a module finally stands for, through its re-exports."""
    key = (module.path, name)
    names = sources.names(module.path)
    if key in seen or len(seen) > MAX_HOPS or names is None:
        return ()
    seen |= {key}
    for item in names.imports.get(name, ()):
        if item.reexport:
            found = resolve_import(sources, item, module.path, seen)
            if found:
                return found
    found = _declared(sources, module.path, names, name, seen)
    found = found or _reexported(sources, module.path, names, name, seen)
    return found or _in_exports(sources, module.path, names, name, seen)


def _in_exports(
    sources: Sources, path: str, names: Names, name: str, seen: _Seen
) -> tuple[Meaning, ...]:
    """A member of the object that a CommonJS file exports."""
    tree = sources.tree(path) if names.assigns_exports else None
    exported = tree.exported() if tree is not None else None
    if exported is None:
        return ()
    if exported.kind == "name":
        for index in names.top.get(exported.text, ()):
            inside = names.members(index).get(name, ())
            if inside:
                return (Entity(path, inside[0]),)
    for part in exported.parts if exported.kind == "object" else ():
        if part.kind == "member" and part.text == name:
            value = part.parts[0]
            found: tuple[Meaning, ...] = ()
            if value.kind == "name":
                found = find_exported(sources, Entity(path, -1), value.text, seen)
            stop = part.column + len(name.encode())
            place = (part.line, part.column, stop, part.line, part.column, part.line)
            local = Binding(name, "variable", "file", *place, stop, value=value)
            return found or (Local(path, local),)
    return ()


def import_name(
    sources: Sources, module: str, name: str, importer: str, seen: _Seen = frozenset()
) -> tuple[Meaning, ...]:
    """What `import { name } from "module"` takes; of a default, at least the file."""
    where = find_module(sources, module, importer)
    if where is None:
        return ()
    found = find_exported(sources, where, name, seen)
    return found or ((where,) if name == "default" else ())


def starred_name(_sources: Sources, _path: str, _name: str) -> tuple[Meaning, ...]:
    """Nothing is seen in a module that it does not import."""
    return ()


def _declared(
    sources: Sources, path: str, names: Names, name: str, seen: _Seen
) -> tuple[Meaning, ...]:
    own = names.top.get(name, [])
    if own:
        return (Entity(path, _preferred(names, own)),)
    for item in names.imports.get(name, ()):
        if not item.reexport:
            return resolve_import(sources, item, path, seen) or (
                Local.of_import(path, item),
            )
    return ()


def own_name(sources: Sources, path: str, name: str) -> tuple[Meaning, ...]:
    """What a file itself declares or imports under a name."""
    names = sources.names(path)
    return _declared(sources, path, names, name, frozenset()) if names else ()


def _preferred(names: Names, own: list[int]) -> int:
    """A class before a function, the implementation before its overloads."""
    symbols = names.facts.symbols
    classes = [i for i in own if symbols[i].kind in CLASS_KINDS]
    if classes:
        return classes[0]
    functions = [i for i in own if symbols[i].kind in FUNCTION_KINDS]
    whole = [i for i in functions if not symbols[i].flags & SymbolFlag.DECLARATION]
    return (whole or functions or own)[-1]


def resolve_import(
    sources: Sources, item: Import, path: str, seen: _Seen = frozenset()
) -> tuple[Meaning, ...]:
    """What one import binds: a module, or what a name of it stands for."""
    key = (path, f"import {item.line}:{item.column}")
    if key in seen or len(seen) > MAX_HOPS:
        return ()
    seen |= {key}
    if not item.module:
        if item.original in ("", item.name):
            names = sources.names(path)
            return _declared(sources, path, names, item.name, seen) if names else ()
        return find_exported(sources, Entity(path, -1), item.original, seen)
    if not item.original:
        module = find_module(sources, item.module, path)
        return _whole(sources, module, seen) if module is not None else ()
    return import_name(sources, item.module, item.original, path, seen)


def _whole(sources: Sources, module: Entity, seen: _Seen) -> tuple[Meaning, ...]:
    """A module taken as a whole: what its `module.exports` names, or itself."""
    names = sources.names(module.path)
    if names is None or not names.assigns_exports:
        return (module,)
    tree = sources.tree(module.path)
    exported = tree.exported() if tree is not None else None
    if exported is None or exported.kind != "name":
        return (module,)
    found = find_exported(sources, module, exported.text, seen)
    return found if found and found[0] != module else (module,)


def _reexported(
    sources: Sources, path: str, names: Names, name: str, seen: _Seen
) -> tuple[Meaning, ...]:
    """Through `export * from`; a default is not among those."""
    if name == "default":
        return ()
    modules = [
        module
        for item in names.stars
        if (module := find_module(sources, item.module, path)) is not None
    ]
    for module in likelier_first(sources, modules, name, "javascript"):
        found = find_exported(sources, module, name, seen)
        if found:
            return found
    return ()


def _file_at(sources: Sources, stem: str) -> Entity | None:
    for path in resolve.files_of(stem):
        if sources.view.has_file(path):
            return Entity(path, -1)
    package = f"{stem}/package.json" if stem else "package.json"
    names = sources.names(package) if sources.view.has_file(package) else None
    if names is None:
        return None
    for inner in resolve.package_stems("", names.facts.imports, stem):
        for path in resolve.files_of(inner):
            if sources.view.has_file(path):
                return Entity(path, -1)
    return None


def _by_config(sources: Sources, module: str, importer: str) -> Entity | None:
    for folder in resolve.folders_above(importer):
        for name in resolve.CONFIG_NAMES:
            path = f"{folder}/{name}" if folder else name
            if sources.view.has_file(path):
                return _mapped(sources, module, path)
    return None


def _mapped(sources: Sources, module: str, config: str) -> Entity | None:
    """By a configuration's own mapping, or by that of the one it extends."""
    pending, seen = [config], {config}
    while pending and len(seen) <= MAX_CONFIGS:
        path = pending.pop(0)
        names = sources.names(path)
        if names is None:
            continue
        folder = path.rpartition("/")[0]
        for stem in resolve.mapped_stems(module, names.facts.imports, folder):
            found = _file_at(sources, stem)
            if found is not None:
                return found
        for row in names.facts.imports:
            base = _extended(sources, row, folder)
            if base is not None and base not in seen:
                seen.add(base)
                pending.append(base)
    return None


def _extended(sources: Sources, row: Import, folder: str) -> str | None:
    if row.original not in ("extends", "references"):
        return None
    for ending in ("", ".json", "/tsconfig.json"):
        path = resolve.joined(folder, row.module + ending)
        if path is not None and sources.view.has_file(path):
            return path
    return None


def _by_own_imports(sources: Sources, module: str, importer: str) -> Entity | None:
    """`#name`, as the nearest package.json maps it."""
    for folder in resolve.folders_above(importer):
        path = f"{folder}/package.json" if folder else "package.json"
        names = sources.names(path) if sources.view.has_file(path) else None
        if names is None:
            continue
        for stem in resolve.own_import_stems(module, names.facts.imports, folder):
            found = _file_at(sources, stem)
            if found is not None:
                return found
    return None


def _by_package(sources: Sources, module: str) -> Entity | None:
    name, asked = resolve.package_name(module)
    package = _packages(sources).get(name)
    names = sources.names(package) if package is not None else None
    if package is None or names is None:
        return None
    folder = package.rpartition("/")[0]
    for stem in resolve.package_stems(asked, names.facts.imports, folder):
        found = _file_at(sources, stem) if stem != folder else _index_of(sources, stem)
        if found is not None:
            return found
    return None


def _index_of(sources: Sources, stem: str) -> Entity | None:
    for path in resolve.files_of(stem):
        if sources.view.has_file(path):
            return Entity(path, -1)
    return None


def _packages(sources: Sources) -> dict[str, str]:
    """The workspace's packages by name: their package.json."""
    known: dict[str, str] | None = sources.memory.get("packages")
    if known is not None:
        return known
    found: dict[str, str] = {}
    for count, path in enumerate(sources.view.paths_named("package.json")):
        names = sources.names(path) if count < MAX_PACKAGES else None
        for row in names.facts.imports if names is not None else ():
            if row.original == "name":
                found.setdefault(row.name or row.module, path)
    sources.memory["packages"] = found
    return found
