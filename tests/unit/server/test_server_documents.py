"""Documents: edits as clients send them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codanna_lsp.server.texts.documents import Document
from codanna_lsp.server.texts.positions import ENCODINGS, Encoding

_TEXT = st.text(alphabet="ab𝒳é\r\n", max_size=12)
_POSITION = st.tuples(st.integers(0, 6), st.integers(0, 8))
_CODECS = {
    "utf-8": ("utf-8", 1),
    "utf-16": ("utf-16-le", 2),
    "utf-32": ("utf-32-le", 4),
}


def _document(text: str) -> Document:
    return Document(
        uri="file:///a.py", path="/a.py", language_id="", version=1, text=text
    )


def _offset(text: str, position: tuple[int, int], encoding: Encoding) -> int:
    """Where a position lies, counted as plainly as can be."""
    codec, size = _CODECS[encoding]
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    line, units = position
    if line >= len(starts):
        return len(text)
    content = re.split(r"[\r\n]", text[starts[line] :], maxsplit=1)[0]
    offset = starts[line]
    for character in content:
        units -= len(character.encode(codec)) // size
        if units < 0:
            break
        offset += 1
    return offset


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=_TEXT, edits=st.lists(st.tuples(_POSITION, _POSITION, _TEXT), max_size=6))
def test_edits_give_the_text_that_plain_slicing_gives(
    encoding: Encoding,
    text: str,
    edits: list[tuple[tuple[int, int], tuple[int, int], str]],
) -> None:
    document = _document(text)
    for start, end, new in edits:
        document.edit(start, end, new, encoding=encoding)
        first, second = sorted((start, end))
        text = (
            text[: _offset(text, first, encoding)]
            + new
            + text[_offset(text, second, encoding) :]
        )
        assert document.source.decode() == text


def test_a_lone_surrogate_is_one_unit() -> None:
    document = _document("x = '\ud800'; y")
    document.edit((0, 9), (0, 10), "z", encoding="utf-16")
    assert document.source == b"x = '?'; z"


def test_a_new_text_takes_the_place_of_the_whole() -> None:
    document = _document("old")
    before = document.digest
    document.replace("new\n")
    assert document.source == b"new\n"
    assert document.digest != before
