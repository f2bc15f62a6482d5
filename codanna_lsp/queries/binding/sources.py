"""Names to what they stand for: what one question has read, and what names mean in it.

Invariant: a question reads facts of a file once, parses at most MAX_TREES files that
are not open, and takes at most MAX_STEPS steps; past them it knows less.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Self

from codanna_lsp.extraction.live.words import Binding, Occurrence
from codanna_lsp.extraction.syntax import SyntaxTree
from codanna_lsp.index.view import View
from codanna_lsp.model.facts import FileFacts
from codanna_lsp.model.imports import Import
from codanna_lsp.model.symbol import Symbol, SymbolFlag, SymbolKind

MAX_TREES = 8
MAX_STEPS = 4_000

Trees = Callable[[str], SyntaxTree | None]

CLASS_KINDS = frozenset(
    {
        SymbolKind.CLASS,
        SymbolKind.ENUM,
        SymbolKind.INTERFACE,
        SymbolKind.STRUCT,
        SymbolKind.TRAIT,
    }
)
FUNCTION_KINDS = frozenset(
    {SymbolKind.FUNCTION, SymbolKind.METHOD, SymbolKind.CONSTRUCTOR}
)


class Entity(NamedTuple):
    """A symbol of a file by its place in the facts; -1 is the file, as a module.

    path: of a module without a file of its own, its folder with "/" at the end.
    """

    path: str
    symbol: int


class Local(NamedTuple):
    """A binding that is no symbol: a parameter, a local, a loop's variable."""

    path: str
    binding: Binding

    @classmethod
    def of_import(cls, path: str, item: Import) -> Self:
        """An import itself, where what it names lies outside of the workspace."""
        stop = item.column + len(item.name.encode())
        place = (item.line, item.column, stop, item.line, item.column, item.line, stop)
        return cls(path, Binding(item.name, "import", "file", *place))

    @classmethod
    def of_occurrence(cls, path: str, one: Occurrence) -> Self:
        """A parameter that nothing else sees: a prototype's."""
        place = (one.line, one.column, one.end_column, one.line, one.column, one.line)
        binding = Binding(one.name, "parameter", "function", *place, one.end_column)
        return cls(path, binding)


Meaning = Entity | Local


class Names:
    """The names that one file's facts declare, by what contains them."""

    __slots__ = ("_members", "facts", "imports", "stars", "top")

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts
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


class Sources:
    """What one question has read."""

    __slots__ = (
        "_names",
        "_read_tree",
        "_steps",
        "_trees",
        "busy",
        "family",
        "memory",
        "view",
    )

    def __init__(
        self, view: View, path: str, tree: SyntaxTree, read_tree: Trees | None
    ) -> None:
        self.view = view
        self.family = tree.language.family
        self._read_tree = read_tree
        self._trees: dict[str, SyntaxTree | None] = {path: tree}
        self._names: dict[str, Names | None] = {}
        self._steps = MAX_STEPS
        self.busy: set[object] = set()
        self.memory: dict[object, Any] = {}

    def step(self) -> bool:
        """Count one step; false when the question has taken all it may."""
        self._steps -= 1
        return self._steps > 0

    def names(self, path: str) -> Names | None:
        """A file's declared names, or None when the index has no facts of it."""
        if path not in self._names:
            facts = self.view.facts(path) if not path.endswith("/") else None
            self._names[path] = None if facts is None else Names(facts)
        return self._names[path]

    def symbol(self, entity: Entity) -> Symbol | None:
        """The symbol that an entity is; None for a module."""
        names = self.names(entity.path) if entity.symbol >= 0 else None
        return names.facts.symbols[entity.symbol] if names is not None else None

    def known_tree(self, path: str) -> SyntaxTree | None:
        """A file's tree if it is open or was parsed for this question."""
        return self._trees.get(path)

    def tree(self, path: str) -> SyntaxTree | None:
        """A file's tree, parsed if need be."""
        if path not in self._trees:
            if self._read_tree is None or len(self._trees) > MAX_TREES:
                return None
            self._trees[path] = self._read_tree(path)
        return self._trees[path]
