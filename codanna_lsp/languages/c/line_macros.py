"""Macros at the start of a line: before a type, around one, alone, or with a block.

Invariant: pure. A line is looked at only where its first word begins with an upper-case
letter or `_` and what follows the word can be one of these forms.
"""

import re
from collections.abc import Iterator

from codanna_lsp.languages.c.conditions import trimmed

IN_BRACKETS = rb"\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)"
MAYBE_CALLED = rb"(?:%s)?" % IN_BRACKETS

# What comes behind the word tells which patterns can match: [1] is its first byte.
_FIRST_WORD = rb"(?=[A-Z_]\w++[ \t\r]*+([\w({\n]))"
_LOUD_LINE = re.compile(rb"\n[ \t]*%s" % _FIRST_WORD)
_LOUD_START = re.compile(_FIRST_WORD)
_LOUD = re.compile(
    rb"API|EXPORT|IMPORT|EXTERN|INLINE|STATIC|PUBLIC|PUB|FUN|DECL|DLL|FORCE|GLOBAL|LOCAL"
)
# The first word of a line before a type: `API int f(`, `API static T x;`.
_LEADING = re.compile(
    rb"([A-Z_][A-Z0-9_]*[A-Z0-9]_*%s)[ \t]+(?!\w+[ \t]*\*+[ \t]*\(\w)"
    rb"(?=(?:const|unsigned|signed|struct|enum|union|static|inline|extern|void"
    rb"|int|char|long|short|float|double|bool|virtual|explicit|constexpr|template|class"
    rb"|auto|size_t)\b|[A-Za-z_][\w:]*(?:<[^;{}()]{0,300}>)?(?:[ \t]*[*&][ \t*&]*[A-Za-z_~(]"
    rb"|[ \t]+(?:[A-Za-z_~]|\([ \t]*(?:\*|\w+[ \t]*\)[ \t]*\()))"
    rb"|(?:[A-Za-z_]\w*::)*([A-Za-z_]\w*)(?:<[^;{}()]{0,300}>)?::~?\2[ \t]*\("
    rb"|[A-Z_][A-Z0-9_]*[ \t]+\w)" % MAYBE_CALLED
)
_QUALIFIED = re.compile(rb"(?:const|volatile)[ \t*&]+[A-Za-z_]\w*[ \t]*[(;=,\[]")
_SECOND = re.compile(rb"([A-Z_][A-Z0-9_]*)[ \t*&]+[A-Za-z_]\w*[ \t]*[(;=,\[]")
# `PyAPI_FUNC(int) f(`: the type stands in the macro's brackets.
_AROUND = re.compile(
    rb"([A-Z_]\w*[ \t]*\()[A-Za-z_][\w \t]*[ \t*]*(\))\s*[A-Za-z_*(]\w*[\w \t*]*[(;\[]"
)
# `FLAG(int, port, 80)`: no type is handed to a function.
_TYPED = re.compile(
    rb"(?!DEFINE_|DECLARE_)[A-Z][A-Z0-9_]{2,}\([ \t]*((?:(?:unsigned|signed|long|short|int|char|float"
    rb"|double|bool)[ \t*]*)+,)(?=[^;{}]{0,300}\))"
)
# A line with nothing but a macro: `Q_OBJECT`, `G_BEGIN_DECLS`.
_ALONE = re.compile(
    rb"([A-Z_][A-Z0-9_]+%s)[ \t\r]*\n\s*([A-Za-z_~#\[/}]\w*)([ \t]*[(=,]?)"
    % MAYBE_CALLED
)
# Several of them, before a line that begins with a type.
_ALL_ALONE = re.compile(
    rb"((?:[A-Z_][A-Z0-9_]{3,}[ \t]+){1,8}[A-Z_][A-Z0-9_]{3,})[ \t\r]*\n\s*"
    rb"(?:static|extern|inline|const|struct|unsigned|void|int|char|long|bool|double)\b"
)
# `TRY { ... }`: a block that a macro opens.
_BLOCK = re.compile(rb"([A-Z_][A-Z0-9_]{2,})[ \t]*\{")
_IN_CLASSES = re.compile(rb"Q_\w+|[A-Z_]+(?:OBJECT|GADGET|DISALLOW_\w+|DISABLE_\w+)\b")
_TEMPLATE = re.compile(rb"\btemplate\s*<[^;{}]*\Z")
_RECORD = re.compile(
    rb"\b(?:struct|union|class)\b[^;{}()=]{0,300}\{(?:\s*[A-Z_][A-Z0-9_]+)*\Z"
)
_NEAR = 300  # bytes before a word that are looked at

_Spans = Iterator[tuple[int, int]]


def line_macros(source: bytes) -> _Spans:
    """The spans of macros that begin a line."""
    alone = -1  # where the last macro ended that stood alone
    for start, follows in _loud_words(source):
        if follows == b"{":
            found = _BLOCK.match(source, start)
            before = source[max(0, start - _NEAR) : start].rstrip()
            if found is not None and before[-1:] in b";{}":
                yield found.span(1)
        elif follows in b"(\n" and (found := _ALONE.match(source, start)) is not None:
            begins = alone >= 0 and not source[alone:start].strip()
            if _stands_alone(found, begins=begins):
                yield found.span(1)
                alone = found.end(1)
        elif follows == b"(" and (found := _TYPED.match(source, start)) is not None:
            yield found.span(1)
        elif follows == b"(" and (found := _AROUND.match(source, start)) is not None:
            if _LOUD.search(found[1]):
                yield found.span(1)
                yield found.span(2)
        elif follows != b"\n":
            found = _ALL_ALONE.match(source, start)
            if found is not None:
                yield found.span(1)
            else:
                yield from _before_a_type(source, start)


def _loud_words(source: bytes) -> Iterator[tuple[int, bytes]]:
    """Where lines begin with a word that may be a macro, and the byte behind it."""
    found = _LOUD_START.match(source)
    if found is not None:
        yield 0, found[1]
    for found in _LOUD_LINE.finditer(source):
        yield found.end(), found[1]


def _before_a_type(source: bytes, start: int) -> _Spans:
    found = _LEADING.match(source, start)
    while found is not None and _is_no_type(found):
        yield found.span(1)
        found = _LEADING.match(source, found.end())


def _is_no_type(found: re.Match[bytes]) -> bool:
    """Not where the upper-case word is the type itself: `DWORD WINAPI f(`."""
    if found[1].endswith(b")"):
        return True
    text, stop = found.string, found.end()
    if _QUALIFIED.match(text, stop):
        return False
    return not _SECOND.match(text, stop) or _LOUD.search(found[1]) is not None


def _stands_alone(found: re.Match[bytes], *, begins: bool) -> bool:
    """Only where a declaration or statement may begin, and no type is split off."""
    before = found.string[max(0, found.start() - _NEAR) : found.start()].rstrip()
    last = before[-1:]
    line = before[before.rfind(b"\n") + 1 :].lstrip()
    if line.endswith(b"\\"):
        return False
    begins |= not last or last in b";}{:" or before.endswith(b"*/")
    begins |= last == b">" and _TEMPLATE.search(before) is not None
    if not begins and line[:1] != b"#" and b"//" not in line:
        return False
    if found[2].startswith(b"}"):
        code = trimmed(before)
        if code[-1:] not in (b";", b"}") and not _RECORD.search(code):
            return False
    return not found[3].strip() or _IN_CLASSES.match(found[1]) is not None
