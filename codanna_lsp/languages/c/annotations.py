"""Annotations of a declaration that a grammar takes for its type or its name.

`static int __init f(void)`, `char __user *p`, `int table[4] __aligned(8) = {`,
`const T* absl_nonnull value`. Of `static struct s x __read_mostly;` the grammar makes a
variable `__read_mostly`. The words are told by their form (`__word`) or by a part of
them; what stands before and behind tells whether one is the type or the name itself.

Besides, macros that define what they name: `DEFINE_MUTEX(lock);` is read as
`DEFINE_MUTEX lock ;`.

Invariant: pure.
"""

import re
from collections.abc import Iterable, Iterator

from codanna_lsp.languages.c.line_macros import MAYBE_CALLED
from codanna_lsp.languages.c.word_macros import Words, groups_of, whole_words

_Spans = Iterator[tuple[int, int]]

# Words of this form that are types, keywords or operators to the grammar.
_KNOWN = re.compile(
    r"__(?:\w+__|cplusplus|[usif]\d+\w*|[bl]e\d+|u?int\w*|float\w*|\w+_t|w?sum\d*|kernel_\w+|builtin_\w+"
    r"|has_\w+|is_\w+|(?:inline|const|signed|volatile|restrict|extension|thread"
    r"|attribute|asm|alignof|declspec|label|auto_type|complex|real|imag|func|typeof"
    r"|fastcall|stdcall|cdecl|thiscall|vectorcall|unaligned|forceinline|try|except"
    r"|finally|leave|underlying_type)(?:__)?)\Z"
)
# Parts of annotations in upper case, and the ends of some in lower case.
_PARTS = (
    *("RESTRICT", "NONNULL", "NULLABLE", "MUTABLE", "NOTHROW", "LIFETIME", "CAPTURED"),
    *("_ATTR ", "LIB_VARIABLE", "SILENCE", "NORETURN", "DEPRECATED", "ALIGNED"),
    "UNUSED",
)
# Parts of words that stand for `constexpr`, `inline`, `explicit`: never a type.
_LIKE_QUALIFIERS = ("CONSTEXPR", "INLINE", "EXPLICIT")
_LIKE_QUALIFIER = re.compile(rb"\w*(?:CONSTEXPR|INLINE|EXPLICIT)")
_ENDS = ("_nonnull ", "_nullable ", "_null_unspecified ")
_ENDING = re.compile(r"(?<= )\w+_(?:nonnull|nullable|null_unspecified)(?= )")
_OTHERS = frozenset(("_Thread_local", "noinline", "notrace", "asmlinkage"))
# Those that take arguments behind a name; others with some are functions.
_CALLED = re.compile(
    rb"_+(?:aligned|section|counted_by|sized_by|guarded_by|pt_guarded_by|cleanup|alias"
    rb"|nonnull|printf|format|acquires|releases|must_hold|cacheline|deprecated|alloc_size"
    rb"|no_sanitize|mode|tls_model)|[A-Z]"
)
# Behind the body of a struct any other word may be the name of a variable.
_BEHIND_BODY = re.compile(
    rb"(_{2,4}(?:packed|aligned|cacheline|randomize|no_randomize)\w*%s)" % MAYBE_CALLED
)
_ANY_WORD = re.compile(rb"\w+")
_QUIET = re.compile(r" (__+[a-z]\w*)")
_QUIET_PLACE = re.compile(rb"__+[a-z]\w*")  # begins with what is searched for as such
_NEAR = 200  # bytes before a word that are looked at

_PRIMITIVE = rb"(?:unsigned|signed|long|short|int|char|float|double|void|bool|_Bool)"
_NO_TYPE = (
    rb"(?:static|extern|inline|const|volatile|register|typedef|unsigned|signed|struct"
    rb"|union|enum|class|return|else|goto|case|do|sizeof|new|delete|throw|using"
    rb"|namespace|typename|public|private|protected|friend|virtual|template|operator)"
)
_QUALIFIERS = (
    rb"\s*+(?:(?:static|extern|inline|const|volatile|register|typedef|friend|virtual"
    rb"|explicit|constexpr)\b\s*+)*+"
)
_TYPE = (
    rb"(?:(?:struct|union|enum|class)\s++\w++|(?:%s\b\s*+)+"
    rb"|(?!%s\b)[A-Za-z_]\w*+(?:::\w++)*+(?:<[^<>;{}()]{0,80}>)?)(?:\s++const\b)?"
    % (_PRIMITIVE, _NO_TYPE)
)
# What stands before a word, from where the declaration or the parameter begins.
_BEHIND_NOTHING = re.compile(rb"%s\Z" % _QUALIFIERS)
_BEHIND_TYPE = re.compile(rb"%s%s(?:[\s*&]|\bconst\b)*+\Z" % (_QUALIFIERS, _TYPE))
_BEHIND_IF = re.compile(rb"\s*+if\s*+\Z")
_BEHIND_NAME = re.compile(
    rb"%s(?![A-Z_][A-Z0-9_]*+\b)%s(?:(?<=\s)|[\s*&]++)(?!%s\b)[A-Za-z_]\w*+"
    rb"(?:\s*+\[[^\]]*+\])*+\s*+\Z" % (_QUALIFIERS, _TYPE, _PRIMITIVE)
)
# What follows.
_WORD = rb"(\w++(?:[ \t]?%s)?)" % MAYBE_CALLED
_NAME_FOLLOWS = re.compile(rb"%s(?=[\s*&]*+[A-Za-z_]|[ \t]*+[*&][ \t*&]*+[,)])" % _WORD)
_END_FOLLOWS = re.compile(rb"%s(?=\s*+(?:[;=,)]|__[a-z]))" % _WORD)
_TYPE_FOLLOWS = re.compile(
    rb"%s(?=\s%s(?:__[a-z]\w*+\s++){0,4}(?:%s)(?:(?<=\s)|[\s*&]++)(?:__[a-z]\w*+\s++){0,4}[A-Za-z_]\w*+"
    rb"\s*+[(=;\[])" % (_WORD, _QUALIFIERS, _TYPE)
)
_ANY_FOLLOWS = re.compile(rb"(\w++)(?=\s++[A-Za-z_~:])")
_BRACKET_FOLLOWS = re.compile(rb"(\w++)(?=\s*+\()")
_FORMS = (
    (_NAME_FOLLOWS, _BEHIND_TYPE),
    (_END_FOLLOWS, _BEHIND_NAME),
    (_TYPE_FOLLOWS, _BEHIND_NOTHING),
)
_QUALIFIER_FORMS = (
    (_ANY_FOLLOWS, _BEHIND_NOTHING),
    (_NAME_FOLLOWS, _BEHIND_TYPE),
    (_BRACKET_FOLLOWS, _BEHIND_IF),
)
_BEGINS = re.compile(rb"[(){};,\n#]")

