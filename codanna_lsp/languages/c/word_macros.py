"""Macros that are told by their word: `BOOL WINAPI f(`, `int a UNUSED`, `GUARDED_BY(m)`.

Few files hold any: a pattern is tried only where one of its words is among the file's.

Invariant: pure.
"""

import re
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Self

from codanna_lsp.languages.c.line_macros import MAYBE_CALLED

_WORD_END = re.compile(rb"\w{0,100}\Z")
_WORD = re.compile(rb"\w+")
_MAX_SEARCHES = 8
_NEAR = 65  # bytes before a word that are looked at: one, and 64 blanks or stars

_MAX_ARGUMENTS = 1000  # bytes
# A name, an operator, or a pointer to a function.
_LAST_WORD = re.compile(rb"(?:\w+|(?<=operator)\W{1,3}|\([ \t]*\*[\w \t*]*\))\Z")
_NO_NAMES = frozenset(b"if for while switch return sizeof case".split())
# A calling convention between the type and the name: `BOOL WINAPI f(`.
_CONVENTIONS = (
    *("CALL ", "EXPORT ", "_API ", "CALLBACK ", "CALLCONV ", "CALLTYPE ", "CDECL "),
)
_OTHER_CONVENTIONS = frozenset(("WINAPI", "APIENTRY", "__stdcall", "__cdecl"))
_CONVENTION_WORD = re.compile(
    r"(?<= )(?:CALLBACK|[A-Z][A-Z0-9_]*(?:CALL|EXPORT|_API|CALLCONV|CALLTYPE|CDECL))(?= )"
)
_CONVENTION = re.compile(
    rb"(\w+[ \t\n]+)(?=[A-Za-z_]\w*(?:[ \t\n]{0,40}|[ \t]*[A-Z_]+[ \t]*)\()"
)
# `typedef int (WINAPI *F)(int);`
_IN_POINTER = re.compile(
    rb"(\w+[ \t]*)(?=\*+[ \t]*(?:const[ \t]+)?\w*[ \t]*\)[ \t]*\()"
)
_BEHIND_TYPE = re.compile(rb"[\w*>][ \t*]{1,64}\Z")
# `int a UNUSED`, `int a_unused`, `UNUSED(int a)`.
_UNUSED = re.compile(rb"(\w+)(?=[ \t]*[,)])")
_UNUSED_CALL = re.compile(rb"(\w+\()[ \t]*\w+[ \t]*(\))(?=[ \t\n]*[,)])")
_BEHIND_WORD = re.compile(rb"[\w*\]][ \t*]{1,64}\Z")
_BEHIND_STAR = re.compile(rb"(?:[\w*][ \t*]{1,64}|\*)\Z")
# Clang's thread safety annotations, on fields and on functions, under any prefix.
_GUARDED_WORDS = ("GUARDED_BY ", "GUARDED_VAR ", "ACQUIRED_AFTER ", "ACQUIRED_BEFORE ")
_GUARDED = re.compile(
    rb"(\b[A-Z_]*(?:GUARDED_(?:BY|VAR)|ACQUIRED_(?:AFTER|BEFORE))\b[ \t]*%s)(?=[ \t\n]*[;=,{])"
    % MAYBE_CALLED
)
_LOCKED_NAMES = (
    rb"LOCK_REQUIRED|LOCKS_REQUIRED|LOCK_EXCLUDED|LOCKS_EXCLUDED|LOCK_RETURNED"
    rb"|LOCK_FUNCTION|REQUIRES|REQUIRES_SHARED|EXCLUDES|ACQUIRE|ACQUIRE_SHARED|RELEASE"
    rb"|RELEASE_SHARED|TRY_ACQUIRE|ASSERT_CAPABILITY|RETURN_CAPABILITY"
    rb"|NO_THREAD_SAFETY_ANALYSIS"
)
_LOCKED_WORDS = tuple(f"{name} " for name in _LOCKED_NAMES.decode().split("|"))
_LOCKED = re.compile(
    rb"\)[ \t\n]*(?:const[ \t\n]+)?(?:noexcept[ \t\n]+)?(?:override[ \t\n]+)?((?>\b"
    rb"[A-Z_]*(?:%s)\b[ \t]*%s[ \t\n]*){1,16}+)(?=override\b|[;{=])"
    % (_LOCKED_NAMES, MAYBE_CALLED)
)
# `int f OF((int a));`, as C was made readable for compilers without prototypes.
_PROTOTYPE_WORDS = frozenset(
    ("OF", "PARAMS", "PROTO", "ARGS", "JPP", "__P", "P_", "_P", "_")
)
_PROTOTYPE = re.compile(
    rb"[\w*][ \t*\n]{1,64}\w+[ \t]*(\b(?:OF|PARAMS|PROTO|ARGS|JPP|__P|P_|_P|_)[ \t]*\()\("
    rb"[^(){};]*(?:\([^(){};]*\)[^(){};]*)*\)[ \t]*(\))(?=\s*;)"
)

