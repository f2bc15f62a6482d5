"""Outlines read in bulk are those that are read one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codanna_lsp.errors import CodecError
from codanna_lsp.index.building.outline_arrays import (
    OutlineArrays,
    joined_arrays,
    read_outlines,
    read_outlines_plainly,
)
from codanna_lsp.index.codec import pack_facts
from codanna_lsp.model.facts import FileFacts
from tests.unit.index.index_strategies import facts, symbol

PACKED = st.lists(st.just(b"") | facts().map(pack_facts), max_size=4)


def check_same(found: OutlineArrays, wanted: OutlineArrays) -> None:
    assert found.scopes == wanted.scopes
    for column, same in zip(found[:-1], wanted[:-1], strict=True):
        np.testing.assert_array_equal(column, same)


@given(PACKED, PACKED)
def test_in_bulk_as_one_by_one(first: list[bytes], second: list[bytes]) -> None:
    plain = read_outlines_plainly(first + second)
    parts = [read_outlines_plainly(first), read_outlines_plainly(second)]
    check_same(joined_arrays(parts), plain)
    try:
        check_same(read_outlines(first + second), plain)
    except CodecError:
        return  # odd, so that it is read one by one


def test_usual_outlines_are_read_in_bulk() -> None:
    usual = [
        FileFacts("python", (symbol("caf\u00e9"), symbol("\ud800b")), (), (), ()),
        FileFacts("c", tuple(symbol(f"name_{row}") for row in range(5000)), (), (), ()),
        FileFacts("go", (), (), (), ()),
        FileFacts("cpp", (symbol("a")._replace(scope="ns"), symbol("")), (), (), ()),
    ]
    packed = [pack_facts(one) for one in usual]
    check_same(read_outlines(packed), read_outlines_plainly(packed))


@given(facts(), st.data())
def test_damage_is_a_codec_error_or_other_symbols(
    given_facts: FileFacts, data: st.DataObject
) -> None:
    packed = bytearray(pack_facts(given_facts))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        read_outlines([bytes(packed)])
    except CodecError:
        return


def test_cut_outlines_are_a_codec_error() -> None:
    packed = pack_facts(FileFacts("python", (symbol("a"), symbol("b")), (), (), ()))
    for stop in range(1, 13):
        with pytest.raises(CodecError):
            read_outlines([packed[:stop]])
