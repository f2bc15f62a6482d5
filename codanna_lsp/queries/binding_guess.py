"""The ladder's last steps: the one symbol of that name, or a ranked list of several.

Invariant: the same question gives the same order.
"""

from posixpath import commonpath, dirname

from codanna_lsp.index.view import SymbolRow
from codanna_lsp.languages.registry import get_language
from codanna_lsp.model.symbol import SymbolFlag, SymbolKind
from codanna_lsp.queries.binding import CLASS_KINDS, Entity, Sources
from codanna_lsp.queries.imports import family_of

_MAX_ROWS = 200  # of one name that are looked at
_MEMBERS = frozenset(
    {
        SymbolKind.METHOD,
        SymbolKind.FIELD,
        SymbolKind.PROPERTY,
        SymbolKind.ENUM_MEMBER,
        SymbolKind.CONSTRUCTOR,
        SymbolKind.EVENT,
        SymbolKind.FUNCTION,
        SymbolKind.CONSTANT,
        SymbolKind.VARIABLE,
    }
)


def guess_name(sources: Sources, path: str, name: str) -> list[Entity]:
    """The symbols that a plain name may mean: those that no function or class holds."""
    rows = _rows(sources, path, name)
    outer = [row for row in rows if not row.container] or [
        row for row in rows if row.kind not in _INNER
    ]
    return _ranked(path, outer)


_INNER = frozenset({SymbolKind.METHOD, SymbolKind.FIELD, SymbolKind.PROPERTY})


def guess_member(sources: Sources, path: str, name: str) -> list[Entity]:
    """The symbols that a member of something unknown may be; owned ones first."""
    rows = _rows(sources, path, name)
    owned = [row for row in rows if row.container and row.kind in _MEMBERS]
    return _ranked(path, owned or [row for row in rows if row.kind in CLASS_KINDS])


def _rows(sources: Sources, path: str, name: str) -> list[SymbolRow]:
    family = family_of(sources, path)
    return [
        row
        for row in sources.view.symbols_named(name, _MAX_ROWS)
        if get_language(row.language).family == family
    ]


def _ranked(path: str, rows: list[SymbolRow]) -> list[Entity]:
    here = dirname(path)

    def rank(row: SymbolRow) -> tuple[bool, bool, bool, int, str, int]:
        there = dirname(row.path)
        shared = len(commonpath([here, there])) if here and there else 0
        return (
            row.path != path,
            bool(row.flags & SymbolFlag.DECLARATION),
            bool(row.flags & SymbolFlag.TEST),
            -shared,
            row.path,
            row.line,
        )

    return [Entity(row.path, row.index) for row in sorted(rows, key=rank)]
