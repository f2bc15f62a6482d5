"""Macros that a grammar of C or C++ cannot read, blanked out before the parse.

`class API Widget : public Q {` is no C++ until the preprocessor has seen API. What is
blanked is told by its form alone: no definition of a macro is looked up.

Every pattern begins with a letter or a line feed that is searched for as such, or is
tried only where a word of it occurs: this looks at all C code before each parse.

Invariant: pure; the result has the same length and the same line feeds.
"""

import re
from collections.abc import Iterator

from codanna_lsp.languages.c.conditions import BLANK, read_conditions, trimmed

_Spans = Iterator[tuple[int, int]]

_IN_BRACKETS = rb"\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)"
_MACRO = rb"(?:[A-Z_][A-Z0-9_]*|\w*(?:EXPORT|_API|_export|_api)\w*)"
_MAYBE_CALLED = rb"(?:%s)?" % _IN_BRACKETS

# `class API Widget final : public Q {`, `struct EXPORT S {`. Without a body it is most
# often a variable: `struct POINT p;`.
_HEAD = rb"%s\s+((?>%s%s\s+)+)(?!final\b|override\b)[A-Za-z_]\w*(?:::\w+)*%s"
_OPENS = rb"\s*(?:<[^;{}]{0,300}>\s*)?(?:final\s*)?(?::[^:]|\{)"
_OPENS_OR_ENDS = rb"\s*(?:<[^;{}]{0,300}>\s*)?(?:final\s*)?(?::[^:]|[{;])"
_TYPES = tuple(
    (word, re.compile(_HEAD % (word, macro, _MAYBE_CALLED, tail)))
    for word, macro, tail in (
        (b"class", _MACRO, _OPENS_OR_ENDS),
        (b"struct", _MACRO, _OPENS),
        (b"struct", rb"\w*(?:EXPORT|_API)\w*", rb"\s*;"),
        (b"union", _MACRO, rb"\s*\{"),
        (b"enum", _MACRO, rb"\s*(?:\{|:\s*\w[\w:\s]*\{)"),
    )
)

