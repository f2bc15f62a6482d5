"""The ladder's last steps: the one symbol of that name, or a ranked list of several.

Invariant: the same question gives the same order.
"""

from posixpath import commonpath, dirname

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.index.view import SymbolRow
from codanna_lsp.model.symbol import Symbol, SymbolFlag, SymbolKind
from codanna_lsp.queries.binding.imports import family_of
from codanna_lsp.queries.binding.names import FUNCTION_KINDS
from codanna_lsp.queries.binding.rows import rows_of
from codanna_lsp.queries.binding.signatures import qualifiers, read_parameters
from codanna_lsp.queries.binding.sources import CLASS_KINDS, Entity, Sources
from codanna_lsp.queries.receivers.types import RUST_NAMES, RUST_PRIMITIVES

_MEMBERS = frozenset(
    {
        SymbolKind.METHOD,
        SymbolKind.FIELD,
        SymbolKind.PROPERTY,
        SymbolKind.ENUM_MEMBER,
        SymbolKind.CONSTRUCTOR,
        SymbolKind.EVENT,
        SymbolKind.FUNCTION,
        SymbolKind.CONSTANT,
        SymbolKind.VARIABLE,
    }
)


def guess_name(sources: Sources, path: str, name: str) -> list[Entity]:
    """The symbols that a plain name may mean: those that no function or class holds."""
    rows = _rows(sources, path, name)
    outer = [row for row in rows if not row.container] or [
        row for row in rows if row.kind not in _INNER
    ]
    return _ranked(path, outer)


_INNER = frozenset({SymbolKind.METHOD, SymbolKind.FIELD, SymbolKind.PROPERTY})


def guess_member(
    sources: Sources, path: str, name: str, owner: str = "", *, called: bool | None
) -> list[Entity]:
    """The symbols that a member of something unknown may be; owned ones first.

    owner: what stands before the name: those that something of that name holds win.
    called: whether a call names it, where methods and fields are told apart so.
    """
    if sources.family == "python" and name.startswith("__") and name.endswith("__"):
        return []  # each class has such
    rows = _rows(sources, path, name)
    if called is not None:
        rows = [row for row in rows if (row.kind in FUNCTION_KINDS) == called]
    named = [row for row in rows if owner and row.container[-1:] == (owner,)]
    if named:
        return _ranked(path, named)
    owned = [row for row in rows if row.container and row.kind in _MEMBERS]
    if family_of(sources, path) == "java":  # in `a.b.C` no constructor is named
        owned = [row for row in owned if row.kind != SymbolKind.CONSTRUCTOR]
    return _ranked(path, owned or [row for row in rows if row.kind in CLASS_KINDS])


def is_in_library(sources: Sources, receiver: Expression) -> bool:
    """Whether what stands before a name is the library's: `std::`, `Box::`, `Integer.`.

    A workspace may open `std` itself, and have a type of that name; both are looked at
    before.
    """
    if sources.family == "java":
        return receiver.kind == "name" and receiver.text[:1].isupper()
    if sources.family == "rust":
        return receiver.kind == "name" and receiver.text in RUST_NAMES | RUST_PRIMITIVES
    while receiver.kind == "member":
        receiver = receiver.parts[0]
    return sources.family == "c" and receiver.text == "std"


def is_namespace(sources: Sources, name: str) -> bool:
    """Whether some file opens a namespace of C++ that is called so."""
    rows = rows_of(sources, name, "c")
    return any(row.kind == SymbolKind.NAMESPACE for row in rows)


def _rows(sources: Sources, path: str, name: str) -> list[SymbolRow]:
    return rows_of(sources, name, family_of(sources, path))


def _ranked(path: str, rows: list[SymbolRow]) -> list[Entity]:
    here = dirname(path)
    is_c = bool(rows) and rows[0].language in ("c", "cpp")

    def rank(row: SymbolRow) -> tuple[bool, bool, bool, bool, int, str, int]:
        there = dirname(row.path)
        shared = len(commonpath([here, there])) if here and there else 0
        return (
            row.path != path,
            bool(row.flags & SymbolFlag.DECLARATION),
            is_c and bool(row.flags & SymbolFlag.UNBUILT),
            bool(row.flags & SymbolFlag.TEST),
            -shared,
            row.path,
            row.line,
        )

    return [Entity(row.path, row.index) for row in sorted(rows, key=rank)]


