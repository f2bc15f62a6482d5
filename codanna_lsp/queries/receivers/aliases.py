"""TypeScript's type aliases that take types: `type Alive<T extends E> = T & {...}`.

Each parameter in the alias's text gives way to a name of its own that stands for what
was handed over, whichever file that was written in.
"""

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.queries.binding.meanings import meanings_at
from codanna_lsp.queries.binding.sources import Entity, Sources
from codanna_lsp.queries.receivers.type_text import parse_type
from codanna_lsp.queries.receivers.types import Type, Types, union

GIVEN = "\0"  # begins a name of a type that is known already


def generic_alias(
    sources: Sources,
    base: Expression,
    arguments: tuple[Expression, ...],
    path: str,
    depth: int,
) -> Types:
    """What `base<arguments>` is when `base` is such an alias; else ()."""
    from codanna_lsp.queries.receivers.annotations import instances_of
    from codanna_lsp.queries.receivers.javascript.generics import (
        stand_for,
        type_parameters,
    )

    if base.kind != "name":
        return ()
    for meaning in meanings_at(sources, path, base.text, base.line, base.column)[:1]:
        symbol = sources.symbol(meaning) if isinstance(meaning, Entity) else None
        if not isinstance(meaning, Entity) or symbol is None:
            return ()
        if symbol.kind != SymbolKind.TYPE_ALIAS or not symbol.type_text:
            return ()
        handed: dict[str, str] = {}
        names = type_parameters(symbol)
        for name, argument in zip(names, arguments, strict=False):
            given = instances_of(sources, argument, path, depth)
            handed[name] = stand_for(sources, given)
        written = parse_type(symbol.type_text, symbol.line, symbol.column)
        beneath = instances_of(sources, filled(written, handed), meaning.path, depth)
        known = sources.names(meaning.path)
        own = known is not None and known.members(meaning.symbol)
        return union((Type("instance", *meaning),), beneath) if own else beneath
    return ()


def filled(written: Expression, handed: dict[str, str]) -> Expression:
    """A type with its parameters replaced; no deeper than `parse_type` makes it."""
    if not handed:
        return written
    if written.kind == "name":
        return written._replace(text=handed.get(written.text, written.text))
    parts = tuple(filled(part, handed) for part in written.parts)
    return written._replace(parts=parts)
