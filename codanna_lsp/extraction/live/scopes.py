"""Scopes of the live tree: which places bind a name that is seen from a position.

A language's `scopes.scm` captures the identifiers that bind, and says by the capture's
name how far up: `parameter` in the nearest scope, `function.outer` in the scope around
what declares it, `variable.hoisted` in the nearest function, class or file. A family
of languages adds what a query cannot say (see Family).

Invariant: a tree's binding places are found once; one name's bindings are described
only when that name is asked about.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tree_sitter import Node

from codanna_lsp.extraction.live.words import (
    Binding,
    BindingKind,
    Expression,
    Occurrence,
    ScopeKind,
)

USUAL, NOWHERE = -1, -2
MAX_PLACES = 400  # of one name in one scope that are looked at

# From the root (first) to a node (last).
Path = Sequence[Node]


class Evidence(NamedTuple):
    """What is known of a binding besides its name; `statement` declares it.

    declared, value, stars: as a Binding has them.
    """

    statement: Node
    declared: str = ""
    value: Expression | None = None
    stars: int = 0


def _no_bindings(_path: Path) -> list[Binding]:
    return []


def _no_expressions(_path: Path) -> list[Expression]:
    return []


def _no_attributes(_path: Path, _name: str) -> list[Binding]:
    return []


def nothing(_node: Node) -> Expression | None:
    """Of a language that has no such thing."""
    return None


def _no_tests(_path: Path, _name: str) -> list[Expression]:
    return []


def never_formatted(_node: Node, _line: bytes, _column: int) -> bool:
    """Of a language whose texts hold no names."""
    return False


def never_a_head(_node: Node) -> bool:
    """Of a language in which a value may stand before any other name."""
    return False


class Family(NamedTuple):
    """What a family of languages says of its syntax.

    scopes: the node types that open a scope.
    identifiers: the node types that are names.
    evidence: what the binding at the end of a path is bound to.
    sees: whether the node at an index of a path sees the scope just above it.
    home: the index of the scope that a capture binds in; USUAL, or NOWHERE for what
        looks like a binding and is none.
    occurrence: what the identifier at the end of a path is.
    parameters, returns, attributes, decorators: of the declaration at the end of a
        path (its name's parent); tests, exported: see SyntaxTree.
    is_formatted: whether the word at a column of a line, in this node, is a name in a
        text that a macro fills.
    is_path_head: whether a node can name no value, as `a` in Rust's `a::b`.
    implemented: the trait of the `impl` around a node.
    ordered: a local name is not seen before it is declared (C, not Python).
    classes_enclose: functions in a class see its names (Java and C++, not Python).
    first_declares: a name that a scope binds twice is what its first place declares
        (Go's `:=`); else the nearest before a use counts.
    """

    scopes: Mapping[str, ScopeKind]
    identifiers: frozenset[str]
    evidence: Callable[[Path], Evidence]
    sees: Callable[[Path, int], bool]
    home: Callable[[Path, str], int]
    occurrence: Callable[[Path], Occurrence | None]
    parameters: Callable[[Path], list[Binding]] = _no_bindings
    returns: Callable[[Path], list[Expression]] = _no_expressions
    attributes: Callable[[Path, str], list[Binding]] = _no_attributes
    decorators: Callable[[Path], list[Expression]] = _no_expressions
    tests: Callable[[Path, str], list[Expression]] = _no_tests
    exported: Callable[[Node], Expression | None] = nothing
    is_formatted: Callable[[Node, bytes, int], bool] = never_formatted
    is_path_head: Callable[[Node], bool] = never_a_head
    implemented: Callable[[Node], Expression | None] = nothing
    classes_enclose: bool = False
    ordered: bool = False
    first_declares: bool = False


class BindingPlace(NamedTuple):
    """An identifier that binds, and the capture that found it."""

    node: Node
    capture: str


def path_to(root: Node, node: Node) -> list[Node]:
    """The nodes from the root down to a node; without recursion."""
    path = [root]
    current = root
    while current != node:
        below = current.child_with_descendant(node)
        if below is None:
            break
        path.append(below)
        current = below
    return path


def scope_chain(family: Family, path: Path) -> list[int]:
    """Indices in a path of the scopes that its last node sees, innermost first."""
    chain: list[int] = []
    inside_function = False
    for index in range(len(path) - 2, -1, -1):
        kind = family.scopes.get(path[index].type)
        if kind is None or not family.sees(path, index + 1):
            continue
        if kind == "class" and inside_function and not family.classes_enclose:
            continue
        inside_function = inside_function or kind == "function"
        chain.append(index)
    return chain


def home_of(family: Family, path: Path, capture: str) -> int:
    """The index in a path of the scope in which its last node binds, or NOWHERE."""
    chosen = family.home(path, capture)
    if chosen >= 0 or chosen == NOWHERE:
        return chosen
    rule = capture.partition(".")[2]
    start = len(path) - (3 if rule == "outer" else 2)
    for index in range(start, -1, -1):
        kind = family.scopes.get(path[index].type)
        if kind is None or (rule == "hoisted" and kind == "block"):
            continue
        return index
    return 0


_KINDS: Mapping[str, BindingKind] = {
    "parameter": "parameter",
    "variable": "variable",
    "function": "function",
    "class": "class",
    "import": "import",
    "type": "type",
    "type_parameter": "type_parameter",
    "namespace": "namespace",
}


def bindings_of(
    family: Family, root: Node, places: Sequence[BindingPlace], use: Path
) -> list[Binding]:
    """The bindings of one name that a use of it sees, of one scope, in source order.

    places: all places of the file that bind that name. use: the path to the use.
    """
    homes = _Homes(family, root, list(places))
    for index in scope_chain(family, use):
        scope = use[index]
        homes.read_inside(scope, use[-1].start_byte)
        found = homes.found_in(scope, is_file=index == 0)
        if found:
            kind = family.scopes.get(scope.type, "file")
            described = [described_binding(family, p, c, kind) for p, c, _ in found]
            local = family.ordered and kind in ("block", "function")
            places_found = [(p, h) for p, _, h in found]
            seen = _reaching(described, places_found, use, ordered=local)
            if seen and local and family.first_declares:
                return [min(seen, key=_place)]
            if seen:
                return seen
    return []


def _place(binding: Binding) -> tuple[int, int]:
    return binding.line, binding.column


class _Homes:
    """Where the places of one name bind, read from the inside of a file outwards."""

    def __init__(self, family: Family, root: Node, places: list[BindingPlace]) -> None:
        self.family = family
        self.root = root
        self.unread = places
        self.homes: dict[int, list[tuple[Path, str, int]]] = {}
        # Scopes that call the name `global` (true) or `nonlocal` (false).
        self.outward: dict[int, bool] = {}

    def read_inside(self, scope: Node, near: int) -> None:
        """Find the homes of the places in a scope, at most MAX_PLACES near a byte."""
        start, stop = scope.start_byte, scope.end_byte
        inside = [p for p in self.unread if start <= p.node.start_byte < stop]
        self.unread = [p for p in self.unread if not start <= p.node.start_byte < stop]
        if len(inside) > MAX_PLACES:
            inside.sort(key=lambda place: abs(place.node.start_byte - near))
            inside = inside[:MAX_PLACES]
        for node, capture in inside:
            path = path_to(self.root, node)
            home = home_of(self.family, path, capture)
            if home < 0:
                continue
            if capture.startswith(("global", "nonlocal")):
                self.outward[path[home].id] = capture.startswith("global")
            else:
                known = self.homes.setdefault(path[home].id, [])
                known.append((path, capture, home))

    def found_in(self, scope: Node, *, is_file: bool) -> list[tuple[Path, str, int]]:
        """The places that bind in a scope, in source order."""
        if scope.id in self.outward:
            return []
        found = list(self.homes.get(scope.id, ()))
        for other, is_global in self.outward.items():
            found += self.homes.get(other, ()) if is_file and is_global else ()
        found.sort(key=lambda place: place[0][-1].start_byte)
        return found


def described_binding(
    family: Family, path: Path, capture: str, scope: ScopeKind
) -> Binding:
    """The binding at the end of a path with its evidence."""
    kind = _KINDS[capture.partition(".")[0]]
    return bound(path[-1], kind, scope, family.evidence(path))


def bound(
    node: Node, kind: BindingKind, scope: ScopeKind, evidence: Evidence
) -> Binding:
    """A binding of the name that a node is."""
    statement = evidence.statement
    (line, column), (_, end_column) = node.start_point, node.end_point
    return Binding(
        name=(node.text or b"").decode("utf-8", "replace"),
        kind=kind,
        scope=scope,
        line=line,
        column=column,
        end_column=end_column,
        start_line=statement.start_point[0],
        start_column=statement.start_point[1],
        stop_line=statement.end_point[0],
        stop_column=statement.end_point[1],
        declared=evidence.declared,
        value=evidence.value,
        stars=evidence.stars,
    )


_BRANCHES = frozenset({"if_statement", "match_statement", "switch_statement"})


def _reaching(
    bindings: list[Binding],
    places: list[tuple[Path, int]],
    use: Path,
    *,
    ordered: bool,
) -> list[Binding]:
    """The bindings, those first that reach the use: the nearest before it, then on.

    places: the path to each, and the index in it of the scope that it binds in.
    ordered: without those that come after it.
    """
    here = use[-1].start_point

    def rank(index: int) -> tuple[int, int]:
        path, home = places[index]
        start = path[-1].start_point
        if start == here:
            return 0, -index
        if not ordered and _exclude(path, use):
            return 2, index
        if start > here or _assigns_around(path[home + 1 :], use):
            return 1, index
        return 0, -index

    ranked = sorted((rank(index), index) for index in range(len(bindings)))
    return [bindings[i] for (late, _), i in ranked if not (late and ordered)]


_ASSIGNMENTS = frozenset(
    {
        "assignment",
        "augmented_assignment",
        "variable_declarator",
        "named_expression",
        "init_declarator",
        "let_declaration",
        "short_var_declaration",
    }
)


def _assigns_around(binding: Path, use: Path) -> bool:
    """Whether the use stands in the very assignment that binds (`x = x + 1`)."""
    return any(node.type in _ASSIGNMENTS and node in use for node in binding[-6:])


def _exclude(one: Path, other: Path) -> bool:
    """Whether two nodes stand in different branches of one condition."""
    for index in range(min(len(one), len(other)) - 1):
        if one[index + 1] == other[index + 1]:
            continue
        fork = one[index]
        if fork.type not in _BRANCHES:
            return False
        condition = fork.child_by_field_name("condition")
        return condition not in (one[index + 1], other[index + 1])
    return False