_Spans = Iterator[tuple[int, int]]


class Words(NamedTuple):
    """The distinct words of a file.

    text: all of them, each with a blank before and behind it. loud: those in upper case.
    """

    all: AbstractSet[str]
    text: str
    loud: str

    @classmethod
    def of(cls, words: AbstractSet[str]) -> Self:
        """Ready to be searched."""
        loud = [word for word in words if word.isupper()]
        return cls(words, f" {' '.join(words)} ", f" {' '.join(loud)} ")


def word_macros(source: bytes, words: Words) -> _Spans:
    """The spans of macros within declarations that are known by their words."""
    yield from _conventions(source, words)
    yield from _unused(source, words)
    if any(word in words.loud for word in _GUARDED_WORDS):
        yield from groups_of(_GUARDED, source)
    if any(word in words.loud for word in _LOCKED_WORDS):
        for found in _LOCKED.finditer(source):
            if called_name(source, found.start()):
                yield from _unless_defined(found)
    if any(
        f"{word}((".encode() in source or f"{word} ((".encode() in source
        for word in _PROTOTYPE_WORDS & words.all
    ):
        yield from groups_of(_PROTOTYPE, source)


def groups_of(pattern: re.Pattern[bytes], source: bytes) -> _Spans:
    """The groups of all matches, but in directives."""
    for found in pattern.finditer(source):
        yield from _unless_defined(found)


def places(source: bytes, word: bytes) -> Iterator[int]:
    """Where a text occurs."""
    start = source.find(word)
    while start >= 0:
        yield start
        start = source.find(word, start + len(word))


def called_name(source: bytes, bracket: int) -> bytes:
    """What stands before the arguments that a bracket closes, up to the name's end.

    Nothing where that is no name: the bracket ends a cast or a condition.
    """
    depth = 0
    for place in range(bracket, max(-1, bracket - _MAX_ARGUMENTS), -1):
        if source[place] == ord(")"):
            depth += 1
        elif source[place] == ord("("):
            depth -= 1
            if not depth:
                before = source[max(0, place - _NEAR) : place].rstrip()
                found = _LAST_WORD.search(before)
                no_name = found is None or found[0] in _NO_NAMES
                return b"" if no_name else before
    return b""


def _conventions(source: bytes, words: Words) -> _Spans:
    found = [word for word in _OTHER_CONVENTIONS if word in words.all]
    if any(word in words.loud for word in _CONVENTIONS):
        found += _CONVENTION_WORD.findall(words.loud)
    for start, stop in whole_words(source, {word.encode() for word in found}):
        if source[stop : stop + 1].isspace() and _is_behind(
            _BEHIND_TYPE, source, start
        ):
            yield from _at(_CONVENTION, source, start)
        elif source[start - 1 : start] == b"(":
            yield from _at(_IN_POINTER, source, start)


def whole_words(source: bytes, words: Collection[bytes]) -> _Spans:
    """Where words occur; a few are searched for one by one, many in one pass."""
    if len(words) > _MAX_SEARCHES:
        yield from (word.span() for word in _WORD.finditer(source) if word[0] in words)
    else:
        for word in words:
            for start in places(source, word):
                before, stop = source[start - 1 : start], start + len(word)
                behind = source[stop : stop + 1]
                if not _WORD.match(before) and not _WORD.match(behind):
                    yield start, stop


def _unused(source: bytes, words: Words) -> _Spans:
    for place in places(source, b"UNUSED") if "UNUSED" in words.text else ():
        start = _word_start(source, place)
        if _is_behind(_BEHIND_STAR, source, start):
            yield from _at(_UNUSED_CALL, source, start)
        if _is_behind(_BEHIND_WORD, source, start):
            yield from _at(_UNUSED, source, start)
    for place in places(source, b"_unused") if "_unused " in words.text else ():
        start = _word_start(source, place)
        if _is_behind(_BEHIND_WORD, source, start):
            yield from _at(_UNUSED, source, start)


def _is_behind(pattern: re.Pattern[bytes], source: bytes, start: int) -> bool:
    return pattern.search(source[max(0, start - _NEAR) : start]) is not None


def _word_start(source: bytes, place: int) -> int:
    found = _WORD_END.search(source[max(0, place - 100) : place])
    return place if found is None else place - len(found[0])


def _at(pattern: re.Pattern[bytes], source: bytes, start: int) -> _Spans:
    found = pattern.match(source, start)
    if found is not None:
        yield from _unless_defined(found)


def _unless_defined(found: re.Match[bytes]) -> _Spans:
    """The groups of a match, but where a directive defines the macro itself."""
    source, start = found.string, found.start(1)
    line = source.rfind(b"\n", 0, start) + 1
    if source[line:start].lstrip()[:1] != b"#":
        for group in range(1, found.re.groups + 1):
            yield found.span(group)
