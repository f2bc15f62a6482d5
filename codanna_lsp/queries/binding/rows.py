"""Declarations by name, out of the columns: no facts are decoded to find them."""

from collections.abc import Callable
from posixpath import basename, dirname, splitext

from codanna_lsp.index.view import SymbolRow
from codanna_lsp.languages.registry import get_language
from codanna_lsp.model.symbol import SymbolFlag, SymbolKind
from codanna_lsp.queries.binding.sources import Entity, Sources

MAX_ROWS = 300  # of one name that are looked at
MAX_UNLIKELY = 24  # modules that are read although nothing speaks for them
_OUTER = frozenset({SymbolKind.NAMESPACE, SymbolKind.MODULE, SymbolKind.PACKAGE})


def rows_of(sources: Sources, name: str, family: str) -> list[SymbolRow]:
    """The symbols of a name in a family of languages, best static rank first."""
    key = ("rows", name, family)
    known: list[SymbolRow] | None = sources.memory.get(key)
    if known is None:
        known = [
            row
            for row in sources.view.symbols_named(name, MAX_ROWS)
            if get_language(row.language).family == family
        ]
        sources.memory[key] = known
    return known


def likelier_first(
    sources: Sources, modules: list[Entity], name: str, family: str
) -> list[Entity]:
    """Modules that may hand a name on, those first that lead to where it is declared.

    Of the others at most MAX_UNLIKELY in one question, so that a package that takes
    everything from a hundred modules does not have each of them read.
    """
    declared = {row.path for row in rows_of(sources, name, family) if not row.container}

    def rank(module: Entity) -> int:
        if module.path in declared:
            return 0
        stem = splitext(basename(module.path))[0]
        if stem not in ("__init__", "index", "mod"):
            return 2
        folder = dirname(module.path) + "/"
        return 1 if any(path.startswith(folder) for path in declared) else 2

    ranked = sorted(((rank(module), at) for at, module in enumerate(modules)))
    taken: int = sources.memory.get("unlikely modules", 0)
    found: list[Entity] = []
    for unlikely, at in ranked:
        taken += unlikely == 2
        if unlikely < 2 or taken <= MAX_UNLIKELY:
            found.append(modules[at])
    sources.memory["unlikely modules"] = taken
    return found


def declared_rows(
    sources: Sources,
    name: str,
    family: str,
    lies_in: Callable[[str], bool],
    *,
    first: str = "",
) -> tuple[Entity, ...]:
    """What files that `lies_in` accepts declare outside of classes under a name.

    Definitions come before declarations; those of the file `first` lead.
    """
    rows = [
        row
        for row in rows_of(sources, name, family)
        if lies_in(row.path) and not row.container
    ]
    rows.sort(
        key=lambda row: (bool(row.flags & SymbolFlag.DECLARATION), row.path != first)
    )
    return tuple(Entity(row.path, row.index) for row in rows)
