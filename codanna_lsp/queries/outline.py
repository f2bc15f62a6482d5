"""The outline: what one file declares, as a tree.

Invariant: every symbol of the file stands in it once, in the order of the source.
Invariant: no deeper than MAX_DEPTH, and built without recursion.
"""

from typing import NamedTuple

from codanna_lsp.model.facts import FileFacts
from codanna_lsp.model.span import Span
from codanna_lsp.model.symbol import Symbol

MAX_DEPTH = 64  # what lies deeper is shown at this depth


class OutlineNode(NamedTuple):
    """One symbol and what it contains.

    span: the whole declaration, widened where needed to hold the name and, as far as
        they reach, all children: clients find the symbol at the cursor by it.
    """

    symbol: Symbol
    span: Span
    children: "tuple[OutlineNode, ...]"


def find_outline(facts: FileFacts) -> tuple[OutlineNode, ...]:
    """The file's top-level symbols with their children; empty where there are none."""
    parents = _parents(facts.symbols)
    below: list[list[OutlineNode]] = [[] for _ in facts.symbols]
    top: list[OutlineNode] = []
    # Containers stand before what they contain: from the end on, children are ready.
    for index in range(len(facts.symbols) - 1, -1, -1):
        symbol = facts.symbols[index]
        children = tuple(reversed(below[index]))
        node = OutlineNode(symbol, _span(symbol, children), children)
        parent = parents[index]
        (top if parent < 0 else below[parent]).append(node)
    return tuple(reversed(top))


def _parents(symbols: tuple[Symbol, ...]) -> list[int]:
    """Each symbol's parent in the outline, -1 at its top."""
    parents: list[int] = []
    depths: list[int] = []
    for index, symbol in enumerate(symbols):
        parent = symbol.container if -1 <= symbol.container < index else -1
        if parent >= 0 and depths[parent] + 1 >= MAX_DEPTH:
            parent = parents[parent]
        parents.append(parent)
        depths.append(depths[parent] + 1 if parent >= 0 else 0)
    return parents


def _span(symbol: Symbol, children: tuple[OutlineNode, ...]) -> Span:
    start = min(
        (symbol.start_line, symbol.start_column),
        (symbol.line, symbol.column),
        *((child.span.start_line, child.span.start_column) for child in children),
    )
    stop = max(
        (symbol.stop_line, symbol.stop_column),
        (symbol.line, symbol.end_column),
        *((child.span.stop_line, child.span.stop_column) for child in children),
    )
    return Span(*start, *stop)
