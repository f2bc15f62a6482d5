"""Declarations by name, out of the columns: no facts are decoded to find them."""

from collections.abc import Callable

from codanna_lsp.index.view import SymbolRow
from codanna_lsp.languages.registry import get_language
from codanna_lsp.model.symbol import SymbolFlag, SymbolKind
from codanna_lsp.queries.binding.sources import Entity, Sources

MAX_ROWS = 300  # of one name that are looked at
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
