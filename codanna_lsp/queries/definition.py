"""Go to definition: a ladder of steps, the first that finds something wins.

Invariant: one target when a step is sure, else a ranked list of at most MAX_TARGETS.
Invariant: never from one family of languages into another, but by an import.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from codanna_lsp.extraction.live.words import Binding, Occurrence
from codanna_lsp.extraction.syntax import SyntaxTree
from codanna_lsp.index.view import View
from codanna_lsp.model.span import Span
from codanna_lsp.model.symbol import Symbol, SymbolKind
from codanna_lsp.queries.binding.guess import (
    guess_member,
    guess_name,
    is_in_library,
    is_namespace,
    partner_of,
)
from codanna_lsp.queries.binding.imports import file_of, rules_of
from codanna_lsp.queries.binding.meanings import (
    class_of,
    imported_at,
    is_elsewhere,
    meanings_at,
    meanings_of,
    methods_at,
    tagged,
    typed_import,
)
from codanna_lsp.queries.binding.sources import (
    Entity,
    Local,
    Meaning,
    Sources,
    Trees,
)
from codanna_lsp.queries.receivers.javascript.signatures import meant_by_call
from codanna_lsp.queries.receivers.members import fitting_plainly
from codanna_lsp.queries.receivers.overloads import (
    body_of,
    choose_member,
    fitting_overloads,
)
from codanna_lsp.queries.receivers.parameters import find_keyword
from codanna_lsp.queries.receivers.types import (
    BUILT_IN_NAMES,
    JAVASCRIPT_NAMES,
    RUST_MACROS,
    RUST_METHODS,
    RUST_NAMES,
)
from codanna_lsp.queries.receivers.values import find_members, types_of

MAX_TARGETS = 10


class DefinitionQuestion(NamedTuple):
    """A position in a file: 0-based line and UTF-8 byte column."""

    path: str
    line: int
    column: int


class Target(NamedTuple):
    """One place that is said to define the name.

    span: of the name. full: of the whole declaration. kind: a SymbolKind's number.
    confidence: from 0 (a guess) to 1 (bound by the language's own rules).
    step: of the ladder, as DefinitionAnswer has it.
    """

    path: str
    span: Span
    full: Span
    kind: int
    confidence: float
    step: str


class DefinitionAnswer(NamedTuple):
    """What was found, the best first; and the step of the ladder that found it.

    step: "local", "file", "import", "wildcard", "receiver", "keyword", "package",
    "global", "guess", "itself" or "" for nothing.
    """

    targets: tuple[Target, ...]
    step: str


NOTHING = DefinitionAnswer((), "")


def find_definition(
    view: View,
    question: DefinitionQuestion,
    tree: SyntaxTree,
    *,
    read_tree: Trees | None = None,
) -> DefinitionAnswer:
    """Where the name at a position is defined.

    tree: of the file asked about, as it is in the editor.
    read_tree: gives the tree of another file of the workspace, or None; asked for a few
        files only, where facts do not tell enough (parameters, untyped results).
    """
    occurrence = tree.occurrence(question.line, question.column)
    if occurrence is None:
        return NOTHING
    sources = Sources(view, question.path, tree, read_tree)
    find = _PLACES.get(occurrence.place)
    return find(sources, question.path, occurrence) if find else NOTHING


def _find_name(sources: Sources, path: str, occurrence: Occurrence) -> DefinitionAnswer:
    tree = sources.tree(path)
    if tree is None:
        return NOTHING
    name, line, column = occurrence.name, occurrence.line, occurrence.column
    if tree.language.family == "java" and occurrence.is_called:
        return _find_declared(sources, path, occurrence)  # no variable is called
    bindings = tree.bindings(name, line, column)
    own = [b for b in bindings if (b.line, b.column) == (line, column)]
    if own and own[0].kind != "import":
        return _find_own(sources, path, own[0])
    if bindings:
        best = bindings[0]
        if best.kind == "import":
            best = typed_import(sources, path, bindings)
        step = "file" if best.scope == "file" else "local"
        step = "import" if best.kind == "import" else step
        meanings = meanings_of(sources, path, best)
        if best.kind == "function" and occurrence.given is not None:
            meanings = _overload(sources, path, occurrence, bindings) or meanings
        meant = [meant_by_call(sources, path, one, occurrence) for one in meanings[:1]]
        return _answer(sources, meant, step, 1.0)
    if tree.language.family not in ("python", "javascript"):
        return _find_declared(sources, path, occurrence)
    rules = rules_of(sources, path)
    if rules is not None:
        starred = rules.starred_name(sources, path, name)
        if starred:
            return _answer(sources, starred[:1], "wildcard", 0.9)
    if name in _MODULE_NAMES and tree.language.family == "python":
        return _answer(sources, [Entity(path, -1)], "file", 1.0)
    if name in _OWN_NAMES.get(tree.language.family, ()):
        return NOTHING
    return _guessed(sources, guess_name(sources, path, name), "global")


def _overload(
    sources: Sources, path: str, occurrence: Occurrence, bindings: list[Binding]
) -> tuple[Meaning, ...]:
    """Of functions of one name in sight, the one that is meant."""
    seen = [one for b in bindings for one in meanings_of(sources, path, b)]
    found = tuple(dict.fromkeys(seen))
    return fitting_overloads(sources, path, found, occurrence.given)


def _find_declared(
    sources: Sources, path: str, occurrence: Occurrence
) -> DefinitionAnswer:
    """A name without a local binding, in a language whose files see one another."""
    names, line, column = sources.names(path), occurrence.line, occurrence.column
    index = names.symbol_at(line, column) if names is not None else -1
    if index >= 0:
        itself = partner_of(sources, Entity(path, index))
        return _answer(sources, [itself], "itself", 1.0)
    if occurrence.place == "definition":
        return _answer(sources, [Local.of_occurrence(path, occurrence)], "itself", 1.0)
    if sources.family == "java" and occurrence.is_called:
        found = methods_at(sources, path, occurrence.name, line, column)
    else:
        found = meanings_at(sources, path, occurrence.name, line, column)
    found = fitting_plainly(sources, found, occurrence)
    found = fitting_overloads(sources, path, found, occurrence.given)
    if found:
        step = "package"
        if isinstance(found[0], Local):
            step = "import"
        elif found[0].path == path:
            step = "file"
        return _answer(sources, [body_of(sources, found[0])], step, 0.9)
    if occurrence.name in _OWN_NAMES.get(sources.family, ()):
        return NOTHING
    return _guessed(sources, guess_name(sources, path, occurrence.name), "global")


def _find_own(sources: Sources, path: str, binding: Binding) -> DefinitionAnswer:
    """On a binding: what it takes out of an object, or else itself."""
    taken = meanings_of(sources, path, binding)
    value = binding.value
    if taken and is_elsewhere(sources, path, taken[0], binding):
        partners = [partner_of(sources, e) for e in taken[:1] if isinstance(e, Entity)]
        return _answer(sources, partners or taken[:1], "import", 1.0)
    if value is not None and value.kind == "member" and value.text == binding.name:
        for owner in types_of(sources, value.parts[0], path):
            found = find_members(sources, owner, binding.name)
            if found and is_elsewhere(sources, path, found[0], binding):
                return _answer(sources, found[:1], "receiver", 0.95)
    return _answer(sources, [Local(path, binding)], "itself", 1.0)


_OWN_NAMES = {
    "python": BUILT_IN_NAMES,
    "javascript": JAVASCRIPT_NAMES,
    "rust": RUST_NAMES,
}
_MODULE_NAMES = frozenset(
    {"__name__", "__file__", "__path__", "__package__", "__spec__", "__loader__"}
)


def _find_definition(
    sources: Sources, path: str, occurrence: Occurrence
) -> DefinitionAnswer:
    names = sources.names(path)
    index = names.symbol_at(occurrence.line, occurrence.column) if names else -1
    if names is None or index < 0:
        return _find_name(sources, path, occurrence)
    imported = imported_at(sources, path, occurrence.line, occurrence.column)
    if imported and imported[0] != Entity(path, index):
        return _answer(sources, imported[:1], "import", 1.0)
    body = Entity(path, names.body_of(index, sources.family))
    return _answer(sources, [partner_of(sources, body)], "itself", 1.0)


def _find_member(
    sources: Sources, path: str, occurrence: Occurrence
) -> DefinitionAnswer:
    if occurrence.receiver is None:
        return NOTHING
    if sources.family == "c":
        names = sources.names(path)
        index = names.symbol_at(occurrence.line, occurrence.column) if names else -1
        if index >= 0:  # `void C::f() {`
            partner = partner_of(sources, Entity(path, index))
            return _answer(sources, [partner], "itself", 1.0)
    owners = types_of(sources, occurrence.receiver, path)
    for owner in owners:
        chosen = choose_member(sources, path, owner, occurrence)
        if chosen is not None:
            chosen = meant_by_call(sources, path, chosen, occurrence)
            return _answer(sources, [chosen], "receiver", 0.95)
    receiver = occurrence.receiver
    beyond = owners and all(one.kind == "outside" or not one.path for one in owners)
    if beyond or is_in_library(sources, receiver):
        return NOTHING
    if sources.family == "c" and is_namespace(sources, receiver.text):
        rules = rules_of(sources, path)
        seen = rules.starred_name(sources, path, occurrence.name) if rules else ()
        if seen:
            return _answer(sources, seen[:1], "package", 0.8)
    if sources.family == "rust" and occurrence.name in RUST_METHODS:
        return NOTHING
    called = occurrence.is_called if sources.family == "java" else None
    found = guess_member(sources, path, occurrence.name, receiver.text, called=called)
    return _guessed(sources, found, "guess")


def _find_attribute(
    sources: Sources, path: str, occurrence: Occurrence
) -> DefinitionAnswer:
    itself = _itself(sources, path, occurrence)
    if sources.family == "javascript" and itself.targets:
        declared = _find_member(sources, path, occurrence)
        if declared.step == "receiver":
            return declared
    return itself if itself.targets else _find_member(sources, path, occurrence)


def _find_keyword(
    sources: Sources, path: str, occurrence: Occurrence
) -> DefinitionAnswer:
    if occurrence.receiver is None:
        return _itself(sources, path, occurrence)
    callees = types_of(sources, occurrence.receiver, path)
    found = find_keyword(sources, callees, occurrence.name)
    if found:
        return _answer(sources, found[:1], "keyword", 0.95)
    return _itself(sources, path, occurrence)


def _itself(sources: Sources, path: str, occurrence: Occurrence) -> DefinitionAnswer:
    """The symbol that the name declares, if it does."""
    names = sources.names(path)
    index = names.symbol_at(occurrence.line, occurrence.column) if names else -1
    if index < 0:
        return NOTHING
    return _answer(sources, [Entity(path, index)], "itself", 1.0)


def _find_module(
    sources: Sources, path: str, occurrence: Occurrence
) -> DefinitionAnswer:
    found = imported_at(sources, path, occurrence.line, occurrence.column)
    if sources.family == "java":
        found = tuple(class_of(sources, one, occurrence.name) for one in found)
    return _answer(sources, found[:1], "import", 1.0) if found else NOTHING


def _find_label(
    sources: Sources, path: str, occurrence: Occurrence
) -> DefinitionAnswer:
    tree = sources.tree(path)
    place = occurrence.name, occurrence.line, occurrence.column
    found = tree.label(*place) if tree is not None else None
    return _answer(sources, [Local(path, found)], "local", 1.0) if found else NOTHING


def _find_macro(
    sources: Sources, path: str, occurrence: Occurrence
) -> DefinitionAnswer:
    """What is invoked with `!` is no function; the library's may be a file's own."""
    found = _find_name(sources, path, occurrence)
    if found.step == "import":
        return found
    if occurrence.name in RUST_MACROS:
        found = found._replace(
            targets=tuple(t for t in found.targets if t.path == path)
        )
    kept = tuple(one for one in found.targets if one.kind == SymbolKind.MACRO)
    return found._replace(targets=kept) if kept else NOTHING


def _find_tag(sources: Sources, path: str, occurrence: Occurrence) -> DefinitionAnswer:
    found: tuple[Meaning, ...] = tagged(sources, path, occurrence)
    found = found[:1] or (Local.of_occurrence(path, occurrence),)
    step = "file" if found[0].path == path else "package"
    return _answer(sources, found, step, 0.9)


_PLACES: dict[str, Callable[[Sources, str, Occurrence], DefinitionAnswer]] = {
    "name": _find_name,
    "definition": _find_definition,
    "member": _find_member,
    "attribute": _find_attribute,
    "keyword": _find_keyword,
    "module": _find_module,
    "imported": _find_module,
    "label": _find_label,
    "tag": _find_tag,
    "macro": _find_macro,
}


def _guessed(sources: Sources, found: list[Entity], step: str) -> DefinitionAnswer:
    sure = len(found) == 1
    return _answer(
        sources, found[:MAX_TARGETS], step if sure else "guess", 0.6 if sure else 0.3
    )


def _answer(
    sources: Sources, found: Iterable[Meaning], step: str, confidence: float
) -> DefinitionAnswer:
    targets = [_target(sources, one, step, confidence) for one in found]
    kept = tuple(one for one in targets if one is not None)
    return DefinitionAnswer(kept, step if kept else "")


def _target(
    sources: Sources, meaning: Meaning, step: str, confidence: float
) -> Target | None:
    if isinstance(meaning, Local):
        return _local_target(meaning, step, confidence)
    if meaning.symbol < 0:
        path = file_of(sources, meaning)
        start = Span(0, 0, 0, 0)
        kind = int(SymbolKind.MODULE)
        return Target(path, start, start, kind, confidence, step) if path else None
    symbol = sources.symbol(meaning)
    if symbol is None:
        return None
    return symbol_target(meaning.path, symbol, step=step, confidence=confidence)


def symbol_target(path: str, symbol: Symbol, *, step: str, confidence: float) -> Target:
    """A symbol as a target."""
    span = Span(symbol.line, symbol.column, symbol.line, symbol.end_column)
    full = Span(
        symbol.start_line, symbol.start_column, symbol.stop_line, symbol.stop_column
    )
    return Target(path, span, full, symbol.kind, confidence, step)


def _local_target(meaning: Local, step: str, confidence: float) -> Target:
    one = meaning.binding
    span = Span(one.line, one.column, one.line, one.end_column)
    full = Span(one.start_line, one.start_column, one.stop_line, one.stop_column)
    if not full.start_line <= one.line <= full.stop_line:
        full = span
    kinds = {"function": SymbolKind.FUNCTION, "class": SymbolKind.CLASS}
    kind = int(kinds.get(one.kind, SymbolKind.VARIABLE))
    return Target(meaning.path, span, full, kind, confidence, step)
