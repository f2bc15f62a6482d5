"""Items inside of macros that hand them on: `cfg_rt! { pub mod task; }`, `pin_project!`.

Invariant: the text keeps its length and its line feeds; nothing but the macro's name,
its braces and conditions of `cfg_if!` becomes blank.
"""

import re
from collections.abc import Set as AbstractSet

_CALL = re.compile(
    rb"^[ \t]*(?P<name>[A-Za-z_][\w:]*?)[ \t]*![ \t]*(?P<open>\{)", re.MULTILINE
)
# What is skipped before a body's first word: comments, attributes, other such macros.
_LEAD = re.compile(
    rb"(?:\s+|//[^\n]*|/\*.*?(?:\*/|\Z)|#!?\[(?:[^\[\]]|\[[^\[\]]*\])*+\])*+", re.DOTALL
)
_ITEM = re.compile(
    rb"(?:pub(?:\s*\([^)]*\))?\s+)?(?:(?:default|async|unsafe|const)\s+)*"
    rb"(?:(?:fn|enum|union|trait|mod|type|static)\s+(?:ref\s+)?\w"
    rb"|struct\s+\w+\s*[<({;w]|impl\b\s*[\w<&(]|use\s+[\w:{]|const\s+\w+\s*:"
    rb"|extern\s+(?:crate|\"|fn)|macro_rules!|(?:cfg_\w+|pin_project)\s*!\s*\{)"
)
_BRANCH = re.compile(rb"\s*(?:else\s*)?(?:if\s*#\[(?:[^\[\]]|\[[^\[\]]*\])*\]\s*)?\{")
# What may hold braces that are none, unclosed up to the end; and braces.
_QUOTED = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)|r(#+)\".*?(?:\"\1|\Z)|\"(?:[^\"\\]|\\.)*+(?:\"|\Z)"
    rb"|b?'(?:[^'\\\n]|\\.)'|[{}]",
    re.DOTALL,
)
_MAX_NESTED = 8  # macros around one another
# Their bodies are no Rust, or are written for another place.
_OTHERS = frozenset(
    "quote quote_spanned parse_quote proptest bitflags macro_rules".split()
)
_INTERPOLATED = re.compile(rb"(?<![\w\"#])#[a-z_({]|\$\(?\w")


def blank_wrappers(source: bytes, _words: AbstractSet[str]) -> bytes:
    """The text with the items that such macros hold where items stand."""
    if b"!" not in source:
        return source
    blanks: list[tuple[int, int]] = []
    braces: dict[int, int] | None = None
    around: list[int] = []  # where the macros end that are open
    position = 0
    while (found := _CALL.search(source, position)) is not None:
        position = found.end()
        name = found["name"].rpartition(b"::")[2].decode("utf-8", "replace")
        if name in _OTHERS or not _may_hold(source, position, name):
            continue
        if braces is None:
            braces = _braces(source)
        stop = braces.get(position - 1, -1)
        around = [one for one in around if one > position]
        if stop < 0 or len(around) == _MAX_NESTED:
            continue
        around.append(stop)
        if _INTERPOLATED.search(source, position, stop) is not None:
            continue
        if name == "cfg_if":
            blanks += _branches(source, position, stop, braces)
        blanks += [(found.start("name"), found.end("open")), (stop, stop + 1)]
    return _blanked(source, blanks) if blanks else source


def _may_hold(source: bytes, position: int, name: str) -> bool:
    """Whether the first thing in a macro's body is an item."""
    lead = _LEAD.match(source, position)
    start = position if lead is None else lead.end()
    if name == "cfg_if":
        return source[start : start + 2] == b"if"
    return _ITEM.match(source, start) is not None


def _braces(source: bytes) -> dict[int, int]:
    """Where each brace closes, by where it opens."""
    found: dict[int, int] = {}
    open_ones: list[int] = []
    for one in _QUOTED.finditer(source):
        if one[0] == b"{":
            open_ones.append(one.start())
        elif one[0] == b"}" and open_ones:
            found[open_ones.pop()] = one.start()
    return found


def _branches(
    source: bytes, position: int, stop: int, braces: dict[int, int]
) -> list[tuple[int, int]]:
    """The conditions and braces of `if #[cfg(a)] { ... } else { ... }`."""
    blanks: list[tuple[int, int]] = []
    while (found := _BRANCH.match(source, position, stop)) is not None:
        end = braces.get(found.end() - 1, -1)
        if end < 0 or end > stop:
            return []
        blanks += [found.span(), (end, end + 1)]
        position = end + 1
    return blanks


def _blanked(source: bytes, blanks: list[tuple[int, int]]) -> bytes:
    text = bytearray(source)
    for start, stop in blanks:
        for index in range(start, stop):
            if text[index] != 0x0A:
                text[index] = 0x20
    return bytes(text)
