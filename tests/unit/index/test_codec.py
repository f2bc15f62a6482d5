"""Packed facts come back whole, and damaged bytes are errors in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codanna_lsp.errors import CodecError
from codanna_lsp.index import codec
from codanna_lsp.index.packed.mentions import unpack_mentions
from codanna_lsp.model.facts import FileFacts, mentioned_names
from tests.unit.index.index_strategies import ODD_TEXTS, facts, symbol

PLAIN = FileFacts("python", (symbol("a"), symbol("b")), (), (), ("x", "y"))


@given(facts())
def test_facts_come_back_whole(given_facts: FileFacts) -> None:
    packed = codec.pack_facts(given_facts)
    assert codec.unpack_facts(packed) == given_facts
    outline = codec.unpack_outline(memoryview(packed))
    assert outline.names == [row.name for row in given_facts.symbols]
    assert list(outline.end_columns) == [row.end_column for row in given_facts.symbols]
    assert [outline.scopes.get(row, "") for row in range(len(outline.names))] == [
        row.scope for row in given_facts.symbols
    ]


@given(facts(), st.data())
def test_damaged_facts_are_a_codec_error_or_other_facts(
    given_facts: FileFacts, data: st.DataObject
) -> None:
    packed = bytearray(codec.pack_facts(given_facts))
    for _flip in range(data.draw(st.integers(1, 3))):
        packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(
            st.integers(1, 255)
        )
    try:
        codec.unpack_facts(bytes(packed))
        codec.unpack_outline(bytes(packed))
    except CodecError:
        return  # said in words, and nothing worse


@given(facts(), st.integers(0, 10_000))
def test_cut_facts_are_a_codec_error(given_facts: FileFacts, cut: int) -> None:
    packed = codec.pack_facts(given_facts)
    with pytest.raises(CodecError):
        codec.unpack_facts(packed[: cut % len(packed)])


def test_bytes_after_the_facts_are_a_codec_error() -> None:
    with pytest.raises(CodecError):
        codec.unpack_facts(codec.pack_facts(PLAIN) + b"\0")


def test_facts_of_another_version_are_a_codec_error() -> None:
    packed = bytearray(codec.pack_facts(PLAIN))
    packed[0] = 99
    with pytest.raises(CodecError, match="version 99"):
        codec.unpack_facts(bytes(packed))


def test_a_number_past_64_bits_is_a_codec_error() -> None:
    with pytest.raises(CodecError):
        codec.pack_facts(PLAIN._replace(symbols=(symbol("a", line=1 << 70),)))


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(1 << 63), (1 << 64) - 1),
        ODD_TEXTS,
        st.binary(max_size=300),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=20).map(tuple),
        st.dictionaries(ODD_TEXTS, inner, max_size=20),
    ),
    max_leaves=30,
)


@given(VALUES)
def test_values_come_back(value: object) -> None:
    assert codec.unpack(codec.pack(value)) == value


@given(st.binary(max_size=64))
def test_any_bytes_are_a_value_or_a_codec_error(data: bytes) -> None:
    try:
        codec.unpack(data)
    except CodecError:
        return  # said in words, and nothing worse


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x91", id="a list that ends early"),
        pytest.param(b"\x90" * 2, id="two values"),
        pytest.param(b"\xdd\xff\xff\xff\xff", id="four billion values claimed"),
        pytest.param(b"\xdc\xff\xff" * 30_000, id="nested claims"),
        pytest.param(b"\x91" * 100 + b"\xc0", id="nested too deeply"),
        pytest.param(b"\xdc\x27\x10" + b"\x90" * 10_000, id="too many values"),
        pytest.param(b"\xd4\x01\x01", id="an extension"),
        pytest.param(b"\xc1", id="a code that is never used"),
        pytest.param(b"\xa2\xff\xff", id="no UTF-8"),
        pytest.param(b"\xc6\xff\xff\xff\xff", id="four billion bytes claimed"),
    ],
)
def test_hostile_bytes(data: bytes) -> None:
    with pytest.raises(CodecError):
        codec.unpack(data)


def test_what_msgpack_cannot_hold_is_a_codec_error() -> None:
    for value in ({1, 2}, object(), 1 << 70):
        with pytest.raises(CodecError):
            codec.pack(value)


@given(facts(), st.integers(1, 30))
def test_mentions_are_the_names_that_the_facts_mention(
    given_facts: FileFacts, limit: int
) -> None:
    lines = unpack_mentions(codec.pack_facts(given_facts), limit=limit).split("\n")
    cut = "\n".join(name[:limit] for name in mentioned_names(given_facts))
    assert set(lines) - {"", "*"} == set(cut.split("\n")) - {"", "*"}


def test_mentions_of_cut_facts_are_a_codec_error() -> None:
    packed = codec.pack_facts(PLAIN)
    for stop in range(len(packed)):
        with pytest.raises(CodecError):
            unpack_mentions(packed[:stop], limit=10)
