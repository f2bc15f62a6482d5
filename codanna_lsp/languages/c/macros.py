"""Macros that a grammar of C or C++ cannot read, blanked out before the parse.

`class API Widget : public Q {` is no C++ until the preprocessor has seen API. What is
blanked is told by its form alone: no definition of a macro is looked up.

Every pattern begins with a letter or a line feed that is searched for as such, or is
tried only where a word of it occurs: this looks at all C code before each parse.

Invariant: pure; the result has the same length and the same line feeds.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from codanna_lsp.languages.c.annotations import annotations
from codanna_lsp.languages.c.conditions import BLANK, read_conditions
from codanna_lsp.languages.c.line_macros import MAYBE_CALLED, line_macros
from codanna_lsp.languages.c.word_macros import (
    Words,
    called_name,
    groups_of,
    places,
    word_macros,
)

_Spans = Iterator[tuple[int, int]]

# `class API Widget final : public Q {`, `struct EXPORT S {`. Without a body it is most
# often a variable: `struct POINT p;`.
_HEAD = rb"%s\s+((?>%s%s\s+)+)(?!final\b|override\b)[A-Za-z_]\w*(?:::\w+)*%s"
_OPENS = rb"\s*(?:<[^;{}]{0,300}>\s*)?(?:final\s*)?(?::[^:]|\{)"
_OPENS_OR_ENDS = rb"\s*(?:<[^;{}]{0,300}>\s*)?(?:final\s*)?(?::[^:]|[{;])"
_LOUD = rb"(?:[A-Z_][A-Z0-9_]*|__(?:packed|aligned)\w*)"
_MARKED = (
    rb"(?:[A-Z_][A-Z0-9_]*|__(?:packed|aligned)\w*|\w*(?:EXPORT|_API|_export|_api)\w*)"
)
_MARKS_OF_TYPES = ("EXPORT", "_API", "_export", "_api")


def _heads(macro: bytes) -> tuple[tuple[str, re.Pattern[bytes]], ...]:
    tails = (
        ("class", _OPENS_OR_ENDS),
        ("struct", _OPENS),
        ("union", rb"\s*\{"),
        ("enum", rb"\s*(?:\{|:\s*\w[\w:\s]*\{)"),
    )
    return tuple(
        (word, re.compile(_HEAD % (word.encode(), macro, MAYBE_CALLED, tail)))
        for word, tail in tails
    )


_TYPES = _heads(_LOUD)
_MARKED_TYPES = (
    *_heads(_MARKED),
    (
        "struct",
        re.compile(
            _HEAD % (b"struct", rb"\w*(?:EXPORT|_API)\w*", MAYBE_CALLED, rb"\s*;")
        ),
    ),
)
# Behind a storage class, before a type: `static INLINE int f(`, `static CONST double`.
_STORED_WORDS = ("static", "extern", "inline", "friend")
_STORED = re.compile(
    rb"[ \t]+([A-Z_][A-Z0-9_]{2,}|__[a-z]\w+)[ \t]+(?=(?:unsigned|signed|struct|enum|union"
    rb"|inline|void|int|char|long|short|float|double|bool|size_t)\b"
    rb"|(?:const[ \t]+)?[a-z]\w*[ \t*&\n]+(?:[a-z_]\w*[ \t\n]*[(=;\[]|operator\b))"
)
# A comment on a line that a backslash continues: the grammar ends the macro there.
_MAX_CONTINUED = 1000  # bytes of such a line that are looked at
_COMMENT = re.compile(rb"/\*[^\n]*?\*/")
# Directives inside of an enum, and the list of its members that they are for.
_ENUM = re.compile(rb"enum\b[^;{}()=]{0,300}\{([^{}]*#[ \t]*define[^{}]*)\}")
_IN_ENUM = re.compile(
    rb"^[ \t]*(?:#[ \t]*(?:define|undef)\b(?:[^\\\n]|\\[^\n]|\\\n)*"
    rb"|[A-Z_][A-Z0-9_]*[ \t]*\([^()\n]*\)[ \t]*$)",
    re.MULTILINE,
)
# Behind the arguments of a function, before its body or its end.
_BEHIND = re.compile(rb"\)[ \t\n]*(?=[A-Z_]|const[ \t\n]+[A-Z_])")
_TRAILING = re.compile(
    rb"(?:const[ \t\n]+)?([A-Z_][A-Z0-9_]{3,}%s)(?=[ \t\n]*(?:\{|:\s*\w+[({<]))"
    % MAYBE_CALLED
)
_MARKS = re.compile(
    rb"((?>(?:__attribute__[ \t]*\(\((?:[^()\n]|\([^()\n]*\))*\)\)"
    rb"|(?:__(?!asm|attribute__\b)\w+"
    rb"|[A-Z][A-Z_]*(?:NOEXCEPT|NOTHROW|NORETURN|PRINTF|ATTR\w*|WARN_UNUSED\w*"
    rb"|AVAILABLE\w*|DEPRECATED\w*))\b[ \t]*%s)[ \t\n]*){1,16}+)(?=[;{])" % MAYBE_CALLED
)
_TYPE_AND_NAME = re.compile(rb"[\w>\]*&][\s*&]+(?:\w+|\([ \t]*\*[\w \t*]*\))\Z")
_STATEMENT = re.compile(rb"\b(?:else|do|return)[\s*&]+\w+\Z")
# `extern "C" {` and its end, each in an `#ifdef` of its own.
_GUARD = re.compile(
    rb"#[ \t]*if(?:def[ \t]+|[ \t]+defined[ \t]*\(?[ \t]*)__cplusplus\b[^\n]*\n"
    rb"((?:[ \t]*(?:/\*[^\n]*\*/)?[ \t\r]*\n)*"
    rb"[ \t]*(?:extern[ \t]*\"C\"[ \t\r\n]*\{|\})[^\n]*\n"
    rb"(?:[ \t\r]*\n)*)[ \t]*#[ \t]*endif"
)
# `char *f(a) int a; {`: with the star the grammar takes it for a declaration.
_OLD_STYLE = re.compile(
    rb"\)[ \t\r]*\n(?:[ \t]*[A-Za-z_][^;{}()=\n]*;[^\n]*\n){1,64}[ \t]*\{"
)
_STARRED_NAME = re.compile(
    rb"((?:\*[ \t]*)+)[ \t\r\n]*[A-Za-z_]\w*[ \t]*\([ \t]*\w+(?:\s*,\s*\w+)*[ \t]*\Z"
)
_SLOT_WORDS = frozenset(("slots", "Q_SLOTS"))
_SLOTS = re.compile(rb"(?:public|protected|private)[ \t]+(slots|Q_SLOTS)[ \t]*:")
_SIGNAL_WORDS = frozenset(("signals", "Q_SIGNALS"))
_SIGNALS = re.compile(rb"\n[ \t]*(signals|Q_SIGNALS)(?=[ \t]*:[ \t\r]*\n)")


def blank_macros(source: bytes, words: AbstractSet[str]) -> bytes:
    """A file's text as the grammar can read it; `words` are those of the text."""
    searched = Words.of(words)
    spans = [*_before_types(source, searched), *line_macros(source)]
    spans += [*word_macros(source, searched), *annotations(source, searched)]
    spans += [*_before_old_style(source), *_stored(source, words)]
    spans += _behind_arguments(source)
    if "__cplusplus" in words:
        spans += groups_of(_GUARD, source)
    if not words.isdisjoint(_SLOT_WORDS):
        spans += groups_of(_SLOTS, source)
    if b"#if" in source:
        spans += read_conditions(source).breaking
    if "enum" in words and "define" in words:
        spans += _in_enums(source)
    if b"\\\n" in source:
        spans += _in_continued(source)
    signals = not words.isdisjoint(_SIGNAL_WORDS)
    if not spans and not signals:
        return source
    text = bytearray(source)
    for start, stop in spans:
        text[start:stop] = text[start:stop].translate(BLANK)
    if signals:
        for found in _SIGNALS.finditer(source):
            start, stop = found.span(1)
            text[start:stop] = b"public".ljust(stop - start)
    return bytes(text)


