"""`#if` in C and C++: which branches a plain build leaves out, and which break the parse.

No build is known, so one is assumed: what the file itself defines, a GNU compiler on a
Unix system, and of all other macros that they are not defined.

A grammar reads every branch. Where a branch opens what another closes, or splits an
expression or a function's head, it loses the rest of the function or of the file; there
the lines of the directives and of the branches that are left out are blanked.

Invariant: pure; never raises on what a directive says.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from codanna_lsp.languages.c.condition_values import Known, is_true, read_value

_CONDITIONAL = re.compile(
    rb"#[ \t]*(ifdef|ifndef|if|elifdef|elifndef|elif|else|endif)\b"
    rb"((?:[^\\\n]|\\[^\n]|\\\n)*)"
)
_NAME = re.compile(rb"[A-Za-z_]\w*")
_DEFINE = re.compile(rb"#[ \t]*(define|undef)[ \t]+([A-Za-z_]\w*)")
_VALUE = re.compile(rb"(?:[^\\\n]|\\[^\n]|\\\n)*")
_WORDS = frozenset((b"defined", b"__cplusplus"))
BLANK = bytes(byte if byte in b"\r\n" else 32 for byte in range(256))
_OPENS = frozenset((b"if", b"ifdef", b"ifndef"))
_NEGATED = frozenset((b"ifndef", b"elifndef"))
_MAX_DEPTH = 64  # of nested `#if`
# What is no code: comments, texts, and the lines of other directives.
_QUOTED = re.compile(
    rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
    rb"|(?:\A|(?<=\n))[ \t]*#(?:[^\\\n]|\\[^\n]|\\\n)*",
    re.DOTALL,
)
_GOES_ON = re.compile(rb"else\b(?!\s*#)|,|&&|\|\||\?|[-+|]\s*\w")
_OPERATORS = b"&|=(+?"
_TESTED = re.compile(rb"(?:\}[ \t]*)?(?:else[ \t]+)?(?:if|for|while)\b[^;{}]*\)\Z")
_TYPED = re.compile(
    rb"(?:static|extern|const|inline|unsigned|struct|void|int|char|long|float|double)\b"
    rb"[\w \t*]*\Z"
)
_FILLED = re.compile(rb"=\s*\{\Z")
_COMMENT_START = re.compile(rb"\s*(?:/\*.*?\*/\s*|//[^\n]*\s*)*", re.DOTALL)
_NEAR = 240  # bytes around a directive that are looked at


_Span = tuple[int, int]


class Conditions(NamedTuple):
    """What the conditions of a file say, as spans of bytes.

    unbuilt: the branches that the assumed build leaves out.
    breaking: what has to be blanked, so that the rest can be parsed.
    """

    unbuilt: tuple[_Span, ...]
    breaking: tuple[_Span, ...]


class _Directive(NamedTuple):
    """start: of its line. rest: what follows the word."""

    start: int
    stop: int
    word: bytes
    rest: bytes


class _Branch(NamedTuple):
    """start: of its directive's line. body: where its own lines start."""

    start: int
    body: int
    is_built: bool


class _Chain:
    """An `#if` with its branches, as far as they have been read."""

    def __init__(self, *, is_reached: bool) -> None:
        self.is_reached = is_reached
        self.is_decided = False
        self.branches: list[_Branch] = []

    def begin(self, branch: _Span, *, holds: bool) -> None:
        is_built = self.is_reached and holds and not self.is_decided
        self.is_decided |= holds
        self.branches.append(_Branch(*branch, is_built))


@lru_cache(maxsize=1)
def read_conditions(source: bytes) -> Conditions:
    """Which parts of a file's text are left out, and which break the parse."""
    directives = _directives(source)
    if not directives or (len(directives) < 3 and directives[0].word == b"ifndef"):
        return Conditions((), ())  # the usual one, against a second inclusion
    text = bytearray(source)
    known = Known(source)
    chains: list[_Chain] = []
    unbuilt: list[_Span] = []
    breaking: list[_Span] = []
    for one in sorted([*directives, *_definitions(source, directives)]):
        is_built = not chains or chains[-1].branches[-1].is_built
        line = one.start, one.stop
        if one.word in _OPENS:
            if len(chains) >= _MAX_DEPTH:
                break
            chains.append(_Chain(is_reached=is_built))
            chains[-1].begin(line, holds=is_built and _holds(known, one))
        elif one.word in (b"define", b"undef"):
            if is_built:
                _define(known, one)
        elif not chains:
            continue
        elif one.word != b"endif":
            chain = chains[-1]
            open_yet = chain.is_reached and not chain.is_decided
            chain.begin(line, holds=open_yet and _holds(known, one))
        else:
            chain = chains.pop()
            unbuilt += _left_out(chain, one.start)
            for start, stop in _breaking(text, chain, line):
                breaking.append((start, stop))
                text[start:stop] = text[start:stop].translate(BLANK)
    return Conditions(tuple(unbuilt), tuple(breaking))


def _directives(source: bytes) -> list[_Directive]:
    found: list[_Directive] = []
    for one in _CONDITIONAL.finditer(source):
        start = one.start()
        line = source.rfind(b"\n", 0, start) + 1
        if line == start or not source[line:start].strip():
            found.append(_Directive(line, one.end(), one[1], one[2]))
    return found


