"""The live tree of an open file: what stands at a position, and which names it sees.

Invariant: nothing here raises on source text; broken code gives less, not an error.
Invariant: no tree_sitter type leaves this room.
"""

import re
from functools import cache
from importlib import import_module
from pathlib import Path as FilePath
from typing import Self

from tree_sitter import Node, Parser, Query, QueryCursor, Tree

import codanna_lsp.languages
from codanna_lsp.extraction.captures import is_crowded
from codanna_lsp.extraction.grammar import load_parser_language
from codanna_lsp.extraction.identifiers import find_words
from codanna_lsp.extraction.lines import with_line_feeds
from codanna_lsp.extraction.live.scopes import (
    BindingPlace,
    Evidence,
    Family,
    bindings_of,
    bound,
    path_to,
)
from codanna_lsp.extraction.live.words import (
    Binding,
    Expression,
    Occurrence,
    Owner,
)
from codanna_lsp.extraction.rules import load_rules
from codanna_lsp.languages.language import Language

_WORD = re.compile(rb"[A-Za-z_]\w*")


class SyntaxTree:
    """One version of one open file; made by `parse`, never changed."""

    __slots__ = ("_family", "_language", "_places", "_source", "_tree")

    def __init__(self, source: bytes, language: Language, tree: Tree) -> None:
        self._source = source
        self._language = language
        self._tree = tree
        self._family = _family(language.family)
        self._places: dict[str, list[BindingPlace]] | None = None

    @classmethod
    def parse(cls, source: bytes, language: Language) -> Self:
        """Parse a file's text; never raises on what the text is.

        A byte order mark is no part of the first line's columns.
        """
        source = with_line_feeds(source.removeprefix(b"\xef\xbb\xbf"))
        parser = Parser(load_parser_language(language))
        prepare = load_rules(language).prepare
        prepared = source
        if prepare is not None:
            prepared = prepare(source, find_words(source, language))
        return cls(source, language, parser.parse(prepared))

    @property
    def language(self) -> Language:
        """The language that it was parsed as."""
        return self._language

    def occurrence(self, line: int, column: int) -> Occurrence | None:
        """The identifier under a position or ending at it; None where there is none."""
        path = self._identifier_path(line, column)
        if len(path) > 1:
            return self._family.occurrence(path)
        return self._hidden_word(line, column)

    def bindings(self, name: str, line: int, column: int) -> list[Binding]:
        """The bindings of a name seen from a position, all of one scope.

        Those that reach the position come first, the nearest before it leading.
        """
        places = self._binding_places().get(name, [])
        if not places:
            return []
        node = self._node_at(line, column)
        use = path_to(self._tree.root_node, node)
        if self._family.is_path_head(node):
            places = [one for one in places if one.capture not in _VALUES]
        return bindings_of(self._family, self._tree.root_node, places, use)

    def owners(self, line: int, column: int) -> list[Owner]:
        """The classes and functions that enclose a position, innermost first."""
        path = path_to(self._tree.root_node, self._node_at(line, column))
        found: list[Owner] = []
        for node in reversed(path):
            kind = self._family.scopes.get(node.type)
            name = node.child_by_field_name("name")
            if name is None or kind not in ("class", "function"):
                continue
            text = (name.text or b"").decode("utf-8", "replace")
            found.append(Owner(text, kind, *name.start_point))
        return found

    def parameters(self, line: int, column: int) -> list[Binding]:
        """The parameters of the function whose name stands at a position, in order."""
        return self._family.parameters(self._declaration(line, column))

    def returns(self, line: int, column: int) -> list[Expression]:
        """What the function whose name stands at a position gives when called.

        A generator gives one "literal" Iterator of what it yields.
        """
        return self._family.returns(self._declaration(line, column))

    def attributes(self, name: str, line: int, column: int) -> list[Binding]:
        """What methods assign to an attribute of the class named at a position."""
        return self._family.attributes(self._declaration(line, column), name)

    def implemented(self, line: int, column: int) -> Expression | None:
        """The trait of Rust's `impl Trait for T` around a position."""
        return self._family.implemented(self._node_at(line, column))

    def label(self, name: str, line: int, column: int) -> Binding | None:
        """The label of this name in the function around a position."""
        path = path_to(self._tree.root_node, self._node_at(line, column))
        scopes = self._family.scopes
        functions = [node for node in path if scopes.get(node.type) == "function"]
        pending = functions[-1:]
        while pending:
            node = pending.pop()
            above = node.parent.type if node.parent is not None else ""
            if node.type == "labeled_statement" or (
                node.type == "label" and above not in _LEAVING
            ):
                label = node.named_children[0]
                if (label.text or b"").decode("utf-8", "replace") == name:
                    evidence = Evidence(node)
                    return bound(label, "variable", "function", evidence)
            pending += reversed(node.named_children)
        return None

    def exported(self) -> Expression | None:
        """What a CommonJS file assigns to `module.exports`, as a whole."""
        return self._family.exported(self._tree.root_node)

    def decorators(self, line: int, column: int) -> list[Expression]:
        """The decorators of the function or class whose name stands at a position."""
        return self._family.decorators(self._declaration(line, column))

    def tests(self, name: str, line: int, column: int) -> list[Expression]:
        """The classes that conditions around a position have tested a name for."""
        node = self._node_at(line, column)
        return self._family.tests(path_to(self._tree.root_node, node), name)

    def _declaration(self, line: int, column: int) -> list[Node]:
        path = path_to(self._tree.root_node, self._node_at(line, column))
        return path[:-1] or path

    def _binding_places(self) -> dict[str, list[BindingPlace]]:
        if self._places is None:
            found: dict[str, list[BindingPlace]] = {}
            query = _scopes_query(self._language)
            root = self._tree.root_node
            captures = {} if is_crowded(root) else QueryCursor(query).captures(root)
            for capture, nodes in captures.items():
                for node in nodes:
                    name = (node.text or b"").decode("utf-8", "replace")
                    found.setdefault(name, []).append(BindingPlace(node, capture))
            for places in found.values():
                places.sort(key=lambda place: place.node.start_byte)
            self._places = found
        return self._places

    def _identifier_path(self, line: int, column: int) -> list[Node]:
        root = self._tree.root_node
        for shift in (0, 1):
            node = self._node_at(line, column - shift) if column >= shift else None
            if node is not None and node.type in self._family.identifiers:
                return path_to(root, node)
        return []

    def _hidden_word(self, line: int, column: int) -> Occurrence | None:
        """A word that the grammar of C does not see: a blanked macro, a macro's body."""
        if load_rules(self._language).prepare is None:
            return None
        root = self._tree.root_node
        row, lead = root.start_point
        text = (self._source.split(b"\n", line + 1)[line:] or [b""])[0]
        at = max(line - row, 0)
        shown = ((root.text or b"").split(b"\n", at + 1)[at:] or [b""])[0]
        if line <= row:  # the root begins with the first thing that is not blank
            shown = b" " * (lead if line == row else len(text)) + shown
        for word in _WORD.finditer(text):
            start, stop = word.span()
            if not start <= column <= stop:
                continue
            name = word[0].decode("utf-8", "replace")
            if not shown[start:stop].strip():
                return Occurrence(name, "name", line, start, stop)
            if self._family.is_formatted(self._node_at(line, start), text, start):
                return Occurrence(name, "name", line, start, stop)
            in_body = self._node_at(line, start).type == "preproc_arg"
            if in_body and name not in self._language.keywords:
                if text[:start].rstrip().endswith((b".", b"->", b"::")):
                    owner = Expression("unknown", "", line, start)
                    return Occurrence(name, "member", line, start, stop, owner)
                return Occurrence(name, "name", line, start, stop)
        return None

    def _node_at(self, line: int, column: int) -> Node:
        point = (line, column)
        root = self._tree.root_node
        found = root.named_descendant_for_point_range(point, point)
        return found if found is not None else root


@cache
def _scopes_query(language: Language) -> Query:
    folder = FilePath(codanna_lsp.languages.__path__[0])
    texts: list[str] = []
    for name in language.queries:
        file = folder / name.replace("symbols.scm", "scopes.scm").replace(
            "ecma.scm", "ecma_scopes.scm"
        )
        if file == folder / name:
            continue
        if file.is_file():
            texts.append(file.read_text(encoding="utf-8"))
    return Query(load_parser_language(language), "\n".join(dict.fromkeys(texts)))


@cache
def _family(name: str) -> Family:
    module, attribute = _FAMILIES[name]
    family: Family = getattr(import_module(module), attribute)
    return family


_VALUES = frozenset({"variable", "parameter"})
_LEAVING = frozenset({"break_expression", "continue_expression"})  # Rust's
_STATIC = "codanna_lsp.extraction.live.static_families"
_FAMILIES = {
    "c": (_STATIC, "C"),
    "go": (_STATIC, "GO"),
    "java": (_STATIC, "JAVA"),
    "rust": (_STATIC, "RUST"),
    "javascript": ("codanna_lsp.extraction.live.javascript_scopes", "JAVASCRIPT"),
    "python": ("codanna_lsp.extraction.live.python_bodies", "PYTHON"),
}
