"""What the text of C and C++ says: functions among declarations, linkage, includes."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from codanna_lsp.languages.c.conditions import read_conditions
from codanna_lsp.languages.c.macros import blank_macros
from codanna_lsp.languages.c.resolve import SOURCES
from codanna_lsp.languages.language import ImportRow
from codanna_lsp.model.symbol import Symbol, SymbolFlag, SymbolKind

_FUNCTION = int(SymbolKind.FUNCTION)
_METHOD = int(SymbolKind.METHOD)
_CONSTRUCTOR = int(SymbolKind.CONSTRUCTOR)
_OPERATOR = int(SymbolKind.OPERATOR)
_VARIABLE = int(SymbolKind.VARIABLE)
_CONSTANT = int(SymbolKind.CONSTANT)
_FIELD = int(SymbolKind.FIELD)
_TYPE_ALIAS = int(SymbolKind.TYPE_ALIAS)
_STRUCT = int(SymbolKind.STRUCT)
_ENUM = int(SymbolKind.ENUM)
_CLASS_KINDS = frozenset((int(SymbolKind.CLASS), _STRUCT))
_TYPE_KINDS = _CLASS_KINDS | {_ENUM}
_FILE_KINDS = _TYPE_KINDS | {
    _TYPE_ALIAS,
    int(SymbolKind.ENUM_MEMBER),
    int(SymbolKind.MACRO),
}
_HOLDERS = frozenset((_VARIABLE, _CONSTANT, _FIELD, _FUNCTION, _TYPE_ALIAS))

_EXPORTED = int(SymbolFlag.EXPORTED)
_DECLARATION = int(SymbolFlag.DECLARATION)
_STATIC = int(SymbolFlag.STATIC)
_UNBUILT = int(SymbolFlag.UNBUILT)
_DEPRECATED = int(SymbolFlag.DEPRECATED)

_ANONYMOUS = re.compile(
    rb"typedef\s+(?:const\s+)?(struct|union|enum)\b\s*(?:[A-Z_][A-Z0-9_]*\s*)?\{"
)
_STATIC_WORD = re.compile(rb"(?:[\w\s]*\s)?static\b")
_EXTERN_WORD = re.compile(rb"extern\b(?!\s*\"[^\"]*\"\s*\{)")
_CONST_WORD = re.compile(rb"\b(?:constexpr|const|constinit)\b[^*=]*(?:=|$)")
_CALLED_THROUGH = re.compile(rb"(?:[A-Z_]+\s*\()?\(")  # `f(`, and `f OF((`
_CONSTRUCTOR_WORDS = re.compile(
    rb"(?:template\s*<[^{;]*>\s*)?(?:[A-Z][A-Z0-9_]+\s+)*"
    rb"(?:(?:explicit|inline|constexpr|virtual)\b\s*(?:\([^)]*\)\s*)?|\[\[[^\]]*\]\]\s*)*"
)


prepare = blank_macros


def classify(kind: int, name: str, head: bytes, owner: int) -> tuple[int, int]:
    """The kind and flags of a definition from its head (see extraction/rules.py)."""
    flags = _EXPORTED
    if b"static" in head and _STATIC_WORD.match(head):
        flags = _EXPORTED | _STATIC if owner in _CLASS_KINDS else _STATIC
    if b"[[deprecated" in head:
        flags |= _DEPRECATED
    if kind in (_VARIABLE, _FIELD):
        if _is_called(name.encode(), head):
            kind = _FUNCTION
            flags |= _DECLARATION
        elif kind == _VARIABLE:
            if head.startswith(b"extern") and _EXTERN_WORD.match(head):
                flags |= _DECLARATION
            if b"const" in head and _CONST_WORD.search(head):
                kind = _CONSTANT
    elif kind == _TYPE_ALIAS:
        found = _ANONYMOUS.match(head)
        if found is not None:
            kind = _ENUM if found[1] == b"enum" else _STRUCT
    if kind == _FUNCTION:
        return _callable_kind(name, head, owner), flags
    return kind, flags


def _is_called(name: bytes, head: bytes) -> bool:
    """True when the head declares a function of that name: `name (`."""
    at = head.find(name)
    while at >= 0:
        before, after = head[at - 1 : at], head[at + len(name) :]
        if not (before.isalnum() or before == b"_"):
            rest = after[:64].lstrip()
            if before == b"(" and rest[:1] == b")":
                rest = rest[1:].lstrip()  # `int (f) (int a)`: no macro f is meant
            if _CALLED_THROUGH.match(rest):
                return True
            # Its type may bear the name, too: `level::kind level();`, `box *box();`
            is_type = rest[:1] in (b"*", b"&", b">") or rest[:2] == b"::"
            if not (is_type or rest[:1].isalnum() or rest[:1] == b"_"):
                return False
        at = head.find(name, at + len(name))
    return False


def _callable_kind(name: str, head: bytes, owner: int) -> int:
    if name.startswith("operator") and not (name[8:9].isalnum() or name[8:9] == "_"):
        return _OPERATOR
    if owner not in _CLASS_KINDS:
        return _FUNCTION
    found = _CONSTRUCTOR_WORDS.match(head)
    begin = found.end() if found is not None else 0
    encoded = name.encode()
    if head.startswith(encoded, begin) and head[
        begin + len(encoded) :
    ].lstrip().startswith(b"("):
        return _CONSTRUCTOR
    return _METHOD


def finish(symbols: list[Symbol], source: bytes, path: str) -> list[Symbol]:
    """Place what a declaration carries, and tell methods by their qualifier.

    A type or macro of a file that nobody includes is not exported, nor what is in it.
    What a plain build leaves out is marked so.

    `struct point {...} origin;` declares two things side by side, though one stands
    inside the other; `void Shape::draw()` is a method when Shape is no namespace here.
    """
    result: list[Symbol] = []
    namespaces = {
        symbol.name for symbol in symbols if symbol.kind == int(SymbolKind.NAMESPACE)
    }
    namespaces.add("")  # what has no qualifier stays a function
    for symbol in symbols:
        if symbol.kind in _TYPE_KINDS and symbol.container >= 0:
            owner = result[symbol.container]
            if owner.kind in _HOLDERS:
                symbol = symbol._replace(container=owner.container)  # noqa: PLW2901
        elif symbol.flags & _DECLARATION and ")" in symbol.signature.partition("(")[0]:
            # Its type stands in a macro's brackets: `PyAPI_FUNC(int) f(void)`.
            text = symbol.signature.replace(")", "", 1)
            symbol = symbol._replace(signature=text)  # noqa: PLW2901
        elif symbol.kind == _FUNCTION and symbol.scope not in namespaces:
            kind = _CONSTRUCTOR if symbol.name == symbol.scope else _METHOD
            symbol = symbol._replace(kind=kind)  # noqa: PLW2901
        result.append(symbol)
    if b"#if" in source:
        result = _left_out(result, source)
    return _kept_inside(result) if path.endswith(SOURCES) else result


def _left_out(symbols: list[Symbol], source: bytes) -> list[Symbol]:
    """The symbols, of which those are marked that a plain build leaves out."""
    starts: list[int] = []
    stops: list[int] = []
    line = offset = 0
    for start, stop in sorted(read_conditions(source).unbuilt):
        line += source.count(b"\n", offset, start)
        starts.append(line)
        line += source.count(b"\n", start, stop)
        stops.append(line)
        offset = stop
    if not starts:
        return symbols
    result: list[Symbol] = []
    for symbol in symbols:
        at = bisect_right(starts, symbol.line) - 1
        if at >= 0 and symbol.line < stops[at]:
            symbol = symbol._replace(flags=symbol.flags | _UNBUILT)  # noqa: PLW2901
        result.append(symbol)
    return result


def _kept_inside(symbols: list[Symbol]) -> list[Symbol]:
    """The symbols of a source file, of which types and macros reach no other file."""
    result: list[Symbol] = []
    for symbol in symbols:
        owner = result[symbol.container] if symbol.container >= 0 else None
        if symbol.kind in _FILE_KINDS or (
            owner is not None and owner.kind in _TYPE_KINDS
        ):
            symbol = symbol._replace(flags=symbol.flags & ~_EXPORTED)  # noqa: PLW2901
        result.append(symbol)
    return result


_INCLUDE = re.compile(rb"#\s*\w+\s*(<[^>\n]*>|\"[^\"\n]*\")")
_USING = re.compile(rb"using\s+(namespace\s+)?(?:typename\s+)?([\w:\s\x80-\xff]+?)\s*;")


def read_imports(statement: bytes, *, at_top: bool) -> Iterator[tuple[ImportRow, int]]:
    """What an include or a using-declaration makes known.

    An include hands on all of its file's names; `<...>` keeps its angle brackets.
    `using a::b` binds b; `using namespace a` all names of a.
    """
    found = _INCLUDE.match(statement)
    if found is not None:
        text = found[1].decode("utf-8", "replace")
        is_system = text.startswith("<")
        module = text if is_system else text[1:-1]
        yield ("", module, "*", True), found.start(1) + (0 if is_system else 1)
        return
    found = _USING.match(statement)
    if found is None:
        return
    path = b"".join(found[2].split()).decode("utf-8", "replace").lstrip(":")
    if found[1] is not None:
        yield ("", path, "*", at_top), found.start(2)
        return
    module, _, name = path.rpartition("::")
    if module:
        yield (name, module, name, at_top), found.end(2) - len(name.encode())