def _definitions(source: bytes, directives: list[_Directive]) -> Iterator[_Directive]:
    """Where the macros that conditions name are defined; no others are looked at."""
    conditions = b" ".join([one.rest for one in directives])
    names = set(_NAME.findall(conditions)) - _WORDS
    for found in _DEFINE.finditer(source) if names else ():
        if found[2] in names:
            value = _VALUE.match(source, found.end())
            rest = value[0] if value is not None else b""
            yield _Directive(found.start(), found.end(), found[1], found[2] + rest)


def _define(known: Known, one: _Directive) -> None:
    found = _NAME.match(one.rest)
    if found is not None:
        value = one.rest[found.end() :]
        given = b"" if value[:1] == b"(" else read_value(value)
        known.values[found[0]] = None if one.word == b"undef" else given


def _holds(known: Known, one: _Directive) -> bool:
    if one.word == b"else":
        return True
    if one.word in (b"if", b"elif"):
        return is_true(known, one.rest)
    found = _NAME.search(one.rest)
    defined = found is not None and known.is_defined(found[0])
    return defined != (one.word in _NEGATED)


def _left_out(chain: _Chain, end: int) -> Iterator[_Span]:
    if not chain.is_reached:
        return  # what holds the chain is left out as a whole
    stops = [branch.start for branch in chain.branches[1:]]
    for branch, stop in zip(chain.branches, [*stops, end], strict=True):
        if not branch.is_built:
            yield branch.body, stop


def _breaking(text: bytearray, chain: _Chain, end: _Span) -> list[_Span]:
    """What to blank of a chain: the directives' lines, and all but one branch."""
    stops = [branch.start for branch in chain.branches[1:]]
    bodies = [
        (branch.body, stop)
        for branch, stop in zip(chain.branches, [*stops, end[0]], strict=True)
    ]
    if not _breaks(text, chain, bodies, end[1]):
        return []
    if not any(_QUOTED.sub(b"", bytes(text[slice(*body)])).strip() for body in bodies):
        return []  # nothing but macros, which are no part of a statement
    kept = next((i for i, one in enumerate(chain.branches) if one.is_built), -1)
    if kept < 0 and not chain.is_reached:
        kept = 0
    spans = [(branch.start, branch.body) for branch in chain.branches]
    spans += [body for index, body in enumerate(bodies) if index != kept]
    return [*spans, end]


def _breaks(text: bytearray, chain: _Chain, bodies: list[_Span], end: int) -> bool:
    if any(not _is_balanced(text, start, stop) for start, stop in bodies):
        return True
    first = chain.branches[0].start
    before = trimmed(bytes(text[max(0, first - _NEAR) : first]))
    after = _COMMENT_START.sub(b"", bytes(text[end : end + _NEAR]), count=1)
    if _is_unfinished(before) or _GOES_ON.match(after) is not None:
        return True
    is_body = after[:1] == b"{"
    return any(_splits(text, before, one, is_body=is_body) for one in bodies)


def _splits(text: bytearray, before: bytes, body: _Span, *, is_body: bool) -> bool:
    """Whether a branch is a part of a statement, or the head of what follows it."""
    start, stop = body
    begins = _COMMENT_START.sub(
        b"", bytes(text[start : min(stop, start + _NEAR)]), count=1
    )
    if _GOES_ON.match(begins) is not None:
        return True
    ends = trimmed(bytes(text[max(start, stop - _NEAR) : stop]))
    return _is_unfinished(ends) or (is_body and _is_head(ends or before))


def _is_unfinished(before: bytes) -> bool:
    """Whether an expression, an initialiser or a condition goes on behind this."""
    line = before[before.rfind(b"\n") + 1 :].lstrip()
    if line[:1] == b"#":
        return False
    last = before[-1:]
    if last == b")":
        return _TESTED.match(line) is not None
    if last == b"{":
        return _FILLED.search(before) is not None
    if _TYPED.match(line) is not None:
        return True
    return bool(last) and (last in _OPERATORS or before.endswith((b"else", b"return")))


def _is_balanced(text: bytearray, start: int, stop: int) -> bool:
    """Whether a branch closes just the brackets that it opens."""
    if text.count(b"{", start, stop) == text.count(b"}", start, stop) and (
        text.count(b"(", start, stop) == text.count(b")", start, stop)
    ):
        return True
    plain = _QUOTED.sub(b"", bytes(text[start:stop]))
    return plain.count(b"{") == plain.count(b"}") and (
        plain.count(b"(") == plain.count(b")")
    )


def _is_head(ends: bytes) -> bool:
    """Whether this ends in the head of a function whose body comes next."""
    line = ends[ends.rfind(b"\n") + 1 :].lstrip()
    return ends[-1:] not in (b";", b"{", b"}", b"") and line[:1] != b"#"


def trimmed(text: bytes) -> bytes:
    """Without the blanks and the comments at its end."""
    text = text.rstrip()
    while text:
        if text.endswith(b"*/"):
            start = text.rfind(b"/*")
        else:
            start = text.find(b"//", text.rfind(b"\n") + 1)
        if start < 0:
            break
        text = text[:start].rstrip()
    return text
