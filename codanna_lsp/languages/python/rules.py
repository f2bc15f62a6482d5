"""What Python's text says beyond its grammar: kinds, flags, imports, `__all__`."""

import re
from collections.abc import Iterator

from codanna_lsp.languages.language import ImportRow
from codanna_lsp.model.symbol import Symbol, SymbolFlag, SymbolKind

_FUNCTION = int(SymbolKind.FUNCTION)
_METHOD = int(SymbolKind.METHOD)
_CONSTRUCTOR = int(SymbolKind.CONSTRUCTOR)
_PROPERTY = int(SymbolKind.PROPERTY)
_CLASS = int(SymbolKind.CLASS)
_ENUM = int(SymbolKind.ENUM)
_ENUM_MEMBER = int(SymbolKind.ENUM_MEMBER)
_INTERFACE = int(SymbolKind.INTERFACE)
_FIELD = int(SymbolKind.FIELD)
_VARIABLE = int(SymbolKind.VARIABLE)
_CONSTANT = int(SymbolKind.CONSTANT)
_TYPE_ALIAS = int(SymbolKind.TYPE_ALIAS)
_CLASS_KINDS = frozenset({_CLASS, _ENUM, _INTERFACE})

_EXPORTED = int(SymbolFlag.EXPORTED)
_DEPRECATED = int(SymbolFlag.DEPRECATED)
_DECLARATION = int(SymbolFlag.DECLARATION)
_STATIC = int(SymbolFlag.STATIC)
_ASYNC = int(SymbolFlag.ASYNC)

_PROPERTY_DECORATOR = re.compile(
    rb"@\s*(?:[\w.]*property|[\w.]+\.(?:setter|getter|deleter))\b"
)
_STATIC_DECORATOR = re.compile(rb"@\s*(?:static|class)method\b")
_OVERLOAD = re.compile(rb"@\s*[\w.]*overload\b")
_DEPRECATED_DECORATOR = re.compile(rb"@\s*[\w.]*deprecated\b")
_ENUM_BASE = re.compile(rb"[(,]\s*(?:[\w.]+\.)?\w*(?:Enum|Flag)\s*[,)]")
_PROTOCOL_BASE = re.compile(rb"[(,]\s*(?:[\w.]+\.)?Protocol\s*[\[,)]")
_VALUE = re.compile(
    rb"[^=]*?(?::\s*(?:[\w.]+\.)?(?P<note>TypeAlias|Final)\b[^=]*)?=\s*(?:[\w.]+\.)?"
    rb"(?P<maker>TypeVar|ParamSpec|TypeVarTuple|NewType|TypeAliasType|namedtuple"
    rb"|NamedTuple|TypedDict|make_dataclass|Enum|IntEnum|StrEnum|Flag|IntFlag"
    rb"|lambda)?(?=[\s(:]|$)?"
)
_MAKERS = {
    b"TypeVar": int(SymbolKind.TYPE_PARAMETER),
    b"ParamSpec": int(SymbolKind.TYPE_PARAMETER),
    b"TypeVarTuple": int(SymbolKind.TYPE_PARAMETER),
    b"NewType": _TYPE_ALIAS,
    b"TypeAliasType": _TYPE_ALIAS,
    b"namedtuple": _CLASS,
    b"NamedTuple": _CLASS,
    b"TypedDict": _CLASS,
    b"make_dataclass": _CLASS,
    b"Enum": _ENUM,
    b"IntEnum": _ENUM,
    b"StrEnum": _ENUM,
    b"Flag": _ENUM,
    b"IntFlag": _ENUM,
}


def classify(kind: int, name: str, head: bytes, owner: int) -> tuple[int, int]:
    """The kind and flags of a definition from its head (see extraction/rules.py)."""
    public = name[0] != "_" or (name.startswith("__") and name.endswith("__"))
    flags = _EXPORTED if public else 0
    if kind == _FUNCTION:
        if head[0] == 64:  # "@"
            return _decorated(name, head, owner, flags)
        if head[0] == 97:  # "a" of "async"
            flags |= _ASYNC
        if owner not in _CLASS_KINDS:
            return _FUNCTION, flags
        return (_CONSTRUCTOR if name == "__init__" else _METHOD), flags
    if kind == _FIELD or (kind == _VARIABLE and owner in _CLASS_KINDS):
        return _classify_field(name, head, owner), flags
    if kind == _CLASS:
        return _classify_class(head, flags)
    if kind == _VARIABLE:
        return _classify_variable(name, head), flags
    return kind, flags


def _decorated(name: str, head: bytes, owner: int, flags: int) -> tuple[int, int]:
    kind = _FUNCTION
    if owner in _CLASS_KINDS:
        kind = _CONSTRUCTOR if name == "__init__" else _METHOD
        if b"property" in head or b"ter" in head:
            kind = _PROPERTY if _PROPERTY_DECORATOR.search(head) else kind
        if b"method" in head and _STATIC_DECORATOR.search(head):
            flags |= _STATIC
    if b"overload" in head and _OVERLOAD.search(head):
        flags |= _DECLARATION
    if b"deprecated" in head and _DEPRECATED_DECORATOR.search(head):
        flags |= _DEPRECATED
    if b"async" in head and re.search(rb"^\s*async\s", head, re.MULTILINE):
        flags |= _ASYNC
    return kind, flags


