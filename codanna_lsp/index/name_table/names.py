"""What a name is for searching: its folded form, its word heads, its acronym.

A *word head* is a letter or digit that starts a word of an identifier: the first one
after anything else; an upper-case letter after one that is none, or before a
lower-case one (`HTTPServer` has the heads H and S); a digit after one that is none.

Invariant: folding goes letter by letter, so that parts of folded names are folded
parts of names.
"""

import re

_ASCII_HEAD = re.compile(
    "(?<![A-Za-z0-9])[A-Za-z0-9]|(?<![A-Z])[A-Z]|[A-Z](?=[a-z])|(?<![0-9])[0-9]"
)
_ASCII_WORD_START = re.compile(
    "(?<![A-Za-z0-9])(?=[A-Za-z0-9])|(?<![A-Z])(?=[A-Z])|(?=[A-Z][a-z])"
    "|(?<![0-9])(?=[0-9])"
)
WORD_MARK = "\n"


def fold(name: str) -> str:
    """The form in which upper and lower case are the same."""
    return name.casefold()


def head_positions(name: str) -> list[int]:
    """Where the words of a name start, as indexes into the name."""
    if name.isascii():
        return [head.start() for head in _ASCII_HEAD.finditer(name)]
    return [index for index in range(len(name)) if is_head(name, index)]


def is_head(name: str, index: int) -> bool:
    """Whether a word of the name starts at an index."""
    letter = name[index]
    if not letter.isalnum():
        return False
    before = name[index - 1] if index else ""
    if not before.isalnum():
        return True
    if letter.isdigit():
        return not before.isdigit()
    if not letter.isupper():
        return False
    return not before.isupper() or name[index + 1 : index + 2].islower()


def words(name: str) -> list[str]:
    """The name cut at its word heads; what stands before the first is left away."""
    heads = head_positions(name)
    return [
        name[start:stop] for start, stop in zip(heads, [*heads[1:], None], strict=False)
    ]


def words_marked(name: str) -> str:
    """The folded name with `WORD_MARK` before each of its words.

    The mark is no letter: in a name it can only stand before a word, or before what
    no hump starts with.
    """
    if name.isascii():
        return WORD_MARK.join(_ASCII_WORD_START.split(name)).lower()
    return "".join([WORD_MARK + fold(word) for word in words(name)])


def acronym(name: str) -> str:
    """The folded word heads of a name: "dsp" of `DocumentSymbolProvider`."""
    if name.isascii():
        return "".join(_ASCII_HEAD.findall(name)).lower()
    return "".join([name[index].casefold()[:1] for index in head_positions(name)])


def encode(text: str) -> bytes:
    """UTF-8 that keeps lone surrogates; its bytes sort as the code points do."""
    return text.encode("utf-8", "surrogatepass")


def decode(data: bytes | memoryview) -> str:
    """The text of `encode`; raises UnicodeDecodeError."""
    return str(data, "utf-8", "surrogatepass")
