"""Marking the symbols whose columns are not the same in every encoding.

Invariant: a symbol without SymbolFlag.WIDE has the same line and columns in UTF-8,
UTF-16 and UTF-32, and whichever line ends are counted.
"""

from collections.abc import Sequence

from codanna_lsp.model.symbol import Symbol, SymbolFlag

_WIDE = int(SymbolFlag.WIDE)


def mark_wide(
    symbols: list[Symbol], source: bytes, lines: Sequence[int]
) -> list[Symbol]:
    """The symbols, those flagged that stand behind or are more than ASCII.

    `lines` are the starts of the lines.
    """
    if source.isascii():
        return symbols
    return [
        symbol
        if source[lines[symbol.line] : lines[symbol.line] + symbol.end_column].isascii()
        else _flagged(symbol)
        for symbol in symbols
    ]


def _flagged(symbol: Symbol) -> Symbol:
    return symbol._replace(flags=symbol.flags | _WIDE)