def partner_of(sources: Sources, entity: Entity) -> Entity:
    """In C and C++ the declaration of a definition, and the other way round.

    Of a symbol in a stub of Python's, the symbol in the file that has its body.
    """
    symbol = sources.symbol(entity)
    family = family_of(sources, entity.path)
    if symbol is not None and family == "python" and entity.path.endswith(".pyi"):
        return _implementation_of(sources, entity)
    if symbol is None or family != "c":
        return entity
    declares = symbol.flags & SymbolFlag.DECLARATION
    owner = container_name(sources, entity)
    others = [
        row
        for row in rows_of(sources, symbol.name, "c")
        if (row.flags & SymbolFlag.DECLARATION) != declares
        and (row.container[-1:] or ("",)) == (owner,)
        and _can_be_one(symbol, row)
    ]
    ranked = _ranked(entity.path, others[:_MAX_PARTNERS])
    fit = [one for one in ranked if _have_one_owner(sources, entity, one)]
    fit = [one for one in fit if not _is_deleted(sources, one)]
    wanted = read_parameters(symbol)
    if wanted is not None:
        names = [one.name for one in wanted]
        fit.sort(key=lambda one: _names_of_parameters(sources, one) != names)
    return fit[0] if fit else entity


def _can_be_one(symbol: Symbol, row: SymbolRow) -> bool:
    """Whether a function pairs with a function, or a variable with one that is linked."""
    if symbol.kind in FUNCTION_KINDS or row.kind in FUNCTION_KINDS:
        return symbol.kind in FUNCTION_KINDS and row.kind in FUNCTION_KINDS
    return bool(row.flags & symbol.flags & SymbolFlag.EXPORTED)


def _is_deleted(sources: Sources, one: Entity) -> bool:
    """Whether C++ says of a function that there is none: `C(const C&) = delete`."""
    symbol = sources.symbol(one)
    return symbol is not None and symbol.signature.endswith("= delete")


_MAX_PARTNERS = 24  # whose signatures are compared


def _have_one_owner(sources: Sources, one: Entity, other: Entity) -> bool:
    """Whether the qualifiers of the one with a body fit what holds the other.

    `Outer::Inner::f` is no body of the `f` of another class Inner.
    """
    body, declared = one, other
    symbol = sources.symbol(body)
    if symbol is None or symbol.flags & SymbolFlag.DECLARATION:
        body, declared = other, one
        symbol = sources.symbol(body)
    written = list(qualifiers(symbol)) if symbol is not None else []
    holders = _holders(sources, declared)
    while len(written) > len(holders) and is_namespace(sources, written[0]):
        del written[0]  # a macro may open it
    return holders[len(holders) - len(written) :] == written


def _holders(sources: Sources, entity: Entity) -> list[str]:
    names: list[str] = []
    symbol = sources.symbol(entity)
    while symbol is not None and symbol.container >= 0:
        symbol = sources.symbol(Entity(entity.path, symbol.container))
        if symbol is not None:  # `class Outer::Inner {`
            names += [symbol.name, *symbol.scope.split("::")[::-1]]
    return [name for name in names[::-1] if name]


def _names_of_parameters(sources: Sources, entity: Entity) -> list[str] | None:
    symbol = sources.symbol(entity)
    parameters = read_parameters(symbol) if symbol is not None else None
    return None if parameters is None else [one.name for one in parameters]


def container_name(sources: Sources, entity: Entity) -> str:
    """The name of what holds a symbol: its scope as written, or its container's."""
    symbol = sources.symbol(entity)
    if symbol is None or symbol.scope:
        return symbol.scope.rpartition("::")[2] if symbol is not None else ""
    holder = sources.symbol(Entity(entity.path, symbol.container))
    return holder.name if holder is not None and symbol.container >= 0 else ""


def _implementation_of(sources: Sources, entity: Entity) -> Entity:
    """What the file beside a stub defines under the same name in the same class."""
    body = sources.names(entity.path.removesuffix("i"))
    stub = sources.names(entity.path)
    if body is None or stub is None:
        return entity
    qualified: list[str] = []
    at = entity.symbol
    while at >= 0:
        qualified.append(stub.facts.symbols[at].name)
        at = stub.facts.symbols[at].container
    found = -1
    for name in reversed(qualified):
        inside = body.top if found < 0 else body.members(found)
        if name not in inside:
            return entity
        found = inside[name][-1]
    return Entity(entity.path.removesuffix("i"), found)
