"""What Java's text says beyond its grammar: constants, visibility, imports."""

import re
from collections.abc import Iterator

from codanna_lsp.languages.language import ImportRow
from codanna_lsp.model.symbol import SymbolFlag, SymbolKind

_FIELD = int(SymbolKind.FIELD)
_CONSTANT = int(SymbolKind.CONSTANT)
_OPEN_OWNERS = frozenset(
    (
        int(SymbolKind.INTERFACE),
        int(SymbolKind.ENUM_MEMBER),
    )
)
_OPEN_KINDS = frozenset((int(SymbolKind.PACKAGE), int(SymbolKind.ENUM_MEMBER)))

_EXPORTED = int(SymbolFlag.EXPORTED)
_STATIC = int(SymbolFlag.STATIC)
_DEPRECATED = int(SymbolFlag.DEPRECATED)

_MODIFIERS = re.compile(
    rb"(?:(?:@[\w.]+(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?|public|private"
    rb"|protected|static|final|abstract|default|native|synchronized|transient|volatile"
    rb"|strictfp|sealed|non-sealed)(?=[\s@])\s*)*"
)


def classify(kind: int, name: str, head: bytes, owner: int) -> tuple[int, int]:
    """The kind and flags of a definition from its head (see extraction/rules.py)."""
    del name
    found = _MODIFIERS.match(head)
    modifiers = found[0] if found is not None else b""
    words = modifiers.split()
    flags = 0
    if (
        b"public" in words
        or b"protected" in words
        or kind in _OPEN_KINDS
        or (owner in _OPEN_OWNERS and b"private" not in words)
    ):
        flags |= _EXPORTED
    if b"static" in words:
        flags |= _STATIC
        if kind == _FIELD and b"final" in words:
            kind = _CONSTANT
    if b"@Deprecated" in modifiers:
        flags |= _DEPRECATED
    return kind, flags


_IMPORT = re.compile(rb"import\s+(static\s+)?([\w$.\s\x80-\xff]+?)\s*(\.\s*\*)?\s*;")


def read_imports(statement: bytes, *, at_top: bool) -> Iterator[tuple[ImportRow, int]]:
    """The name that one import binds; `a.b.*` binds all of a.b."""
    del at_top  # Java imports at the top only
    found = _IMPORT.match(statement)
    if found is None:
        return
    path = b"".join(found[2].split()).decode("utf-8", "replace")
    if found[3] is not None:
        yield ("", path, "*", False), found.start(2)
        return
    module, _, name = path.rpartition(".")
    start = found.end(2) - len(name.encode())
    yield (name, module, name if module else "", False), start
