"""Letters in order, found by bits: as `NamePattern` finds them, name by name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codanna_lsp.errors import CorruptionError
from codanna_lsp.index.columns import Columns, build_columns
from codanna_lsp.index.name_table.letter_grid import MAX_BYTES, LetterGrid
from codanna_lsp.queries.ranking import NamePattern
from tests.unit.index.index_strategies import record, symbol

LETTERS = "aabBcC1_"
NAMES = st.lists(
    st.text(LETTERS, min_size=1, max_size=MAX_BYTES), unique=True, min_size=1
)


def columns_of_names(names: list[str]) -> Columns:
    return build_columns([record("names.py", *map(symbol, names))])


@given(NAMES, st.text("abc1", min_size=4, max_size=7))
def test_the_grid_finds_what_the_pattern_says(names: list[str], part: str) -> None:
    columns = columns_of_names(names)
    rows = np.arange(columns.name_count, dtype=np.uint32)
    grid, pattern = LetterGrid(columns, rows), NamePattern(part)
    stored: list[str] = [columns.name(row) for row in rows.tolist()]
    in_order: set[str] = {stored[row] for row in grid.in_order(part.encode()).tolist()}
    together = {name for name in stored if part in name.casefold()}
    wanted = {name for name in stored if pattern.is_subsequence(name)}
    assert in_order - together == wanted
    in_runs: set[str] = {stored[row] for row in grid.in_runs(part.encode()).tolist()}
    assert in_runs == {name for name in stored if pattern.is_runs(name)}


@pytest.mark.parametrize("size", [15, 16, 17, 31, 32, 33, 63, 64])
def test_a_name_is_seen_up_to_its_last_letter(size: int) -> None:
    names = ["d" + "x" * (size - 3) + "Yz", "d" + "x" * (size - 2) + "y"]
    columns = columns_of_names(names)
    rows = np.arange(2, dtype=np.uint32)
    found = LetterGrid(columns, rows).in_order(b"dyz")
    assert [columns.name(row) for row in rows[found].tolist()] == [names[0]]


def test_a_longer_name_does_not_fit() -> None:
    columns = columns_of_names(["a" * (MAX_BYTES + 1)])
    with pytest.raises(CorruptionError):
        LetterGrid(columns, np.zeros(1, np.uint32))