# `int x __attribute__((aligned(8))) = 1;`: of functions the grammar knows them.
_ATTRIBUTE = re.compile(
    rb"(__attribute__[ \t]*\((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\)){0,200}\))"
    rb"(?=[ \t\n]*[=;,])"
)
# `static DEFINE_MUTEX(lock);`, `DEFINE_PER_CPU(struct s, name);`
_DEFINER = re.compile(
    rb"(?:^|(?<=[\s;{}]))(?:DEFINE|DECLARE)_(?!PER_CPU)\w+(\()[ \t]*[A-Za-z_]\w*[ \t]*"
    rb"((?:,[^;\n]{0,300})?\))(?=[ \t]*;)"
)
_LIST_HEAD = re.compile(
    rb"(?<=[\s;{}])H?LIST_HEAD(\()[ \t]*[A-Za-z_]\w*[ \t]*(\))(?=[ \t]*;)"
)
_PER_CPU = re.compile(
    rb"((?:DEFINE|DECLARE)_PER_CPU\w*\()[^,;()\n]*(,)[ \t]*[A-Za-z_]\w*[ \t]*(\))(?=[ \t]*;)"
)
# `template <typename T, ENABLE_IF(!is_same<T, int>::value)>`
_CONDITIONS = ("ENABLE_IF ", "REQUIRES ", "REQUIRE ")
_CONDITION = re.compile(
    rb"(,\s*+[A-Z][A-Z0-9_]*(?:ENABLE_IF|REQUIRES?)\((?:[^()]|\((?:[^()]"
    rb"|\((?:[^()]|\([^()]*+\))*+\))*+\)){0,400}+\))(?=\s*+[,>])"
)


def annotations(source: bytes, words: Words) -> _Spans:
    """The spans of annotations, and of what stands around a defined name."""
    quiet = {word for word in _QUIET.findall(words.text) if not _KNOWN.match(word)}
    told = frozenset(map(str.encode, (*quiet, *_loud(words))))
    if quiet:
        for word in _QUIET_PLACE.finditer(source):
            if (
                word[0] in told
                and not source[word.start() - 1 : word.start()].isalnum()
            ):
                yield from _annotation(source, word.start(), told)
    for start, _stop in whole_words(source, told.difference(map(str.encode, quiet))):
        yield from _annotation(source, start, told)
    if "__attribute__" in words.all:
        yield from groups_of(_ATTRIBUTE, source)
    if " DEFINE_" in words.text or " DECLARE_" in words.text:
        yield from groups_of(_DEFINER, source)
        yield from groups_of(_PER_CPU, source)
    if "template" in words.all and any(word in words.loud for word in _CONDITIONS):
        yield from groups_of(_CONDITION, source)
    if "LIST_HEAD " in words.loud:
        yield from groups_of(_LIST_HEAD, source)


def _loud(words: Words) -> Iterable[str]:
    for part in (*_PARTS, *_LIKE_QUALIFIERS):
        if part in words.loud:
            yield from (word for word in words.loud.split() if part in f"{word} ")
    if any(end in words.text for end in _ENDS):
        yield from _ENDING.findall(words.text)
    yield from _OTHERS & words.all


def _annotation(source: bytes, start: int, told: frozenset[bytes]) -> _Spans:
    near = source[max(0, start - _NEAR) : start]
    begin = 0
    for begins in _BEGINS.finditer(near):
        begin = begins.end()
    opener = near[begin - 1 : begin]
    if opener == b"#":
        return
    before = _ANY_WORD.sub(
        lambda word: b"" if word[0] in told else word[0], near[begin:]
    )
    if opener == b"}" and not before.strip():
        found = _BEHIND_BODY.match(source, start)
        if found is not None:
            yield found.span(1)
        return
    forms = _FORMS
    if _LIKE_QUALIFIER.match(source, start) is not None:
        forms = _QUALIFIER_FORMS
    for follows, behind in forms:
        found = follows.match(source, start)
        if found is not None and behind.match(before) is not None:
            called = follows is _END_FOLLOWS and found[1].endswith(b")")
            if not called or _CALLED.match(found[1]) is not None:
                yield found.span(1)
            return
