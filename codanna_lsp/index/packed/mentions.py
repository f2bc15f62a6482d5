"""The names that packed facts mention, with nothing else of them unpacked.

Invariant: they are the `mentioned_names` of the unpacked facts.
"""

from codanna_lsp.index.codec import MAX_ROWS, inflate_facts
from codanna_lsp.index.packed.packing import Unpacker


def unpack_mentions(data: bytes | memoryview, *, limit: int) -> str:
    """Every name that the file's text mentions, as far as its facts know it.

    limit: of a longer name, so many characters are given.

    Returns:
        The names, one a line, as often as the facts hold them, and `*` and empty
        lines besides. A name with line feeds takes several lines.

    Raises:
        CodecError: the bytes are not packed facts.
    """
    lines = "\n".join(_columns(data, limit))
    if _has_long_line(lines, limit):
        return "\n".join([line[:limit] for line in lines.split("\n")])
    return lines


def _columns(data: bytes | memoryview, limit: int) -> list[str]:
    """The texts of the columns of names; drawn in `codec`."""
    plain, rest = inflate_facts(data)
    outline, columns = Unpacker(plain), Unpacker(rest)
    outline.skip(2, texts=1)  # language and reason
    symbols = outline.count(limit=MAX_ROWS)
    found: list[str] = []
    if symbols:
        found.append(outline.lines(symbols, limit=limit))
        columns.skip(symbols, ints=4, texts=3)
    relations = columns.count(limit=MAX_ROWS)
    if relations:
        columns.skip(relations, ints=2)
        found.append(columns.lines(relations, limit=limit))
        columns.skip(relations, texts=1)
        columns.skip(relations, ints=2)
    imports = columns.count(limit=MAX_ROWS)
    if imports:
        found.append(columns.lines(imports, limit=limit))
        columns.skip(imports, texts=1)
        found.append(columns.lines(imports, limit=limit))
        columns.skip(imports, ints=3)
    identifiers = columns.count(limit=MAX_ROWS)
    found.append(columns.lines(identifiers, limit=limit))
    columns.end()
    return found


def _has_long_line(lines: str, limit: int) -> bool:
    """Whether a line has more than `limit` characters, by leaps of that many."""
    at, last = 0, len(lines) - limit
    while at < last:
        at = lines.rfind("\n", at, at + limit + 1) + 1
        if not at:
            return True
    return False
