"""What a user types to find symbols, taken apart.

    word                matches the name; the words after it match container or path,
                        or all of them are one name: `resolve config`
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

    literal: the first word as typed, which a name may simply equal.
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
