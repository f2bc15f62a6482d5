"""What the text of JavaScript and TypeScript says: kinds, flags, imports, exports."""

import re
from collections.abc import Iterator

from codanna_lsp.languages.language import ImportRow
from codanna_lsp.model.symbol import Symbol, SymbolFlag, SymbolKind

_FUNCTION = int(SymbolKind.FUNCTION)
_METHOD = int(SymbolKind.METHOD)
_CONSTRUCTOR = int(SymbolKind.CONSTRUCTOR)
_PROPERTY = int(SymbolKind.PROPERTY)
_FIELD = int(SymbolKind.FIELD)
_MEMBER_KINDS = frozenset(
    (
        _METHOD,
        _PROPERTY,
        _CONSTRUCTOR,
        _FIELD,
        int(SymbolKind.ENUM_MEMBER),
    )
)
_CLASS_KINDS = frozenset(
    (int(SymbolKind.CLASS), int(SymbolKind.INTERFACE), int(SymbolKind.ENUM))
)

_EXPORTED = int(SymbolFlag.EXPORTED)
_DECLARATION = int(SymbolFlag.DECLARATION)
_STATIC = int(SymbolFlag.STATIC)
_ASYNC = int(SymbolFlag.ASYNC)

_DECORATORS = re.compile(
    rb"(?:@[\w$.]+(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?\s*)+"
)
_MODIFIERS = re.compile(
    rb"(?:(?:export|default|declare|abstract|public|private|protected|static|override"
    rb"|readonly|async|get|set|accessor|const|let|var|function)\b"
    rb"(?!\s*[(<=:?;!,}])\s*\*?\s*)*"  # what one of these follows is a name: `get(key) {`
)


def classify(kind: int, name: str, head: bytes, owner: int) -> tuple[int, int]:
    """The kind and flags of a definition from its head (see extraction/rules.py)."""
    if head[:1] == b"@":
        found = _DECORATORS.match(head)
        head = head[found.end() :] if found is not None else head
    found = _MODIFIERS.match(head)
    words = found[0].split() if found is not None else []
    flags = 0
    if b"export" in words or head.startswith((b"exports.", b"module.exports")):
        flags |= _EXPORTED
    if b"async" in words or (kind in (_FUNCTION, _METHOD) and _is_async_arrow(head)):
        flags |= _ASYNC
    if b"static" in words:
        flags |= _STATIC
    if b"declare" in words:
        flags |= _DECLARATION
    if owner:
        return _classify_member(kind, name, words, owner, flags)
    return kind, flags


def _classify_member(
    kind: int, name: str, words: list[bytes], owner: int, flags: int
) -> tuple[int, int]:
    if owner not in _CLASS_KINDS:
        if kind in _MEMBER_KINDS:
            flags |= _EXPORTED  # of an exported object: its container decides
        return kind, flags
    if b"private" not in words and name[0] != "#":
        flags |= _EXPORTED
    if kind == _METHOD:
        if name == "constructor":
            return _CONSTRUCTOR, flags
        if b"get" in words or b"set" in words:
            return _PROPERTY, flags
    return kind, flags


def _is_async_arrow(head: bytes) -> bool:
    return b"async" in head and re.search(rb"[=:]\s*async\b", head) is not None


# Each begins with a plain word, which makes them fast over whole files.
_EXPORT_LIST = re.compile(rb"export\s*(?:type\s*)?\{([^}]*)\}(?!\s*from)")
_EXPORT_NAME = re.compile(
    rb"export\s+default\s+([A-Za-z_$][\w$]*)\s*;?\s*$", re.MULTILINE
)
_EXPORTS_OBJECT = re.compile(rb"module\.exports\s*=\s*\{([^{}]*)\}")
_EXPORTS_NAME = re.compile(
    rb"module\.exports\s*=\s*([A-Za-z_$][\w$]*)\s*;?\s*$", re.MULTILINE
)
_FIRST_NAME = re.compile(rb"(?:^|,)\s*(?:type\s+)?([A-Za-z_$\x80-\xff][\w$\x80-\xff]*)")


def finish(symbols: list[Symbol], source: bytes, _path: str) -> list[Symbol]:
    """Names in `export { ... }` and `module.exports = { ... }` are exported too.

    A constructor's parameter with an access modifier is a field of the class.
    """
    symbols = _place_parameter_fields(symbols)
    listed = {
        name.decode("utf-8", "replace")
        for pattern in (_EXPORT_LIST, _EXPORTS_OBJECT)
        for text in pattern.findall(source)
        for name in _FIRST_NAME.findall(text)
    }
    listed.update(
        name.decode("utf-8", "replace")
        for pattern in (_EXPORT_NAME, _EXPORTS_NAME)
        for name in pattern.findall(source)
    )
    if not listed:
        return symbols
    exported: list[bool] = []
    result: list[Symbol] = []
    for symbol in symbols:
        if symbol.container < 0:
            is_exported = bool(symbol.flags & _EXPORTED) or symbol.name in listed
        else:
            is_exported = exported[symbol.container] and (
                symbol.kind in _MEMBER_KINDS and not symbol.name.startswith("#")
            )
        exported.append(is_exported)
        if is_exported and not symbol.flags & _EXPORTED:
            symbol = symbol._replace(flags=symbol.flags | _EXPORTED)  # noqa: PLW2901
        result.append(symbol)
    return result


def _place_parameter_fields(symbols: list[Symbol]) -> list[Symbol]:
    result: list[Symbol] = []
    for symbol in symbols:
        owner = result[symbol.container] if symbol.container >= 0 else None
        if symbol.kind == _FIELD and owner is not None and owner.kind == _CONSTRUCTOR:
            is_private = symbol.signature.startswith("private")
            flags = 0 if is_private else owner.flags & _EXPORTED
            symbol = symbol._replace(  # noqa: PLW2901
                container=owner.container, flags=symbol.flags | flags
            )
        result.append(symbol)
    return result


