"""`self`, `this`, `super`, and modules that are required: what stands for itself."""

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.extraction.syntax import SyntaxTree
from codanna_lsp.model.symbol import SymbolKind
from codanna_lsp.queries.binding.imports import rules_of
from codanna_lsp.queries.binding.meanings import owners_named
from codanna_lsp.queries.binding.names import FUNCTION_KINDS, Names
from codanna_lsp.queries.binding.sources import CLASS_KINDS, Entity, Sources
from codanna_lsp.queries.receivers.types import (
    OUTSIDE,
    Type,
    TypeKind,
    Types,
    container,
)


def required(sources: Sources, expression: Expression, path: str) -> Types:
    """`require("x")`, and what `await import("x")` waits for."""
    rules = rules_of(sources, path)
    texts = [text for given in expression.parts[1:2] for text in given.parts]
    if rules is None or not texts:
        return (OUTSIDE,)
    module = rules.find_module(sources, texts[0].text, path)
    found: Types = (Type("module", module.path),) if module else (OUTSIDE,)
    if expression.parts[0].text == "import":
        return (container("Promise", (found,)),)
    return found


def this_types(sources: Sources, expression: Expression, path: str) -> Types:
    """`this`, `super` and `super()`: by the class around them."""
    tree = sources.known_tree(path)
    names = sources.names(path)
    if tree is None or names is None:
        return ()
    for owner in tree.owners(expression.line, expression.column):
        if owner.kind == "class":
            index = names.symbol_at(owner.line, owner.column)
            kind: TypeKind = "super" if expression.text == "super" else "instance"
            return (Type(kind, path, index),) if index >= 0 else ()
    found = _this_of_function(sources, names, expression, path)
    if not found and sources.family == "rust":
        return _implemented(sources, tree, expression, path)
    if expression.text == "Self":
        return tuple(one._replace(kind="class") for one in found)
    return found


def _implemented(
    sources: Sources, tree: SyntaxTree, expression: Expression, path: str
) -> Types:
    """The trait that an `impl` is of, for a type that the workspace does not have."""
    from codanna_lsp.queries.receivers.values import types_of

    trait = tree.implemented(expression.line, expression.column)
    found = types_of(sources, trait, path) if trait is not None else ()
    return tuple(one._replace(kind="instance") for one in found if one.path)


def _this_of_function(
    sources: Sources, names: Names, expression: Expression, path: str
) -> Types:
    """`this` outside of classes: what the function makes, or what holds it."""
    symbols = names.facts.symbols
    for index in names.around(expression.line, expression.column):
        symbol = symbols[index]
        if symbol.scope:
            beside = names.members(symbol.container) if symbol.container >= 0 else {}
            beside = beside if symbol.scope in beside else names.top
            own = [Entity(path, i) for i in beside.get(symbol.scope, ())]
            owners = own or owners_named(sources, path, symbol.scope)
            return tuple(Type("instance", *owner) for owner in owners)
        if symbol.kind in CLASS_KINDS:
            return (Type("instance", path, index),)
        if symbol.container >= 0 and symbols[symbol.container].kind in _VARIABLES:
            return (Type("instance", path, symbol.container),)
        if symbol.kind in FUNCTION_KINDS:
            return (Type("instance", path, index),)
    return ()


_VARIABLES = frozenset({SymbolKind.VARIABLE, SymbolKind.CONSTANT})


def own_class(
    sources: Sources, expression: Expression, path: str, _depth: int
) -> Types:
    """The class at a place, or an instance of it."""
    names = sources.names(path)
    if names is None:
        return ()
    index = names.symbol_at(expression.line, expression.column)
    if index < 0:
        return ()
    if expression.kind == "self":
        return (Type("instance", path, index),)
    return (Type("class", path, index),)
