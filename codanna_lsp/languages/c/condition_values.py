"""The value of a condition of C's preprocessor, as far as one file tells.

Invariant: pure; any text has a value, and what cannot be read is 0.
"""

import re

_TOKEN = re.compile(
    rb"\s*(?:(\d\w*)|([A-Za-z_]\w*)|(&&|\|\||==|!=|<=|>=|<<|>>|[-+*/%<>!~&|^()])|(.))",
    re.DOTALL,
)
_LEVELS: dict[bytes, int] = {
    **dict.fromkeys((b"||",), 1),
    **dict.fromkeys((b"&&",), 2),
    **dict.fromkeys((b"|",), 3),
    **dict.fromkeys((b"^",), 4),
    **dict.fromkeys((b"&",), 5),
    **dict.fromkeys((b"==", b"!="), 6),
    **dict.fromkeys((b"<", b">", b"<=", b">="), 7),
    **dict.fromkeys((b"<<", b">>"), 8),
    **dict.fromkeys((b"+", b"-"), 9),
    **dict.fromkeys((b"*", b"/", b"%"), 10),
}
_MAX_BYTES = 600  # of a condition that are read
_MAX_DEPTH = 24  # of brackets, and of macros that stand for one another
_LARGEST = 1 << 64
_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*|\\\n", re.DOTALL)
# What a GNU compiler on a Unix system defines.
_USUAL: dict[bytes, bytes] = {
    **dict.fromkeys(
        (b"__unix__", b"__unix", b"unix", b"__linux__", b"__linux", b"linux"), b"1"
    ),
    **dict.fromkeys((b"__gnu_linux__", b"__ELF__", b"__STDC__", b"__LP64__"), b"1"),
    **dict.fromkeys((b"__x86_64__", b"__x86_64", b"__amd64__", b"_LP64"), b"1"),
    **dict.fromkeys((b"__STDC_HOSTED__", b"__EXCEPTIONS", b"__GXX_RTTI"), b"1"),
    b"true": b"1",
    b"__GNUC__": b"12",
    b"__GNUC_MINOR__": b"2",
    b"__SIZEOF_POINTER__": b"8",
    b"__BYTE_ORDER__": b"1234",
    b"__ORDER_LITTLE_ENDIAN__": b"1234",
    b"__ORDER_BIG_ENDIAN__": b"4321",
    b"__STDC_VERSION__": b"201710",
}
_CPP: dict[bytes, bytes] = {b"__cplusplus": b"201703", b"__cpp_exceptions": b"199711"}
_CPP_WORDS = re.compile(
    rb"^[ \t]*(?:class|namespace|template|using)\b[^;=(]{0,300}[{<:;]", re.MULTILINE
)


class Known:
    """The macros that are known at a place of a file; None is one that is undefined."""

    def __init__(self, source: bytes) -> None:
        self.values: dict[bytes, bytes | None] = dict(_USUAL)
        if b"__c" in source and _CPP_WORDS.search(source):
            self.values.update(_CPP)

    def is_defined(self, name: bytes) -> bool:
        """Whether a macro of that name is known."""
        return self.values.get(name) is not None


def read_value(text: bytes) -> bytes:
    """What a macro stands for, without comments."""
    return _COMMENT.sub(b" ", text[:_MAX_BYTES]).strip()


def is_true(known: Known, condition: bytes) -> bool:
    """Whether the condition of an `#if` holds."""
    return _Reader(known, read_value(condition), 0).value() != 0


class _Reader:
    """Reads one expression, by precedence climbing."""

    def __init__(self, known: Known, text: bytes, depth: int) -> None:
        self.known = known
        self.depth = depth
        self.tokens = [
            found.group(found.lastindex or 0) for found in _TOKEN.finditer(text)
        ]
        self.index = 0

    def value(self) -> int:
        return self.binary(1) if self.depth < _MAX_DEPTH else 0

    def peek(self) -> bytes:
        return self.tokens[self.index] if self.index < len(self.tokens) else b""

    def take(self) -> bytes:
        token = self.peek()
        self.index += 1
        return token

    def binary(self, lowest: int) -> int:
        left = self.unary()
        while (level := _LEVELS.get(self.peek(), 0)) >= lowest and level:
            sign = self.take()
            left = _combined(sign, left, self.binary(level + 1))
        return left

    def unary(self) -> int:
        token = self.take()
        self.depth += 1
        try:
            return self.of(token) if self.depth < _MAX_DEPTH else 0
        finally:
            self.depth -= 1

    def of(self, token: bytes) -> int:
        if token == b"!":
            return int(not self.unary())
        if token in (b"-", b"+", b"~"):
            inner = self.unary()
            return {b"-": -inner, b"~": ~inner}.get(token, inner)
        if token == b"(":
            inner = self.binary(1)
            self.index += self.peek() == b")"
            return inner
        if token[:1].isdigit():
            return _number(token)
        if token == b"defined":
            return int(self.defined())
        return self.macro(token) if token[:1].isalpha() or token[:1] == b"_" else 0

    def defined(self) -> bool:
        bracketed = self.peek() == b"("
        self.index += bracketed
        name = self.take()
        self.index += bracketed and self.peek() == b")"
        return self.known.is_defined(name)

    def macro(self, name: bytes) -> int:
        if self.peek() == b"(":  # one that takes arguments: not known
            level = 0
            while self.index < len(self.tokens):
                token = self.take()
                level += (token == b"(") - (token == b")")
                if not level:
                    break
            return 0
        text = self.known.values.get(name)
        return _Reader(self.known, text, self.depth + 1).value() if text else 0


def _number(token: bytes) -> int:
    digits = token.replace(b"'", b"").rstrip(b"uUlL")
    try:
        octal = digits[:1] == b"0" and digits.isdigit()
        return int(digits, 8 if octal else 0) % _LARGEST
    except ValueError:
        return 0


def _combined(sign: bytes, left: int, right: int) -> int:
    if sign in (b"||", b"&&"):
        return int(bool(left or right) if sign == b"||" else bool(left and right))
    if sign in (b"/", b"%"):
        return (left // right if sign == b"/" else left % right) if right else 0
    if sign in (b"<<", b">>"):
        steps = min(max(right, 0), 64)
        return (left << steps) % _LARGEST if sign == b"<<" else left >> steps
    values: dict[bytes, int] = {
        b"|": left | right,
        b"^": left ^ right,
        b"&": left & right,
        b"==": left == right,
        b"!=": left != right,
        b"<": left < right,
        b">": left > right,
        b"<=": left <= right,
        b">=": left >= right,
        b"+": left + right,
        b"-": left - right,
        b"*": left * right,
    }
    return int(values[sign]) % _LARGEST if sign in b"+*" else int(values[sign])
