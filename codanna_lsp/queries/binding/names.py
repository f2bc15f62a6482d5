"""The names that files declare, kept from question to question: unpacking the facts of
a large header takes longer than all else of a question.

Invariant: what is kept is of these very bytes, made by this extractor.
"""

import threading
from collections import OrderedDict

from codanna_lsp.index.view import View
from codanna_lsp.model.facts import FileFacts
from codanna_lsp.model.imports import Import
from codanna_lsp.model.symbol import SymbolFlag, SymbolKind

MAX_KEPT_ITEMS = 40_000  # symbols, relations and imports of all files kept: some 10 MB

FUNCTION_KINDS = frozenset(
    {SymbolKind.FUNCTION, SymbolKind.METHOD, SymbolKind.CONSTRUCTOR}
)


class Names:
    """The names that one file's facts declare, by what contains them."""

    __slots__ = ("_inline", "_members", "facts", "imports", "stars", "top")

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts
        self._inline: tuple[int, ...] | None = None
        self._members: dict[int, dict[str, list[int]]] | None = None
        self.top: dict[str, list[int]] = {}
        for index, symbol in enumerate(facts.symbols):
            if symbol.container < 0:
                self.top.setdefault(symbol.name, []).append(index)
        self.imports: dict[str, list[Import]] = {}
        self.stars: list[Import] = []
        for item in facts.imports:
            if item.name:
                self.imports.setdefault(item.name, []).append(item)
            elif item.original == "*":
                self.stars.append(item)

    @property
    def size(self) -> int:
        """How many things the facts tell of."""
        facts = self.facts
        return len(facts.symbols) + len(facts.relations) + len(facts.imports)

    @property
    def inline_modules(self) -> tuple[int, ...]:
        """The indices of Rust's `mod name { ... }`, outermost first."""
        if self._inline is None:
            self._inline = tuple(
                index
                for index, symbol in enumerate(self.facts.symbols)
                if symbol.kind == SymbolKind.MODULE and not self.is_module_line(index)
            )
        return self._inline

    def is_module_line(self, index: int) -> bool:
        """Whether a symbol is Rust's `mod name;`, whose module is another file."""
        symbol = self.facts.symbols[index]
        return symbol.kind == SymbolKind.MODULE and any(
            item.module == "self" for item in self.imports.get(symbol.name, ())
        )

    def body_of(self, index: int, family: str) -> int:
        """Of a function that is declared several times, the last; else itself.

        That is where Python's and TypeScript's overloads have their body.
        """
        symbol = self.facts.symbols[index]
        overloads = family == "javascript" or symbol.flags & SymbolFlag.DECLARATION
        if symbol.kind not in FUNCTION_KINDS or not overloads:
            return index
        if family not in ("python", "javascript"):
            return index
        others = (
            self.members(symbol.container) if symbol.container >= 0 else self.top
        ).get(symbol.name, [])
        return others[-1] if others else index

    @property
    def assigns_exports(self) -> bool:
        """Whether the file may assign `module.exports` as a whole."""
        if any(item.reexport for item in self.facts.imports):
            return False
        words = self.facts.identifiers
        return "exports" in words and "module" in words

    def import_at(self, line: int, column: int) -> Import | None:
        """The import whose bound name starts at a place."""
        for item in self.facts.imports:
            if item.line == line and item.column == column and item.name:
                return item
        return None

    def scoped(self, owner: str) -> dict[str, list[int]]:
        """What is declared elsewhere in the file as a member of an owner, by name."""
        found: dict[str, list[int]] = {}
        for index, symbol in enumerate(self.facts.symbols):
            if symbol.scope == owner:
                found.setdefault(symbol.name, []).append(index)
        return found

    def around(self, line: int, column: int) -> list[int]:
        """The symbols whose declarations hold a place, innermost first."""
        place = line, column
        return [
            index
            for index, symbol in enumerate(self.facts.symbols)
            if (symbol.start_line, symbol.start_column)
            <= place
            < (symbol.stop_line, symbol.stop_column)
        ][::-1]

    def members(self, container: int) -> dict[str, list[int]]:
        """The indices of what a symbol contains, by name."""
        if self._members is None:
            self._members = {}
            for index, symbol in enumerate(self.facts.symbols):
                inside = self._members.setdefault(symbol.container, {})
                inside.setdefault(symbol.name, []).append(index)
        return self._members.get(container, {})

    def members_named(self, name: str) -> list[int]:
        """The indices of the symbols of a name that something contains."""
        symbols = self.facts.symbols
        return [
            index
            for index, symbol in enumerate(symbols)
            if symbol.name == name and symbol.container >= 0
        ]

    def symbol_at(self, line: int, column: int) -> int:
        """The index of the symbol whose name starts at a place, or -1."""
        for index, symbol in enumerate(self.facts.symbols):
            if symbol.line == line and symbol.column == column:
                return index
        return -1


class _Kept:
    """The files asked for last, the oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: OrderedDict[object, Names] = OrderedDict()
        self._items = 0

    def find(self, version: object) -> Names | None:
        with self._lock:
            found = self._names.get(version)
            if found is not None:
                self._names.move_to_end(version)
            return found

    def keep(self, version: object, names: Names) -> None:
        size = names.size
        if size > MAX_KEPT_ITEMS:
            return
        with self._lock:
            if version in self._names:
                return
            self._names[version] = names
            self._items += size
            while self._items > MAX_KEPT_ITEMS:
                self._items -= self._names.popitem(last=False)[1].size


_KEPT = _Kept()


def names_of(view: View, path: str) -> Names | None:
    """What a file declares, or None when the index has no facts of it."""
    digest = view.version(path)
    version = None if digest is None else (path, *digest)
    found = None if version is None else _KEPT.find(version)
    if found is None:
        facts = view.facts(path)
        if facts is None:
            return None
        found = Names(facts)
        if version is not None:
            _KEPT.keep(version, found)
    return found
