"""Names to what they stand for: what one question has read, and what names mean in it.

Invariant: a question reads facts of a file once, parses at most MAX_TREES files that
are not open, and takes at most MAX_STEPS steps; past them it knows less.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Self

from codanna_lsp.extraction.live.words import Binding, Occurrence
from codanna_lsp.extraction.syntax import SyntaxTree
from codanna_lsp.index.view import View
from codanna_lsp.model.imports import Import
from codanna_lsp.model.symbol import Symbol, SymbolKind
from codanna_lsp.queries.binding.names import Names, names_of

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
            is_file = not path.endswith("/")
            self._names[path] = names_of(self.view, path) if is_file else None
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
