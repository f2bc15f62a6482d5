"""Names and symbols taken many at a time: with filters, and out of damaged columns."""

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codanna_lsp.errors import CorruptionError
from codanna_lsp.index.building import column_arrays, column_build
from codanna_lsp.index.columns import Columns, build_columns
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.index.view import View
from codanna_lsp.queries import bulk_hits, bulk_scan, symbol_search
from codanna_lsp.queries.symbol_search import (
    SymbolAnswer,
    SymbolQuestion,
    find_symbols,
)
from tests.unit.queries.symbol_workspace import WORKSPACE, ask, records_of


def masked_columns() -> Columns:
    """The columns of the workspace, with masks as larger ones have."""
    with (
        patch.object(column_build, "MASKED_NAMES", 1),
        patch.object(column_arrays, "MASKED_NAMES", 1),
    ):
        return build_columns(records_of(WORKSPACE))


@pytest.mark.parametrize(
    "text",
    [
        "start !tests",
        "kind:class s",
        "lang:python kind:function e",
        "path:src s",
        "path:*.py #s",
        "HTTPServer.s",
        "provide documentsymbol",
        "^st",
        "er$",
        "'art",
        "日本",
    ],
)
def test_many_at_once_are_judged_as_one_by_one(text: str) -> None:
    view = View(IndexData(masked_columns()))
    question = SymbolQuestion(text=text)
    with patch.object(bulk_scan, "_FEW", 1):
        found = find_symbols(view, question)
    with patch.object(symbol_search, "_bulk_is_loaded", return_value=False):
        assert find_symbols(view, question) == found == ask(text)


# A name of many symbols, of one symbol each file, and others that match as well.
MANY = "".join(
    f"-- src/m{number}.py --\nfunction start\nfunction start_{number % 3}\n"
    "class Restart\n  method restart_all\n"
    for number in range(12)
)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 13, 14, 20])
@pytest.mark.parametrize("text", ["start", "sta", "restart", "tart", "src"])
def test_a_low_limit_cuts_a_name_of_many_symbols(text: str, limit: int) -> None:
    with (
        patch.object(column_build, "MASKED_NAMES", 1),
        patch.object(column_arrays, "MASKED_NAMES", 1),
    ):
        view = View(IndexData(build_columns(records_of("\n" + MANY))))
    question = SymbolQuestion(text=text, limit=limit)
    with patch.object(bulk_scan, "_FEW", 1):
        found = find_symbols(view, question)
    with patch.object(symbol_search, "_bulk_is_loaded", return_value=False):
        assert find_symbols(view, question) == found


SHOWN = st.sampled_from(["start", "s", "", "DocSym", "File.Close", "srv", "docsym"])


@settings(max_examples=150, deadline=None)
@given(st.data(), SHOWN)
def test_damaged_columns_are_told_or_answered(data: st.DataObject, text: str) -> None:
    check_damaged(build_columns(records_of(WORKSPACE)), data, text)


@settings(max_examples=300, deadline=None)
@given(st.data(), SHOWN)
def test_damaged_columns_are_told_or_answered_in_bulk(
    data: st.DataObject, text: str
) -> None:
    with (
        patch.object(bulk_scan, "_FEW", 1),
        patch.object(bulk_hits, "_FIRST_SYMBOLS", 1),
    ):
        check_damaged(masked_columns(), data, text)


def check_damaged(built: Columns, data: st.DataObject, text: str) -> None:
    sections = {name: bytearray(part) for name, part in built.sections().items()}
    section = sections[
        data.draw(st.sampled_from([k for k, v in sections.items() if v]))
    ]
    for _flip in range(3):
        at = data.draw(st.integers(0, len(section) - 1))
        section[at] ^= data.draw(st.integers(1, 255))
    try:
        opened = Columns.from_sections({k: bytes(v) for k, v in sections.items()})
        answer = find_symbols(View(IndexData(opened)), SymbolQuestion(text=text))
    except CorruptionError:
        return
    assert isinstance(answer, SymbolAnswer)
