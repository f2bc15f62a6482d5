"""Documentation: the first paragraph, from a docstring or the comment above."""

import re

DOC_LIMIT = 400  # characters kept
_DOC_BYTES = 2_000  # looked at

_DOCSTRING = re.compile(rb"[rRuU]?(\"\"\"|'''|\"|')")
_QUOTE_STARTS = frozenset((b'"', b"'", b"r", b"R", b"u", b"U"))
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_DEPRECATED = re.compile(
    rb"@deprecated\b|\.\. deprecated::|^\W*Deprecated[:.]", re.MULTILINE
)
_ATTRIBUTE_LINE = re.compile(rb"[ \t]*(?:#!?\[.*\]|@[\w.]+(?:\(.*\))?)[ \t\r]*\Z")
_MARKS = re.compile(r"^[ \t]*(?://[/!]?|\*+(?!/))[ \t]?", re.MULTILINE)
_TAG_LINE = re.compile(r"^[ \t]*[@\\][a-zA-Z]+.*", re.MULTILINE | re.DOTALL)


def docstring(source: bytes, body_start: int) -> bytes:
    """The first string of a body that begins at the offset, without its quotes."""
    if source[body_start : body_start + 1] not in _QUOTE_STARTS:
        return b""
    found = _DOCSTRING.match(source, body_start)
    if found is None:
        return b""
    begin = found.end()
    end = source.find(found[1], begin, begin + _DOC_BYTES)
    if end < 0:
        end = begin + _DOC_BYTES
    return source[begin:end]


def comment_above(source: bytes, start: int) -> bytes:
    """The comment that ends on the line above the offset, with its marks.

    Lines that hold only annotations or attributes may stand between.
    """
    floor = max(0, start - 2 * _DOC_BYTES)
    line_start = source.rfind(b"\n", floor, start) + 1
    if (line_start <= floor and floor) or source[line_start:start].strip():
        return b""
    end = line_start - 1
    lines: list[bytes] = []
    while end > floor:
        line_start = source.rfind(b"\n", floor, end) + 1
        line = source[line_start:end].strip()
        if line.endswith(b"*/") and not lines:
            opened = source.rfind(b"/*", floor, end)
            if (
                opened < 0
                or source[source.rfind(b"\n", 0, opened) + 1 : opened].strip()
            ):
                return b""
            return source[opened + 2 : end].strip()[:-2]
        if line.startswith(b"//"):
            lines.append(line)
        elif lines or not _ATTRIBUTE_LINE.match(line):
            break
        end = line_start - 1
    lines.reverse()
    return b"\n".join(lines)


def first_paragraph(text: bytes) -> str:
    """The first paragraph on one line, comment marks removed."""
    text = text[:_DOC_BYTES].lstrip()
    end = text.find(b"\n\n")
    if end > 0:
        text = text[:end]  # what is not decoded need not be split
    decoded = text.decode(errors="replace").strip()
    if decoded.isprintable() and "  " not in decoded:
        return decoded[:DOC_LIMIT]
    return _cut(_BLANK_LINE.split(decoded, 1)[0])


def first_comment_paragraph(text: bytes) -> str:
    """As `first_paragraph`, of a comment: marks and `@param` lines left out."""
    plain = _MARKS.sub("", text[:_DOC_BYTES].decode(errors="replace")).strip()
    return _cut(_BLANK_LINE.split(_TAG_LINE.sub("", plain), 1)[0])


def says_deprecated(text: bytes) -> bool:
    """True when a documentation text says that its subject is deprecated."""
    return _DEPRECATED.search(text) is not None


def _cut(text: str) -> str:
    return " ".join(text.split())[:DOC_LIMIT]