def _before_types(source: bytes, words: Words) -> _Spans:
    marked = any(mark in words.text for mark in _MARKS_OF_TYPES)
    for word, pattern in _MARKED_TYPES if marked else _TYPES:
        if word in words.all:
            for found in pattern.finditer(source):
                before = (
                    source[found.start() - 1 : found.start()] if found.start() else b""
                )
                if not before.isalnum() and before != b"_":
                    yield found.span(1)


def _stored(source: bytes, words: AbstractSet[str]) -> _Spans:
    for word in _STORED_WORDS:
        for place in places(source, word.encode()) if word in words else ():
            stop = place + len(word)
            follows = source[stop + 1 : stop + 2]
            if follows.isupper() or follows in b"_ \t":
                found = _STORED.match(source, stop)
                if found is not None:
                    yield found.span(1)


def _behind_arguments(source: bytes) -> _Spans:
    for one in _BEHIND.finditer(source):
        found = _TRAILING.match(source, one.end())
        if found is not None:
            yield found.span(1)
            continue
        found = _MARKS.match(source, one.end())
        if found is not None:
            before = called_name(source, one.start())
            if _TYPE_AND_NAME.search(before) and not _STATEMENT.search(before):
                yield found.span(1)


def _in_continued(source: bytes) -> _Spans:
    for stop in places(source, b"\\\n"):
        start = source.rfind(b"\n", 0, stop) + 1
        if stop - start <= _MAX_CONTINUED and source.find(b"/*", start, stop) >= 0:
            for found in _COMMENT.finditer(source, start, stop):
                yield found.span()


def _in_enums(source: bytes) -> _Spans:
    for enum in _ENUM.finditer(source):
        for found in _IN_ENUM.finditer(source, *enum.span(1)):
            yield found.span()


def _before_old_style(source: bytes) -> _Spans:
    for end in _OLD_STYLE.finditer(source):
        begin = max(0, end.start() - 300)
        found = _STARRED_NAME.search(source, begin, end.start())
        if found is not None:
            yield found.span(1)