_COMMENT = re.compile(rb"//[^\n]*|/\*.*?\*/", re.DOTALL)
_MODULE = re.compile(
    rb"(?:\bfrom|\brequire\s*\(|^\s*import)\s*([\"'])(.*?)\1", re.DOTALL
)
_NAME = rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff]*"
_STAR = re.compile(rb"\*\s*(?:as\s+(" + _NAME + rb"|[\"'][^\"']*[\"']))?")
_ITEM = re.compile(
    rb"(?:\btype\s+(?!as\b\s*[,}]))?(" + _NAME + rb"|[\"'][^\"']*[\"'])"
    rb"(?:\s+as\s+(" + _NAME + rb"|[\"'][^\"']*[\"']))?"
)
_PATTERN_ITEM = re.compile(
    rb"(?:^|[,{])\s*(" + _NAME + rb")(?:\s*:\s*(" + _NAME + rb"))?(?=\s*[,}=])"
)
_DEFAULT_IMPORT = re.compile(rb"import\s+(?:type\s+)?(" + _NAME + rb")\s*(?=,|from\b)")
_IMPORT_EQUALS = re.compile(
    rb"(?:export\s+)?import\s+(?:type\s+)?(" + _NAME + rb")\s*=\s*([\w$.]+)"
)
_DEFAULT_EXPORT = re.compile(
    rb"export\s+default\s+(?:(?:abstract\s+|async\s+)?(?:class|function|interface)\b\s*\*?"
    rb"\s*)?(?!class\b|function\b|async\b|new\b)("
    + _NAME
    + rb")\s*(?:[;<({]|$|extends\b"
    rb"|implements\b)"
)
_REQUIRED = re.compile(
    rb"(" + _NAME + rb")\s*=\s*require\s*\(\s*[\"'][^\"']*[\"']\s*\)"
    rb"(?:\s*\.\s*(" + _NAME + rb"))?"
)


def read_imports(statement: bytes, *, at_top: bool) -> Iterator[tuple[ImportRow, int]]:
    """The names that an import, a re-export or a `require` binds, with their offsets.

    `export default Name` gives the row ("default", "", "Name", True).
    """
    del at_top  # an import binds for its whole module; only exports hand on
    if b"/" in statement:
        statement = _COMMENT.sub(lambda found: b" " * len(found[0]), statement)
    found = _MODULE.search(statement)
    module = _text(found[2]) if found is not None else ""
    head = statement[: found.start()] if found is not None else statement
    if statement.startswith(b"export"):
        yield from _read_export(statement, head, module)
    elif statement.startswith(b"import"):
        yield from _read_import(statement, head, module, found)
    else:
        yield from _read_require(statement, module)


def _read_export(
    statement: bytes, head: bytes, module: str
) -> Iterator[tuple[ImportRow, int]]:
    default = _DEFAULT_EXPORT.match(statement)
    if default is not None:
        yield ("default", "", _text(default[1]), True), default.start(1)
        return
    brace = head.find(b"{")
    if brace >= 0:
        end = head.find(b"}", brace)
        for item in _ITEM.finditer(head, brace + 1, end if end >= 0 else len(head)):
            group = 2 if item[2] is not None else 1
            name = _text(item[group])
            yield (name, module, _text(item[1]), True), item.start(group)
        return
    star = _STAR.search(head)
    if star is None or not module:
        return
    if star[1] is not None:
        yield (_text(star[1]), module, "", True), star.start(1)
    else:
        yield ("", module, "*", True), star.start()


def _read_import(
    statement: bytes, head: bytes, module: str, found: re.Match[bytes] | None
) -> Iterator[tuple[ImportRow, int]]:
    equals = _IMPORT_EQUALS.match(statement)
    if equals is not None:
        target = module or _text(equals[2])
        original = "" if module else target.rpartition(".")[2]
        yield (_text(equals[1]), module, original, False), equals.start(1)
        return
    bound = False
    default = _DEFAULT_IMPORT.match(statement)
    if default is not None:
        bound = True
        yield (_text(default[1]), module, "default", False), default.start(1)
    star = _STAR.search(head)
    if star is not None and star[1] is not None:
        bound = True
        yield (_text(star[1]), module, "", False), star.start(1)
    brace = head.find(b"{")
    if brace >= 0:
        end = head.find(b"}", brace)
        for item in _ITEM.finditer(head, brace + 1, end if end >= 0 else len(head)):
            bound = True
            group = 2 if item[2] is not None else 1
            yield (_text(item[group]), module, _text(item[1]), False), item.start(group)
    if not bound and found is not None:
        yield ("", module, "", False), found.start(2)


def _read_require(statement: bytes, module: str) -> Iterator[tuple[ImportRow, int]]:
    brace, equals = statement.find(b"{"), statement.find(b"=")
    if 0 <= brace < equals:
        end = statement.find(b"}", brace)
        for item in _PATTERN_ITEM.finditer(statement, brace, end + 1):
            group = 2 if item[2] is not None else 1
            row = (_text(item[group]), module, _text(item[1]), False)
            yield row, item.start(group)
        return
    for found in _REQUIRED.finditer(statement):
        name = _text(found[1])
        if found[2] is not None:
            yield (name, module, _text(found[2]), False), found.start(1)
        else:
            yield (name, module, "", False), found.start(1)


def _text(name: bytes) -> str:
    return name.strip(b"\"'").decode("utf-8", "replace")
