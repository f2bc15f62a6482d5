"""What Rust's text says beyond its grammar: methods, visibility, use trees."""

import re
from collections.abc import Iterator

from codanna_lsp.languages.language import ImportRow
from codanna_lsp.languages.rust.macros import blank_wrappers
from codanna_lsp.model.symbol import Symbol, SymbolFlag, SymbolKind

_FUNCTION = int(SymbolKind.FUNCTION)
_METHOD = int(SymbolKind.METHOD)
_MODULE = int(SymbolKind.MODULE)
_TRAIT = int(SymbolKind.TRAIT)
_ENUM = int(SymbolKind.ENUM)
_ENUM_MEMBER = int(SymbolKind.ENUM_MEMBER)
_TYPES = frozenset((_TRAIT, _ENUM, int(SymbolKind.STRUCT)))

_EXPORTED = int(SymbolFlag.EXPORTED)
_TEST = int(SymbolFlag.TEST)
_ASYNC = int(SymbolFlag.ASYNC)
_STATIC = int(SymbolFlag.STATIC)

_SELF = re.compile(rb"\(\s*(?:&\s*)?(?:'\w+\s+)?(?:mut\s+)?self\b")
_ASYNC_WORD = re.compile(rb"^[^(]*\basync\b")


def classify(kind: int, name: str, head: bytes, owner: int) -> tuple[int, int]:
    """The kind and flags of a definition from its head (see extraction/rules.py)."""
    is_public = head.startswith(b"pub") or owner in (_TRAIT, _ENUM, _ENUM_MEMBER)
    flags = _EXPORTED if is_public else 0
    if kind == _FUNCTION:
        if b"async" in head and _ASYNC_WORD.match(head) is not None:
            flags |= _ASYNC
        if owner in _TYPES:
            kind = _METHOD
            if _SELF.search(head) is None:
                flags |= _STATIC
    elif kind == _MODULE and name in ("tests", "test"):
        flags |= _TEST
    elif kind == int(SymbolKind.MACRO) or kind == _ENUM_MEMBER:
        flags |= _EXPORTED
    return kind, flags


def finish(symbols: list[Symbol], source: bytes, _path: str) -> list[Symbol]:
    """What stands in a module `tests` is a test."""
    if b"mod test" not in source:
        return symbols
    is_test: list[bool] = []
    result: list[Symbol] = []
    for symbol in symbols:
        inside = symbol.container >= 0 and is_test[symbol.container]
        is_test.append(
            inside or (symbol.kind == _MODULE and bool(symbol.flags & _TEST))
        )
        result.append(symbol._replace(flags=symbol.flags | _TEST) if inside else symbol)
    return result


prepare = blank_wrappers

_COMMENT = re.compile(rb"//[^\n]*|/\*.*?\*/", re.DOTALL)
_STATEMENT = re.compile(
    rb"(?P<public>pub\s*(?:\([^)]*\)\s*)?)?(?P<word>use|extern\s+crate|mod)\s+"
)
_TOKEN = re.compile(rb"::|[{},*;]|as\b|(?:r#)?[\w\x80-\xff]+")
_DEPTH_LIMIT = 64


def read_imports(statement: bytes, *, at_top: bool) -> Iterator[tuple[ImportRow, int]]:
    """The names of one `use` tree, `extern crate` or `mod name;`.

    `use a::{b::{self, c as d}, e::*}` gives b from a, d = c from a::b, * from a::e;
    `mod name;` gives name from `self`.
    """
    del at_top  # visibility is told by `pub` alone
    if b"/" in statement:
        statement = _COMMENT.sub(lambda found: b" " * len(found[0]), statement)
    found = _STATEMENT.match(statement)
    if found is None:
        return
    public = found["public"] is not None
    if found["word"] == b"mod":
        name = _TOKEN.match(statement, found.end())
        if name is not None:
            text = _text(name[0])
            yield (text, "self", text, public), name.start()
        return
    yield from _read_tree(statement, found.end(), public=public)


def _read_tree(
    statement: bytes, begin: int, *, public: bool
) -> Iterator[tuple[ImportRow, int]]:
    prefixes: list[list[str]] = []  # of the braces that are open
    path: list[str] = []
    start = begin
    alias: tuple[str, int] | None = None
    expects_alias = False
    for token in _TOKEN.finditer(statement, begin):
        text = token[0]
        if text == b"::":
            continue
        if text == b"{":
            if len(prefixes) >= _DEPTH_LIMIT:
                return
            prefixes.append(path)
            path = list(path)
        elif text in (b",", b"}", b";"):
            yield from _bind(prefixes, path, start, alias, public=public)
            alias = None
            if text == b"}" and prefixes:
                prefixes.pop()
                path = []  # what was in the braces is said already
            else:
                path = list(prefixes[-1]) if prefixes else []
        elif text == b"as":
            expects_alias = True
        elif expects_alias:
            alias = (_text(text), token.start())
            expects_alias = False
        else:
            path.append(_text(text))
            start = token.start()
    if path:
        yield from _bind(prefixes, path, start, alias, public=public)


def _bind(
    prefixes: list[list[str]],
    path: list[str],
    start: int,
    alias: tuple[str, int] | None,
    *,
    public: bool,
) -> Iterator[tuple[ImportRow, int]]:
    if not path or (prefixes and len(path) <= len(prefixes[-1])):
        return
    if path[-1] == "*":
        yield ("", "::".join(path[:-1]), "*", public), start
        return
    if path[-1] == "self" and len(path) > 1:
        path = path[:-1]
    name, at = alias if alias is not None else (path[-1], start)
    original = path[-1] if len(path) > 1 else ""
    module = "::".join(path[:-1]) if len(path) > 1 else path[0]
    yield ("" if name == "_" else name, module, original, public), at


def _text(name: bytes) -> str:
    return name.removeprefix(b"r#").decode("utf-8", "replace")
