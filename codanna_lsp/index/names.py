"""What a name is for searching: its folded form, its word heads, its acronym.

A *word head* is a letter or digit that starts a word of an identifier: the first one
after anything else; an upper-case letter after one that is none, or before a
lower-case one (`HTTPServer` has the heads H and S); a digit after one that is none.

Invariant: folding goes letter by letter, so that parts of folded names are folded
parts of names.
"""


def fold(name: str) -> str:
    """The form in which upper and lower case are the same."""
    return name.casefold()


def head_positions(name: str) -> list[int]:
    """Where the words of a name start, as indexes into the name."""
    heads: list[int] = []
    before = ""
    last = len(name) - 1
    for index, letter in enumerate(name):
        if not letter.isalnum():
            before = ""
            continue
        if (
            not before
            or (letter.isdigit() and not before.isdigit())
            or (
                letter.isupper()
                and (
                    not before.isupper()
                    or (index < last and name[index + 1].islower())
                )
            )
        ):
            heads.append(index)
        before = letter
    return heads


def words(name: str) -> list[str]:
    """The name cut at its word heads; what stands before the first is left away."""
    heads = head_positions(name)
    return [
        name[start:stop] for start, stop in zip(heads, [*heads[1:], None], strict=False)
    ]


def acronym(name: str) -> str:
    """The folded word heads of a name: "dsp" of `DocumentSymbolProvider`."""
    return "".join([name[index].casefold()[:1] for index in head_positions(name)])


def encode(text: str) -> bytes:
    """UTF-8 that keeps lone surrogates; its bytes sort as the code points do."""
    return text.encode("utf-8", "surrogatepass")


def decode(data: bytes | memoryview) -> str:
    """The text of `encode`; raises UnicodeDecodeError."""
    return str(data, "utf-8", "surrogatepass")
