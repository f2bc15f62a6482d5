"""What a user types to find symbols, taken apart.

    word                matches the name; the words after it match container or path,
                        or all of them are one name: `resolve config`; or the last
                        matches the name and those before it the container: `Store add`
    struct word         as `kind:struct word`, and so `class`, `enum`, `def`, `fn` ...
    a.b a::b a/b A#m    the last part matches the name, those before it end its container
    ^pre suf$ 'part     the name starts, ends, or has this in it, letter for letter
    #word               types only
    kind:class lang:python path:src/ !tests

Anything else, an unknown filter too, is meant literally. A trailing `*`, `()`, `::`,
`#`, quotes and dots are left away, as editors do.

Invariant: parsing never raises, and costs nothing that grows past `MAX_QUERY_LENGTH`.
"""

import re
from typing import NamedTuple

from codanna_lsp.model.symbol import SymbolKind

MAX_QUERY_LENGTH = 1024
MAX_WORDS = 16

TYPE_KINDS = frozenset(
    {
        SymbolKind.CLASS,
        SymbolKind.ENUM,
        SymbolKind.INTERFACE,
        SymbolKind.STRUCT,
        SymbolKind.TRAIT,
        SymbolKind.TYPE_ALIAS,
    }
)
_KINDS = {
    **{kind.name.lower().replace("_", ""): frozenset({kind}) for kind in SymbolKind},
    "type": TYPE_KINDS,
    "func": frozenset({SymbolKind.FUNCTION}),
    "fn": frozenset({SymbolKind.FUNCTION}),
    "var": frozenset({SymbolKind.VARIABLE}),
    "const": frozenset({SymbolKind.CONSTANT}),
    "prop": frozenset({SymbolKind.PROPERTY, SymbolKind.FIELD}),
}
_FUNCTION_KINDS = frozenset(
    {SymbolKind.FUNCTION, SymbolKind.METHOD, SymbolKind.CONSTRUCTOR}
)
# Keywords of languages that a user copies with the name behind them.
_KEYWORDS: dict[str, frozenset[SymbolKind]] = {
    **dict.fromkeys(("class", "interface", "struct", "trait"), TYPE_KINDS),
    **dict.fromkeys(("type", "typedef", "union"), TYPE_KINDS),
    **dict.fromkeys(("def", "fn", "func", "function"), _FUNCTION_KINDS),
    "enum": frozenset({SymbolKind.ENUM}),
    "macro": frozenset({SymbolKind.MACRO}),
    "namespace": frozenset({SymbolKind.NAMESPACE}),
}
_LANGUAGES = {
    "c++": "cpp",
    "golang": "go",
    "js": "javascript",
    "py": "python",
    "rs": "rust",
    "ts": "typescript",
}
_SEPARATORS = re.compile(r"::|->|[./\\#]")
_TRAILING = '*"`.…:#/\\,;'
_LEADING = '*"`'


class ParsedQuery(NamedTuple):
    """A symbol query taken apart.

    words: those that are no filters, as typed. literal: the first, as typed, which a name may simply equal.
    name: what the name must match, "" for any. qualifiers: what its container ends
    with, outermost first. also: what container or path must have in it, folded.
    starts, ends, part: the anchors; without one the match is fuzzy.
    """

    literal: str = ""
    name: str = ""
    qualifiers: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    starts: bool = False
    ends: bool = False
    part: bool = False
    kinds: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    no_tests: bool = False
    words: tuple[str, ...] = ()

    @property
    def anchored(self) -> bool:
        """Whether the name is not matched fuzzily."""
        return self.starts or self.ends or self.part


def parse_query(text: str) -> ParsedQuery:
    """The query taken apart; text past `MAX_QUERY_LENGTH` is left away."""
    kinds: set[int] = set()
    languages: set[str] = set()
    paths: list[str] = []
    words: list[str] = []
    no_tests = False
    for word in text[:MAX_QUERY_LENGTH].split()[:MAX_WORDS]:
        key, colon, value = word.partition(":")
        known = _KINDS.get(value.lower().replace("_", "").replace("-", ""))
        if word in {"!tests", "!test"}:
            no_tests = True
        elif key == "kind" and known is not None:
            kinds |= known
        elif key == "lang" and colon and value:
            languages.add(_LANGUAGES.get(value.lower(), value.lower()))
        elif key == "path" and colon and value:
            paths.append(value.casefold().replace("\\", "/"))
        else:
            words.append(word)
    first, *rest = words or [""]
    if first.startswith("#"):
        kinds |= TYPE_KINDS
        first = first[1:]
    return _with_name(first)._replace(
        also=tuple(word.casefold() for word in rest),
        kinds=frozenset(kinds),
        languages=frozenset(languages),
        paths=tuple(paths),
        no_tests=no_tests,
        words=tuple(words),
    )


def read_otherwise(query: ParsedQuery) -> tuple[ParsedQuery | None, ParsedQuery | None]:
    """What several words may mean besides: a keyword before the name; container, name."""
    if len(query.words) < 2 or query.anchored or query.qualifiers:
        return None, None
    first, *others, last = query.words
    kinds = _KEYWORDS.get(first)
    keyword = None
    if kinds is not None and not query.kinds:
        named, *also = (*others, last)
        keyword = _read_as(query, named, also)._replace(kinds=kinds)
    return keyword, _read_as(query, last, [first, *others])


def _read_as(query: ParsedQuery, name: str, also: list[str]) -> ParsedQuery:
    """The query with another of its words as the name."""
    named = _with_name(name)
    return query._replace(
        literal=named.literal,
        name=named.name,
        qualifiers=named.qualifiers,
        also=tuple(word.casefold() for word in also),
        starts=named.starts,
        ends=named.ends,
        part=named.part,
    )


def _with_name(word: str) -> ParsedQuery:
    query = ParsedQuery(literal=word)
    name = word
    if name.startswith("'") and len(name) > 1:
        return query._replace(name=name[1:].rstrip("'"), part=True)
    if name.startswith("^") and len(name) > 1:
        name, query = name[1:], query._replace(starts=True)
    if name.endswith("$") and len(name) > 1:
        name, query = name[:-1], query._replace(ends=True)
    if query.anchored:
        return query._replace(name=name)
    name = name.removesuffix("()").lstrip(_LEADING)
    name = name.rstrip(_TRAILING)
    parts = [part for part in _SEPARATORS.split(name) if part]
    if not parts:
        return query
    return query._replace(name=parts[-1], qualifiers=tuple(parts[:-1]))
