"""C's and C++'s includes: to files by their suffix; names to what those declare.

Invariant: a chain of includes is followed through at most MAX_INCLUDED files.
"""

from codanna_lsp.index.view import SymbolRow
from codanna_lsp.languages.c import resolve
from codanna_lsp.languages.roots import folders_between
from codanna_lsp.model.imports import Import
from codanna_lsp.model.symbol import SymbolFlag, SymbolKind
from codanna_lsp.queries.binding.rows import rows_of
from codanna_lsp.queries.binding.sources import Entity, Meaning, Sources

MAX_INCLUDED = 40  # files whose includes are read for one question
MAX_KNOWN = 4_000  # files whose includes are kept
_OUTSIDE_CLASSES = frozenset(
    {
        SymbolKind.FUNCTION,
        SymbolKind.CLASS,
        SymbolKind.STRUCT,
        SymbolKind.ENUM,
        SymbolKind.ENUM_MEMBER,
        SymbolKind.TYPE_ALIAS,
        SymbolKind.MACRO,
        SymbolKind.VARIABLE,
        SymbolKind.CONSTANT,
        SymbolKind.NAMESPACE,
    }
)


def find_module(sources: Sources, module: str, importer: str) -> Entity | None:
    """The file that an include names: beside the importer, else by its suffix."""
    asked = find_module, sources.view.root, module, importer.rpartition("/")[0]
    memory = sources.view.data.path_memory
    return memory.recall(asked, lambda: _find_file(sources, module, importer))


def _find_file(sources: Sources, module: str, importer: str) -> Entity | None:
    beside, suffix = resolve.included(module, importer)
    named = list(sources.view.paths_named(suffix.rpartition("/")[2]))
    if not module.startswith("<") and beside in named:
        return Entity(beside, -1)
    root = sources.view.root
    paths = [path for path in named if resolve.is_in(f"{root}/{path}", suffix)]
    if not paths:
        return None
    nearest = min(paths, key=lambda path: (folders_between(path, importer), path))
    return Entity(nearest, -1)


def find_exported(sources: Sources, module: Entity, name: str) -> tuple[Meaning, ...]:
    """What a file and its includes declare under a name."""
    return starred_name(sources, module.path, name)


def resolve_import(
    sources: Sources, item: Import, importer: str
) -> tuple[Meaning, ...]:
    """What `using a::b` binds."""
    return import_name(sources, item.module, item.original, importer)


def import_name(
    sources: Sources, module: str, name: str, _importer: str
) -> tuple[Meaning, ...]:
    """A name of a namespace, wherever it is declared."""
    owner = module.rpartition("::")[2]
    rows = [r for r in rows_of(sources, name, "c") if owner in r.container]
    return tuple(Entity(row.path, row.index) for row in rows)


def starred_name(sources: Sources, path: str, name: str) -> tuple[Meaning, ...]:
    """What a file, its includes and the sources of those call so.

    One definition of that name is taken wherever it is; of several those that the file
    includes (or that stand beside what it includes) come first, with a body before
    those without, and the nearest folder first.
    """
    rows = [row for row in rows_of(sources, name, "c") if row.kind in _OUTSIDE_CLASSES]
    if len({row.path for row in rows}) > 1:
        seen = included_files(sources, path)
        rows = [row for row in rows if _is_near(row.path, seen)]
        linked = [row for row in rows if row.path in seen or _has_linkage(row)]
        rows = linked or rows
    rows.sort(key=lambda row: _order(sources, row, path))
    return tuple(Entity(row.path, row.index) for row in rows)


def _order(
    sources: Sources, row: SymbolRow, path: str
) -> tuple[bool, bool, bool, bool, int]:
    bare = bool(row.flags & SymbolFlag.DECLARATION)
    return (
        _is_nested(sources, row),
        bare,
        bool(row.flags & SymbolFlag.UNBUILT),
        row.path != path,
        folders_between(row.path, path),
    )


def _is_nested(sources: Sources, row: SymbolRow) -> bool:
    """Whether it stands in a class of C++: outside, its name alone does not mean it."""
    return bool(row.container and row.language == "cpp") and any(
        other.path == row.path and other.kind in _CLASSES
        for other in rows_of(sources, row.container[-1], "c")
    )


def _has_linkage(row: SymbolRow) -> bool:
    """Whether other files can mean it without including the file where it stands."""
    return row.kind in _LINKED and bool(row.flags & SymbolFlag.EXPORTED)


_CLASSES = frozenset({SymbolKind.CLASS, SymbolKind.STRUCT})
_LINKED = frozenset({SymbolKind.FUNCTION, SymbolKind.VARIABLE, SymbolKind.CONSTANT})


def _is_near(path: str, seen: dict[str, None]) -> bool:
    if path in seen:
        return True
    partners = resolve.partner_names(path)
    return any(other.rpartition("/")[2] in partners for other in seen)


def included_files(sources: Sources, path: str) -> dict[str, None]:
    """A file and what it includes, nearest first."""
    known: dict[str, None] | None = sources.memory.get(("included", path))
    if known is not None:
        return known
    found: dict[str, None] = {path: None}
    pending = [path]
    read = 0
    while pending and read < MAX_INCLUDED:
        current = pending.pop(0)
        read += 1
        for text in _includes(sources, current):
            module = find_module(sources, text, current)
            if module is not None and module.path not in found:
                found[module.path] = None
                pending.append(module.path)
    sources.memory["included", path] = found
    return found


def _includes(sources: Sources, path: str) -> tuple[str, ...]:
    """What a file includes; kept from question to question, for a header's facts are
    much and each question about C reads many headers.
    """
    version = sources.view.version(path)
    key = (path, version)
    known = _KNOWN.get(key) if version is not None else None
    if known is None:
        names = sources.names(path)
        known = tuple(item.module for item in names.stars) if names is not None else ()
        if version is not None:
            if len(_KNOWN) >= MAX_KNOWN:
                _KNOWN.clear()
            _KNOWN[key] = known
    return known


_KNOWN: dict[object, tuple[str, ...]] = {}
