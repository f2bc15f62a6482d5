"""What Go's text says beyond its grammar: exported names, imports."""

import re
from collections.abc import Iterator

from codanna_lsp.languages.language import ImportRow
from codanna_lsp.model.symbol import SymbolFlag

_EXPORTED = int(SymbolFlag.EXPORTED)
_SPEC = re.compile(rb"([^\s\"`]+)?\s*[\"`]([^\"`]*)[\"`]")
_VERSION = re.compile(r"v[0-9]+")


def classify(kind: int, name: str, head: bytes, owner: int) -> tuple[int, int]:
    """The kind and flags of a definition from its head (see extraction/rules.py)."""
    del head, owner
    return kind, _EXPORTED if name[0].isupper() else 0


def read_imports(statement: bytes, *, at_top: bool) -> Iterator[tuple[ImportRow, int]]:
    """The package that one import line binds.

    A dot import binds all names ("*"); `_` binds none. Without an alias the name is
    the path's last part that is no version, as nearly every package is called.
    """
    del at_top  # Go imports at the top only
    found = _SPEC.match(statement)
    if found is None:
        return
    module = found[2].decode("utf-8", "replace")
    alias = found[1].decode("utf-8", "replace") if found[1] is not None else ""
    if alias == ".":
        yield ("", module, "*", False), found.start(2)
    elif alias == "_":
        yield ("", module, "", False), found.start(2)
    elif alias:
        yield (alias, module, "", False), found.start(1)
    else:
        before, name = _package_name(module)
        row = (name.replace("-", "_"), module, "", False)
        yield row, found.start(2) + (len(before.encode()) if name else 0)


def _package_name(module: str) -> tuple[str, str]:
    """What stands before the name of the package in an import path, and the name."""
    parts = module.split("/")
    if len(parts) > 1 and _VERSION.fullmatch(parts[-1]):
        parts.pop()
    *folders, last = parts
    name = re.sub(r"\.v[0-9]+$", "", last).removesuffix("-go")
    prefix = "go-" if name.startswith("go-") else ""
    before = "".join(f"{folder}/" for folder in folders) + prefix
    return before, name.removeprefix(prefix)
