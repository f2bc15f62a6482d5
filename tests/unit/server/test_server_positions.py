"""Positions: byte columns and the client's units, in both directions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codanna_lsp.server.texts.positions import (
    ENCODINGS,
    Encoding,
    SourceText,
    bytes_of,
    choose_encoding,
    units_of,
)

_CODECS = {
    "utf-8": ("utf-8", 1),
    "utf-16": ("utf-16-le", 2),
    "utf-32": ("utf-32-le", 4),
}
_TEXT = st.text(alphabet="aé日𝒳\t \r\n", max_size=40)


def _units(text: str, encoding: Encoding) -> int:
    codec, size = _CODECS[encoding]
    return len(text.encode(codec)) // size


def check_column(line: str, character: int, encoding: Encoding) -> None:
    """Both conversions agree with Python's codecs at one character of a line."""
    before = line[:character]
    column, units = len(before.encode()), _units(before, encoding)
    assert units_of(line.encode()[:column], encoding) == units
    assert bytes_of(line.encode(), units, encoding) == column


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(line=st.text(alphabet="aé日𝒳\t", max_size=20), data=st.data())
def test_columns_agree_with_the_codecs(
    encoding: Encoding, line: str, data: st.DataObject
) -> None:
    check_column(line, data.draw(st.integers(0, len(line))), encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=_TEXT)
def test_every_place_survives_the_way_to_the_client_and_back(
    encoding: Encoding, text: str
) -> None:
    lines = SourceText(text.encode())
    for line, shown in enumerate(re.split(r"\r\n|\n|\r", text)):
        for character in range(len(shown) + 1):
            column = len(shown[:character].encode())
            there = lines.to_client(line, column, encoding)
            assert lines.from_client(*there, encoding) == (line, column)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=_TEXT)
def test_lines_end_as_lsp_says(encoding: Encoding, text: str) -> None:
    lines = SourceText(text.encode())
    for number, content in enumerate(re.split(r"\r\n|\n|\r", text)):
        for character in range(len(content) + 1):
            there = (number, _units(content[:character], encoding))
            ours = lines.from_client(*there, encoding)
            assert lines.to_client(*ours, encoding) == there


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_positions_past_the_end_are_clamped(encoding: Encoding) -> None:
    text = SourceText("é = 1\r\nx".encode())
    assert text.from_client(0, 99, encoding) == (0, 6)
    assert text.from_client(99, 99, encoding) == (1, 1)
    assert text.to_client(99, 99, encoding) == (1, 1)
    assert text.to_client(0, 99, encoding) == (0, units_of("é = 1".encode(), encoding))
    assert SourceText(b"").from_client(3, 3, encoding) == (0, 0)
    assert SourceText(b"").to_client(3, 3, encoding) == (0, 0)


def test_a_column_inside_a_character_is_its_start() -> None:
    line = "a𝒳b".encode()
    assert bytes_of(line, 2, "utf-16") == 1
    assert bytes_of(line, 3, "utf-8") == 1


def test_a_byte_order_mark_is_not_seen_by_clients_that_read_the_file() -> None:
    text = SourceText("\ufeffdef f(): pass".encode())
    assert text.source == b"def f(): pass"
    assert text.to_client(0, 4, "utf-16") == (0, 4)
    assert text.from_client(0, 4, "utf-8") == (0, 4)


@pytest.mark.parametrize(("encoding", "width"), [("utf-8", 3), ("utf-16", 1)])
def test_a_byte_order_mark_in_a_clients_text_is_a_character(
    encoding: Encoding, width: int
) -> None:
    text = SourceText("\ufeffdef f(): pass".encode(), from_client=True)
    assert text.to_client(0, 4, encoding) == (0, 4 + width)
    assert text.from_client(0, 4 + width, encoding) == (0, 4)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-7", "utf-32", "utf-8"], "utf-32"),
        ("utf-8", "utf-16"),
        ([7, "utf-8"], "utf-8"),
    ],
)
def test_the_first_encoding_that_both_speak_is_chosen(
    offered: object, chosen: Encoding
) -> None:
    assert choose_encoding(offered) == chosen