_LOUD_LINE = re.compile(rb"\n[ \t]*(?=[A-Z_]\w)")
_LOUD = re.compile(
    rb"API|EXPORT|IMPORT|EXTERN|INLINE|STATIC|PUBLIC|PUB|FUN|DECL|DLL|FORCE|GLOBAL|LOCAL"
)
# The first word of a line before a type: `API int f(`, `API static T x;`.
_LEADING = re.compile(
    rb"([A-Z_][A-Z0-9_]*[A-Z0-9]%s)[ \t]+(?!\w+[ \t]*\*+[ \t]*\(\w)"
    rb"(?=(?:const|unsigned|signed|struct|enum|union|static|inline|extern|void"
    rb"|int|char|long|short|float|double|bool|virtual|explicit|constexpr|template|class"
    rb"|auto|size_t)\b|[A-Za-z_][\w:]*(?:<[^;{}()]{0,300}>)?(?:[ \t]*[*&][ \t*&]*[A-Za-z_~(]"
    rb"|[ \t]+(?:[A-Za-z_~]|\([ \t]*(?:\*|\w+[ \t]*\)[ \t]*\()))"
    rb"|(?:[A-Za-z_]\w*::)*([A-Za-z_]\w*)(?:<[^;{}()]{0,300}>)?::~?\2[ \t]*\("
    rb"|[A-Z_][A-Z0-9_]*[ \t]+\w)" % _MAYBE_CALLED
)
_QUALIFIED = re.compile(rb"(?:const|volatile)[ \t*&]+[A-Za-z_]\w*[ \t]*[(;=,\[]")
_SECOND = re.compile(rb"([A-Z_][A-Z0-9_]*)[ \t*&]+[A-Za-z_]\w*[ \t]*[(;=,\[]")
# `PyAPI_FUNC(int) f(`: the type stands in the macro's brackets.
_AROUND = re.compile(
    rb"([A-Z_]\w*[ \t]*\()[A-Za-z_][\w \t]*[ \t*]*(\))\s*[A-Za-z_*(]\w*[\w \t*]*[(;\[]"
)
# Behind a storage class, before a type: `static INLINE int f(`, `static CONST double`.
_STORED_WORDS = (b"static ", b"extern ", b"inline ")
_STORED = tuple(
    re.compile(
        rb"%s[ \t]+([A-Z_][A-Z0-9_]{2,})[ \t]+(?=(?:unsigned|signed|struct|enum|union"
        rb"|inline|void|int|char|long|short|float|double|bool|size_t)\b"
        rb"|(?:const[ \t]+)?[a-z]\w*[ \t*]+[a-z_]\w*[ \t]*[(=;\[])" % word.strip()
    )
    for word in _STORED_WORDS
)
# `FLAG(int, port, 80)` at the start of a line: no type is handed to a function.
_TYPED = re.compile(
    rb"[A-Z][A-Z0-9_]{2,}\([ \t]*((?:(?:unsigned|signed|long|short|int|char|float"
    rb"|double|bool)[ \t*]*)+,)(?=[^;{}]{0,300}\))"
)
_TYPED_WORDS = (
    *(b"(int,", b"(bool,", b"(double,", b"(float,"),
    *(b"(unsigned", b"(long", b"(short", b"(char"),
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
_RECORD = re.compile(
    rb"\b(?:struct|union|class)\b[^;{}()=]{0,300}\{(?:\s*[A-Z_][A-Z0-9_]+)*\Z"
)
# A line with nothing but a macro: `Q_OBJECT`, `G_BEGIN_DECLS`.
_ALONE = re.compile(
    rb"([A-Z_][A-Z0-9_]+%s)[ \t\r]*\n\s*([A-Za-z_~#\[/}]\w*)([ \t]*[(=,]?)"
    % _MAYBE_CALLED
)
# `TRY { ... }`: a block that a macro opens.
_BLOCK = re.compile(rb"([A-Z_][A-Z0-9_]{2,})[ \t]*\{")
_IN_CLASSES = re.compile(rb"Q_\w+|[A-Z_]+(?:OBJECT|GADGET|DISALLOW_\w+|DISABLE_\w+)\b")

# A calling convention between the type and the name: `BOOL WINAPI f(`.
_CONVENTION_WORDS = (
    *(b"WINAPI", b"APIENTRY", b"CALLBACK ", b"CALL ", b"EXPORT "),
    *(b"__stdcall", b"__cdecl"),
)
_CONVENTION = re.compile(
    rb"[\w*>][ \t*]{1,64}((?:WINAPI|APIENTRY|CALLBACK|__cdecl|__stdcall"
    rb"|[A-Z][A-Z0-9_]*(?:CALL|EXPORT|CALLCONV|CALLTYPE|CDECL|STDCALL))[ \t\n]+)"
    rb"(?=[A-Za-z_]\w*[ \t]*(?:[A-Z_]+[ \t]*)?\()"
)
_TRAILING = re.compile(
    rb"\)[ \t\n]*(?:const[ \t\n]+)?([A-Z_][A-Z0-9_]{3,}%s)(?=[ \t\n]*(?:\{|:\s*\w+[({<]))"
    % _MAYBE_CALLED
)
_MARKS = re.compile(
    rb"\)[ \t\n]*((?>(?:__(?!asm|attribute__\b)\w+"
    rb"|[A-Z][A-Z_]*(?:NOEXCEPT|NOTHROW|NORETURN|PRINTF|ATTR\w*|WARN_UNUSED\w*"
    rb"|AVAILABLE\w*|DEPRECATED\w*))\b[ \t]*%s[ \t\n]*)++)(?=;)" % _MAYBE_CALLED
)
# Clang's thread safety annotations, on fields and on functions, under any prefix.
_GUARDED_WORDS = (b"GUARDED_",)
_GUARDED = re.compile(
    rb"(\b[A-Z_]*GUARDED_(?:BY|VAR)\b[ \t]*%s)(?=[ \t\n]*[;=,{])" % _MAYBE_CALLED
)
_LOCKED_WORDS = (
    *(b"LOCK", b"REQUIRES", b"EXCLUDES", b"ACQUIRE", b"RELEASE", b"CAPABILITY"),
    b"THREAD_SAFETY",
)
_LOCKED = re.compile(
    rb"\)[ \t\n]*(?:const[ \t\n]+)?(?:noexcept[ \t\n]+)?(?:override[ \t\n]+)?((?>\b"
    rb"[A-Z_]*(?:LOCKS?_REQUIRED|LOCKS?_EXCLUDED|LOCK_RETURNED|LOCK_FUNCTION"
    rb"|REQUIRES|REQUIRES_SHARED|EXCLUDES|ACQUIRE|ACQUIRE_SHARED|RELEASE"
    rb"|RELEASE_SHARED|TRY_ACQUIRE|ASSERT_CAPABILITY|RETURN_CAPABILITY"
    rb"|NO_THREAD_SAFETY_ANALYSIS)\b[ \t]*%s[ \t\n]*)++)(?=override\b|[;{=])"
    % _MAYBE_CALLED
)
_UNUSED_WORDS = (b"UNUSED", b"_unused")
_UNUSED = re.compile(rb"[\w*][ \t*]{1,64}(\w*UNUSED\w*|\w*_unused)(?=[ \t]*[,)])")
_UNUSED_CALL = re.compile(
    rb"(?<=[\w*])[ \t*]{0,64}(\b\w*UNUSED\w*\()[ \t]*\w+[ \t]*(\))(?=[ \t\n]*[,)])"
)
# `int f OF((int a));`, as C was made readable for compilers without prototypes.
_PROTOTYPE_WORDS = (b"OF((", b"PARAMS (", b"PARAMS((", b"_P((", b"_((")
_PROTOTYPE = re.compile(
    rb"[\w*][ \t*\n]{1,64}\w+[ \t]*(\b(?:OF|PARAMS|PROTO|ARGS|JPP|__P|P_|_P|_)[ \t]*\()\("
    rb"[^(){};]*(?:\([^(){};]*\)[^(){};]*)*\)[ \t]*(\))(?=\s*;)"
)
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
_SLOTS = re.compile(rb"(?:public|protected|private)[ \t]+(slots|Q_SLOTS)[ \t]*:")
_SIGNALS = re.compile(rb"\n[ \t]*(signals|Q_SIGNALS)(?=[ \t]*:[ \t\r]*\n)")
# Patterns that are tried where one of their words occurs.
_GATED = (
    ((b"__cplusplus",), (_GUARD,)),
    (_UNUSED_WORDS, (_UNUSED, _UNUSED_CALL)),
    (_GUARDED_WORDS, (_GUARDED,)),
    (_LOCKED_WORDS, (_LOCKED,)),
    (_CONVENTION_WORDS, (_CONVENTION,)),
    (_PROTOTYPE_WORDS, (_PROTOTYPE,)),
    (_STORED_WORDS, _STORED),
    ((b"slots", b"SLOTS"), (_SLOTS,)),
    ((b")",), (_TRAILING, _MARKS)),
)


def blank_macros(source: bytes) -> bytes:
    """A file's text as the grammar can read it."""
    spans = [*_before_types(source), *_at_line_starts(source)]
    spans += _before_old_style(source)
    for words, patterns in _GATED:
        if any(word in source for word in words):
            for pattern in patterns:
                spans += _groups_of(pattern, source)
    if b"#if" in source:
        spans += read_conditions(source).breaking
    if b"enum" in source and b"define" in source:
        spans += _in_enums(source)
    if b"\\\n" in source:
        spans += _in_continued(source)
    signals = b"signals" in source or b"SIGNALS" in source
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


def _groups_of(pattern: re.Pattern[bytes], source: bytes) -> _Spans:
    for found in pattern.finditer(source):
        start = found.start(1)
        line = source.rfind(b"\n", 0, start) + 1
        if source[line:start].lstrip()[:1] != b"#":  # a macro's own definition
            for group in range(1, pattern.groups + 1):
                yield found.span(group)


def _before_types(source: bytes) -> _Spans:
    for word, pattern in _TYPES:
        if word in source:
            for found in pattern.finditer(source):
                before = (
                    source[found.start() - 1 : found.start()] if found.start() else b""
                )
                if not before.isalnum() and before != b"_":
                    yield found.span(1)


def _in_continued(source: bytes) -> _Spans:
    stop = source.find(b"\\\n")
    while stop >= 0:
        start = source.rfind(b"\n", 0, stop) + 1
        if stop - start <= _MAX_CONTINUED and source.find(b"/*", start, stop) >= 0:
            for found in _COMMENT.finditer(source, start, stop):
                yield found.span()
        stop = source.find(b"\\\n", stop + 1)


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


def _at_line_starts(source: bytes) -> _Spans:
    starts = [found.end() for found in _LOUD_LINE.finditer(source)]
    if source[:1].isupper():
        starts.insert(0, 0)
    is_typed = any(word in source for word in _TYPED_WORDS)
    alone = -1  # where the last macro ended that stood alone
    for start in starts:
        found = _ALONE.match(source, start)
        if found is not None:
            follows = alone >= 0 and not source[alone:start].strip()
            if _stands_alone(found, begins=follows):
                yield found.span(1)
                alone = found.end(1)
            continue
        found = _TYPED.match(source, start) if is_typed else None
        if found is not None:
            yield found.span(1)
            continue
        found = _BLOCK.match(source, start)
        if found is not None:
            if source[max(0, start - 300) : start].rstrip()[-1:] in b";{}":
                yield found.span(1)
            continue
        found = _AROUND.match(source, start)
        if found is not None:
            if _LOUD.search(found[1]):
                yield found.span(1)
                yield found.span(2)
            continue
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
    before = found.string[max(0, found.start() - 300) : found.start()].rstrip()
    last = before[-1:]
    line = before[before.rfind(b"\n") + 1 :].lstrip()
    if line.endswith(b"\\"):
        return False
    begins |= not last or last in b";}{:" or before.endswith(b"*/")
    if not begins and line[:1] != b"#" and b"//" not in line:
        return False
    if found[2].startswith(b"}"):
        code = trimmed(before)
        if code[-1:] != b";" and not _RECORD.search(code):
            return False
    return not found[3].strip() or _IN_CLASSES.match(found[1]) is not None
