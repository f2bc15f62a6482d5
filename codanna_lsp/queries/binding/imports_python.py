"""Python's modules: from an import to its file, from a name to what exports it.

Invariant: cycles of imports end; a chain is followed at most MAX_HOPS times.
"""

from functools import partial

from codanna_lsp.languages.python import resolve
from codanna_lsp.model.imports import Import
from codanna_lsp.model.symbol import SymbolFlag
from codanna_lsp.queries.binding.names import FUNCTION_KINDS, Names
from codanna_lsp.queries.binding.roots_python import far_stems
from codanna_lsp.queries.binding.rows import likelier_first
from codanna_lsp.queries.binding.sources import (
    CLASS_KINDS,
    Entity,
    Local,
    Meaning,
    Sources,
)

MAX_HOPS = 24

_Seen = frozenset[tuple[str, str]]


def find_module(sources: Sources, module: str, importer: str) -> Entity | None:
    """The file or the folder that a module stands in, as seen from a file."""
    # A plain `import redis` in redis.py means another redis.
    itself = "." in module or importer.endswith("__init__.py")
    for stems in (resolve.candidate_stems, partial(far_stems, sources)):
        for stem in stems(module, importer):
            if itself and importer in resolve.files_of(stem):
                return Entity(importer, -1)
            found = _module_at(sources, stem, importer)
            if found is not None:
                return found
    return None


def find_exported(
    sources: Sources, module: Entity, name: str, seen: _Seen = frozenset()
) -> tuple[Meaning, ...]:
    """What a name of a module finally stands for, through its re-exports."""
    key = (module.path, name)
    if key in seen or len(seen) > MAX_HOPS:
        return ()
    seen |= {key}
    names = sources.names(module.path)
    if names is not None:
        found = _declared(sources, module.path, names, name, seen)
        if found and not isinstance(found[0], Local):
            return found
    else:
        found = ()
    inside = find_submodule(sources, module, name)
    if inside is not None:
        return (inside,)
    if found or names is None:
        return found
    return _starred(sources, module.path, names, name, seen)


def find_submodule(sources: Sources, module: Entity, name: str) -> Entity | None:
    """The module of this name in a package."""
    if module.path.endswith("/"):
        package = module.path[:-1]
    else:
        package = resolve.package_of(module.path)
        if not package and module.path.partition(".")[0] != "__init__":
            return None
    stem = f"{package}/{name}" if package else name
    return _module_at(sources, stem, "")


def resolve_import(
    sources: Sources, item: Import, importer: str, seen: _Seen = frozenset()
) -> tuple[Meaning, ...]:
    """What one import binds: a module, or what a name of it stands for."""
    if not item.original:
        shown = item.module
        if "." in shown and item.name == shown.partition(".")[0]:
            shown = item.name
        module = find_module(sources, shown, importer)
        return (module,) if module is not None else ()
    return import_name(sources, item.module, item.original, importer, seen)


def import_name(
    sources: Sources,
    module: str,
    name: str,
    importer: str,
    seen: _Seen = frozenset(),
) -> tuple[Meaning, ...]:
    """What `from module import name` takes."""
    where = find_module(sources, module, importer)
    if where is None:
        return ()
    found = find_exported(sources, where, name, seen)
    stub = where.path + "i"
    if not found and sources.view.has_file(stub):  # what only the stub declares
        return find_exported(sources, Entity(stub, -1), name, seen)
    return found


def starred_name(sources: Sources, path: str, name: str) -> tuple[Meaning, ...]:
    """What a file's `from x import *` give for a name."""
    names = sources.names(path)
    return _starred(sources, path, names, name, frozenset()) if names else ()


def _module_at(sources: Sources, stem: str, importer: str) -> Entity | None:
    for path in resolve.files_of(stem):
        if path != importer and sources.view.has_file(path):
            return Entity(path, -1)
    if stem and next(iter(sources.view.paths_under(stem)), None) is not None:
        return Entity(stem + "/", -1)
    return None


def _declared(
    sources: Sources, path: str, names: Names, name: str, seen: _Seen
) -> tuple[Meaning, ...]:
    """The last typed declaration; a bare variable only when there is no other."""
    symbols = names.facts.symbols
    own = names.top.get(name, [])
    typed = [i for i in own if symbols[i].kind in CLASS_KINDS | FUNCTION_KINDS]
    imported = [i for i in names.imports.get(name, ()) if i.reexport]
    last_line = max((symbols[i].line for i in typed), default=-1)
    for item in reversed(imported):
        if item.line > last_line:
            found = resolve_import(sources, item, path, seen)
            if found and not isinstance(found[0], Local):
                return found
    if typed:
        return (Entity(path, _preferred(names, typed)),)
    if own:
        return (Entity(path, own[-1]),)
    for item in imported:
        found = resolve_import(sources, item, path, seen)
        if found:
            return found
    return (Local.of_import(path, imported[-1]),) if imported else ()


def _preferred(names: Names, typed: list[int]) -> int:
    """The implementation, rather than one of the overloads."""
    symbols = names.facts.symbols
    whole = [i for i in typed if not symbols[i].flags & SymbolFlag.DECLARATION]
    return (whole or typed)[-1]


def _starred(
    sources: Sources, path: str, names: Names, name: str, seen: _Seen
) -> tuple[Meaning, ...]:
    modules = [
        module
        for item in reversed(names.stars)
        if (module := find_module(sources, item.module, path)) is not None
        and module.path != path
    ]
    for module in likelier_first(sources, modules, name, "python"):
        found = find_exported(sources, module, name, seen)
        if found:
            return found
    return ()