def _classify_field(name: str, head: bytes, owner: int) -> int:
    if owner != _ENUM or name[0] == "_" or head.startswith((b"self.", b"cls.")):
        return _FIELD
    after = head[len(name.encode()) :].lstrip()
    return _ENUM_MEMBER if after.startswith((b"=", b",")) else _FIELD


def _classify_class(head: bytes, flags: int) -> tuple[int, int]:
    if b"deprecated" in head and _DEPRECATED_DECORATOR.search(head):
        flags |= _DEPRECATED
    if (b"Enum" in head or b"Flag" in head) and _ENUM_BASE.search(head):
        return _ENUM, flags
    if b"Protocol" in head and _PROTOCOL_BASE.search(head):
        return _INTERFACE, flags
    return _CLASS, flags


def _classify_variable(name: str, head: bytes) -> int:
    found = _VALUE.match(head)
    if found is not None:
        maker, note = found["maker"], found["note"]
        if note == b"TypeAlias":
            return _TYPE_ALIAS
        if maker == b"lambda":
            return _FUNCTION
        if maker is not None and head[found.end() : found.end() + 1] == b"(":
            return _MAKERS[maker]
        if note == b"Final":
            return _CONSTANT
    return _CONSTANT if name.isupper() else _VARIABLE


_ALIAS = re.compile(
    r"(?:type\s+\w+\s*(?:\[[^=]*\])?|[^:=]+:\s*[\w.]*TypeAlias)\s*=\s*(.+)"
)
_CUT_SIGNATURE = 190  # characters; a longer one may have lost its end


def finish(symbols: list[Symbol], source: bytes, _path: str) -> list[Symbol]:
    """A type alias has the type that it stands for, without quotes, as its own."""
    del source
    if not any(symbol[1] == _TYPE_ALIAS for symbol in symbols):
        return symbols
    return [_with_value(s) if s.kind == _TYPE_ALIAS else s for s in symbols]


def _with_value(alias: Symbol) -> Symbol:
    found = _ALIAS.fullmatch(alias.signature)
    if found is None or len(alias.signature) > _CUT_SIGNATURE:
        return alias
    return alias._replace(type_text=found[1].strip("\"'"))


_ALL = re.compile(
    rb"__all__\s*(?:(?::[^=\n]*)?\+?=|\.(?:extend|append)\()\s*[\[(]?([^\])]*)"
)
_STRING = re.compile(rb"[\"']([^\"'\\\n]*)[\"']")


def exported_names(source: bytes) -> set[str] | None:
    """The names in `__all__`, where it is a literal list."""
    if b"__all__" not in source:
        return None
    matches = [_ALL.match(source, at) for at in _line_starts(source, b"__all__")]
    texts = [found[1] for found in matches if found is not None]
    if not texts:
        return None
    words = [word for text in texts for word in _STRING.findall(text)]
    return {word.decode("utf-8", "replace") for word in words}


def _line_starts(source: bytes, word: bytes) -> Iterator[int]:
    """Where lines start with the word."""
    if source.startswith(word):
        yield 0
    at = source.find(b"\n" + word)
    while at >= 0:
        yield at + 1
        at = source.find(b"\n" + word, at + 1)


_COMMENT = re.compile(rb"#[^\n]*")
_FROM = re.compile(rb"from\s*([.\s]*[^\s.(*][^\s(*]*|[.\s]*\.)\s*import\b[\s(]*")
_ITEM = re.compile(rb"(\*|[^\s,()*]+(?:\s*\.\s*[^\s,()*.]+)*)(?:\s+as\s+([^\s,()]+))?")


def read_imports(statement: bytes, *, at_top: bool) -> Iterator[tuple[ImportRow, int]]:
    """The names that one import statement binds, each with its offset in it.

    `import a.b` binds "a" to the module text "a.b"; `import a.b as c` binds "c".
    """
    if b"#" in statement:
        statement = _COMMENT.sub(lambda m: b" " * len(m[0]), statement)
    if b"\\" in statement:
        statement = statement.replace(b"\\", b" ")
    found = _FROM.match(statement)
    if found is not None:
        module = b"".join(found[1].split()).decode(errors="replace")
        yield from _from_items(statement, found.end(), module, at_top=at_top)
        return
    for item in _ITEM.finditer(statement, len(b"import")):
        module = b"".join(item[1].split()).decode(errors="replace")
        if item[2] is not None:
            name, start = item[2].decode(errors="replace"), item.start(2)
        else:
            name, start = module.partition(".")[0], item.start(1)
        yield (name, module, "", at_top), start


def _from_items(
    statement: bytes, begin: int, module: str, *, at_top: bool
) -> Iterator[tuple[ImportRow, int]]:
    for item in _ITEM.finditer(statement, begin):
        original = item[1].decode(errors="replace")
        if original == "*":
            yield ("", module, "*", at_top), item.start(1)
        elif item[2] is not None:
            yield (
                (item[2].decode(errors="replace"), module, original, at_top),
                item.start(2),
            )
        else:
            yield (original, module, original, at_top), item.start(1)
