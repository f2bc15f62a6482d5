"""The names that packed facts mention, with nothing else of them unpacked.

Invariant: equal to `mentioned_names` of the unpacked facts.
"""

from codanna_lsp.index.codec import MAX_ROWS, inflate_facts
from codanna_lsp.index.packing import Unpacker

_SYMBOL_INTS = 4
_SYMBOL_TEXTS = 3


def unpack_mentions(data: bytes | memoryview) -> set[str]:
    """Every identifier that the file's text mentions, as far as its facts know it.

    Raises:
        CodecError: the bytes are not packed facts.
    """
    plain, rest = inflate_facts(data)
    outline = Unpacker(plain)
    outline.skip_texts(2, columns=1)  # language and reason
    symbols = outline.count(limit=MAX_ROWS)
    names = set(outline.texts(symbols) if symbols else ())
    columns = Unpacker(rest)
    if symbols:
        columns.skip_ints(symbols, columns=_SYMBOL_INTS)
        columns.skip_texts(symbols, columns=_SYMBOL_TEXTS)
    relations = columns.count(limit=MAX_ROWS)
    if relations:
        columns.skip_ints(relations, columns=2)  # kinds and sources
        names.update(columns.texts(relations))
        columns.skip_texts(relations, columns=1)  # receivers
        columns.skip_ints(relations, columns=2)  # lines and columns
    imports = columns.count(limit=MAX_ROWS)
    if imports:
        names.update(columns.texts(imports))
        columns.skip_texts(imports, columns=1)  # modules
        names.update(columns.texts(imports))
        columns.skip_ints(imports, columns=3)  # re-exports, lines and columns
    names.update(columns.texts(columns.count(limit=MAX_ROWS)))
    columns.end()
    names.discard("")
    names.discard("*")
    return names
