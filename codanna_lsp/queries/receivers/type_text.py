"""Types as text, of any language, to expressions that receivers are found from.

`a.B[C, D]`, `A<B>`, `A | B`, `A[]`, `'A'`, `Optional[A]`, `ns::A*`: a name, a member, or
an item whose parts are the generic type and its arguments, and whose text is the key of
`A["key"]`; a union is a choice.

Invariant: any text gives an expression, at worst "unknown"; no recursion on its depth
beyond MAX_DEPTH.
"""

import re
from collections import Counter

from codanna_lsp.extraction.live.words import Expression
from codanna_lsp.queries.receivers.types import ARRAY_SIGN, MAP_SIGN

MAX_DEPTH = 12
MAX_LENGTH = 2_000  # characters of a type that are looked at
_TOKEN = re.compile(
    r"\s*(?:(?P<name>[^\W\d][\w$]*)|(?P<string>\"[^\"]*\"|'[^']*')"
    r"|(?P<sign>::|=>|->|\?\.|\[\]|\.\.\.|.))",
    re.DOTALL,
)
# Rust's `&'a T` and `<'a>`: no text in quotes begins so.
_LIFETIME = re.compile(r"'(?:[^\W\d]\w*+)(?!')\s*,?\s*")
_HAS_LIFETIMES = re.compile(r"(?:&|<\s*)'[^\W\d]\w*+(?!')")
_AND = re.compile(r"(?<!\S)&(?=\s)")  # TypeScript's; C's stands beside a name
_CLOSERS = {"[": "]", "<": ">", "(": ")", "{": "}"}
_IGNORED = frozenset(
    {
        "readonly",
        "const",
        "mut",
        "ref",
        "dyn",
        "impl",
        "keyof",
        "unique",
        "asserts",
        "infer",
        "struct",
        "enum",
        "class",
        "union",
        "volatile",
        "static",
        "final",
        "unsigned",
        "signed",
        "out",
        "in",
        "new",
        "abstract",
        "chan",
    }
)
_NOTHING = Expression("unknown", "", 0, 0)


def parse_type(text: str, line: int = 0, column: int = 0) -> Expression:
    """The expression that a type's text is; its names are looked up at a place."""
    if "'" in text and _HAS_LIFETIMES.search(text) is not None:
        text = _LIFETIME.sub("", text)
    text = text[: 2 * MAX_LENGTH]  # before comments go: many that never end take long
    if "/" in text:
        text = _COMMENT.sub(" ", text)
    return _Parser(text[:MAX_LENGTH], line, column).union(0)


_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


