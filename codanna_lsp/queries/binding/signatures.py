"""Parameters and qualifiers as a signature line of Java or C++ has them.

Invariant: any text gives parameters or None, in time that grows with its length.
"""

import re
from typing import NamedTuple

from codanna_lsp.model.symbol import Symbol

_OPENERS, _CLOSERS = "([{<", ")]}>"
_WORD = re.compile(r"[^\W\d][\w$]*(?:\s*(?:\.|::)\s*[^\W\d][\w$]*)*")
_ANNOTATION = re.compile(r"@[\w.]+(?:\([^()]*\))?")
_QUALIFIERS = frozenset(
    {
        "const",
        "final",
        "volatile",
        "struct",
        "class",
        "enum",
        "typename",
        "unsigned",
        "signed",
        "register",
    }
)


class Parameter(NamedTuple):
    """One parameter: its type's last name, "" where that is not known.

    depth: of an array. is_open: a type parameter (`T`), which anything may be.
    optional: it has a default. variadic: it takes all arguments that are left.
    """

    name: str
    depth: int
    is_open: bool
    optional: bool
    variadic: bool


def read_parameters(symbol: Symbol) -> tuple[Parameter, ...] | None:
    """The parameters of a function; None where its signature does not show them.

    Of a signature that was cut, those that are seen and one that takes all others.
    """
    found = re.search(rf"(?<![\w$]){re.escape(symbol.name)}\s*\(", symbol.signature)
    if found is None:
        return None
    parts, whole = _split(symbol.signature, found.end())
    if [part.strip() for part in parts] in ([""], ["void"]):
        return ()
    seen = tuple(_parameter(part) for part in parts)
    return seen if whole else (*seen[:-1], _REST)


def split_parameters(symbol: Symbol) -> tuple[list[str], bool]:
    """The texts of TypeScript's parameters; and whether the signature shows them all."""
    text = symbol.signature
    start = text.find(symbol.name)
    level = 0
    for place in range(
        start + len(symbol.name) if start >= 0 else len(text), len(text)
    ):
        letter = text[place]
        if letter == "(" and not level:
            parts, whole = _split(text, place + 1)
            return [part.strip() for part in parts if part.strip()], whole
        level += letter in "<({["
        level -= letter in ">)}]" and text[place - 1] != "="
    return [], False


_REST = Parameter("", 0, is_open=True, optional=True, variadic=True)


def _split(text: str, start: int) -> tuple[list[str], bool]:
    """What stands between commas up to the bracket that closes; and whether it does."""
    parts: list[str] = []
    level, begin = 0, start
    for place in range(start, len(text)):
        letter = text[place]
        if letter in _OPENERS:
            level += 1
        elif letter in _CLOSERS and text[place - 1] not in "-=":
            if not level:
                return [*parts, text[begin:place]], True
            level -= 1
        elif letter == "," and not level:
            parts.append(text[begin:place])
            begin = place + 1
    return [*parts, text[begin:]], False


def qualifiers(symbol: Symbol) -> tuple[str, ...]:
    """What stands before a function's name in its signature: `a::B<C>::f` has a, B."""
    plain = _without_arguments(symbol.signature)
    found = re.search(rf"((?:\w+\s*::\s*)+)~?{re.escape(symbol.name)}\s*\(", plain)
    return tuple(re.findall(r"\w+", found[1])) if found is not None else ()


def _parameter(text: str) -> Parameter:
    plain, default, _ = _ANNOTATION.sub(" ", text).partition("=")
    variadic = "..." in plain
    name = base_name(plain)
    is_open = len(name) <= 2 and name[:1].isupper()
    optional = bool(default) or variadic
    return Parameter(name, dimensions(plain), is_open, optional, variadic)


def base_name(text: str) -> str:
    """The last part of the name of a type as written: `a.B<C> x` gives B."""
    words = _WORD.findall(_without_arguments(text))
    named = [word for word in words if word not in _QUALIFIERS]
    if not named:
        return "int" if words else ""  # C's `unsigned`
    return re.split(r"\.|::", named[0])[-1].strip()


def dimensions(text: str) -> int:
    """How deep an array a type as written is."""
    return _without_arguments(text).count("[")


def _without_arguments(text: str) -> str:
    """A type's text without what stands in angle brackets."""
    kept: list[str] = []
    level = 0
    for letter in _ANNOTATION.sub(" ", text):
        if letter == "<":
            level += 1
        elif letter == ">":
            level = max(0, level - 1)
            kept.append(" ")
        elif not level:
            kept.append(letter)
    return "".join(kept)