class _Parser:
    def __init__(self, text: str, line: int, column: int) -> None:
        self.place = line, column
        self.seen: Counter[str] = Counter()  # members of inline types
        self.tokens: list[tuple[str, str]] = []
        for found in _TOKEN.finditer(_AND.sub("|", text.strip())):
            kind = found.lastgroup or "sign"
            self.tokens.append((kind, found.group(kind)))
        self.index = 0

    def peek(self) -> tuple[str, str]:
        if self.index < len(self.tokens):
            return self.tokens[self.index]
        return "end", ""

    def take(self, sign: str) -> bool:
        if self.peek() == ("sign", sign):
            self.index += 1
            return True
        return False

    def union(self, depth: int) -> Expression:
        """`A | B`; `A & B` and Rust's `A + B` count as both."""
        if not self.take("|"):  # one may stand before the first, on a line of its own
            self.take("&")
        parts = [self.one(depth)]
        while self.take("|") or self.take("&") or self.take("+"):
            parts.append(self.one(depth))
        if self.peek() == ("name", "extends"):
            parts = self.branches(depth)
        if len(parts) == 1:
            return parts[0]
        known = tuple(part for part in parts if part.kind != "unknown")
        return Expression("choice", "", *self.place, known)

    def branches(self, depth: int) -> list[Expression]:
        """`extends B ? C : D` behind an A: what is C or D."""
        self.index += 1
        if depth > MAX_DEPTH:
            self.index = len(self.tokens)
            return []
        self.union(depth + 1)
        parts = [self.union(depth + 1)] if self.take("?") else []
        return [*parts, self.union(depth + 1)] if self.take(":") else parts

    def one(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            self.index = len(self.tokens)
            return _NOTHING
        while self.peek() in _PREFIXES or (
            self.peek()[0] == "name" and self.peek()[1] in _IGNORED
        ):
            self.index += 1
        kind, text = self.peek()
        self.index += 1
        if kind == "string":
            return self.suffixes(parse_type(text[1:-1], *self.place), depth)
        if kind == "name":
            if text in ("typeof", "await"):
                inner = self.one(depth + 1)
                return Expression("value", "", *self.place, (inner,))
            if text == "map" and self.take("["):  # Go's; its value may be `[]T`
                key = self.arguments("]", depth)
                return self.generic(_MAP, [*key, self.one(depth + 1)])
            return self.suffixes(Expression("name", text, *self.place), depth)
        if text == "[]":
            return self.generic(_ARRAY, [self.one(depth + 1)])
        if text in _CLOSERS:
            return self.group(text, depth)
        return _NOTHING

    def group(self, opener: str, depth: int) -> Expression:
        """`(A)`, `(a: A) => B`, `[A, B]`, `{...}`."""
        if opener == "{":
            return self.suffixes(self.inline(depth), depth)
        parts = self.arguments(_CLOSERS[opener], depth)
        if self.take("=>") or self.take("->"):
            result = self.union(depth + 1)
            return Expression("function", "", *self.place, (result, *parts))
        if opener == "(" and len(parts) == 1:
            return self.suffixes(parts[0], depth)
        if opener == "[" and (self.peek()[0] == "name" or self.peek()[1] == "*"):
            return self.generic(_ARRAY, [self.one(depth + 1)])  # Go's `[3]T`
        return self.suffixes(
            Expression("literal", "tuple", *self.place, tuple(parts)), depth
        )

    def inline(self, depth: int) -> Expression:
        """TypeScript's `{ a: A; b?: B; c(d: D): E; [key: string]: F }`.

        The line of a member says how many of its name stand before it in the text.
        """
        members: list[Expression] = []
        while self.index < len(self.tokens) and not self.take("}"):
            kind, text = self.peek()
            self.index += 1
            if kind == "name" and self.peek()[0] in ("name", "string"):
                continue  # `readonly a: A`, `get a(): A`
            if text == "[":
                mapped = self.mapped(depth)
                if mapped is not None:
                    return mapped
                text = ANY_KEY
            elif kind not in ("name", "string"):
                continue
            for sign in "-+?":  # of a mapped type: `-?`
                self.take(sign)
            name = text.strip("\"'") if kind == "string" else text
            before = self.seen[name]
            self.seen[name] += 1
            part = self.member_type(depth)
            if part is not None:
                members.append(Expression("member", name, before, 0, (part,)))
        return Expression("inline", "", *self.place, tuple(members))

    def mapped(self, depth: int) -> Expression | None:
        """`[K in keyof T]: ...}` behind its first bracket: as good as a T."""
        signs = [text for _, text in self.tokens[self.index + 1 : self.index + 3]]
        if signs != ["in", "keyof"]:
            self.skip("[")
            return None
        self.index += 3
        made = self.union(depth + 1)
        self.skip("{")
        return made

    def member_type(self, depth: int) -> Expression | None:
        """What stands behind a member's name."""
        if self.take(":"):
            return self.union(depth + 1)
        if self.take("<"):
            self.skip("<")
        if not self.take("("):
            return None
        parts = self.arguments(")", depth)
        result = self.union(depth + 1) if self.take(":") else _NOTHING
        return Expression("function", "", *self.place, (result, *parts))

    def arguments(self, closer: str, depth: int) -> list[Expression]:
        parts: list[Expression] = []
        while self.index < len(self.tokens) and not self.take(closer):
            before = self.index
            own = self.peek()[1] == "this" and self.next_is(":")
            self.skip_label()
            part = self.union(depth + 1)
            parts += [] if own else [part]
            self.take(",")
            if self.index == before:
                self.index += 1
        return parts

    def skip_label(self) -> None:
        """`name:`, `name?:`, `name =` and `...` before the type of a parameter."""
        if self.take("..."):
            pass
        after = self.tokens[self.index : self.index + 3]
        signs = [text for _, text in after[1:]]
        if after and after[0][1] in _WORDS_BEFORE:
            return
        if [kind for kind, _ in after[:2]] == ["name", "name"]:
            self.index += 1  # Go's and Java's `name Type`, or `final Type`.
            return
        if after and after[0][0] == "name" and signs[:1] in ([":"], ["="]):
            self.index += 2
        elif after and after[0][0] == "name" and signs == ["?", ":"]:
            self.index += 3

    def next_is(self, sign: str) -> bool:
        after = self.tokens[self.index + 1 : self.index + 2]
        return after == [("sign", sign)]

    def skip(self, opener: str) -> None:
        level = 1
        while level and self.index < len(self.tokens):
            kind, text = self.tokens[self.index]
            self.index += 1
            if kind == "sign":
                level += (text == opener) - (text == _CLOSERS[opener])

    def suffixes(self, base: Expression, depth: int) -> Expression:
        while True:
            if self.take(".") or self.take("::") or self.take("?."):
                kind, text = self.peek()
                if kind != "name":
                    return base
                self.index += 1
                base = Expression("member", text, *self.place, (base,))
            elif self.take("[]"):
                base = Expression("item", "", *self.place, (_ARRAY, base))
            elif self.take("["):
                key = self.peek()
                made = self.generic(base, self.arguments("]", depth))
                text = ANY_ITEM if key[1] == "number" else ""
                text = key[1] if key[1].isdigit() else text
                if key[0] == "string" and len(made.parts) == 2:
                    text = key[1][1:-1]
                base = made._replace(text=text)
            elif self.take("<"):
                base = self.generic(base, self.arguments(">", depth))
            elif self.take("("):
                self.skip("(")
                base = Expression("call", "", *self.place, (base,))
            elif not (self.take("*") or self.take("&") or self.take("?")):
                return base

    def generic(self, base: Expression, arguments: list[Expression]) -> Expression:
        return Expression("item", "", *self.place, (base, *arguments))


_WORDS_BEFORE = frozenset({"typeof", "keyof", "readonly"})  # a type, not a label
ANY_ITEM = "[number]"  # the text of what indexes so
ANY_KEY = "[]"  # the member that stands for all: `{ [key: string]: T }`

# Names that no source can give to something of its own.
_MAP = Expression("name", MAP_SIGN, 0, 0)
_ARRAY = Expression("name", ARRAY_SIGN, 0, 0)
_PREFIXES = frozenset(("sign", sign) for sign in "*&?:!~@")
