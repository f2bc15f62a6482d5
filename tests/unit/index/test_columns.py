"""Columns: however they were made, equal records give equal bytes; damage is told."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codanna_lsp.errors import CorruptionError
from codanna_lsp.index.building.column_arrays import build_in_bulk
from codanna_lsp.index.building.column_build import build_plainly
from codanna_lsp.index.columns import Columns, build_columns, merge
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.model.symbol import SymbolKind
from tests.unit.index.index_strategies import record, records, symbol

MANY = st.lists(records(), max_size=7, unique_by=lambda item: item.path)


def check_same_bytes(left: Columns, right: Columns) -> None:
    for name, section in left.sections().items():
        assert bytes(section) == bytes(right.sections()[name]), name


def many_names(count: int) -> FileRecord:
    """One file with so many names that they get masks."""
    rows = [
        symbol(f"name_{row:x}Of{'ß' * (row % 7 == 0)}{row}") for row in range(count)
    ]
    return record("many.py", *rows)


@settings(max_examples=25, deadline=None)
@given(MANY)
def test_both_builders_make_the_same_bytes(given_records: list[FileRecord]) -> None:
    by_path = sorted(given_records, key=lambda item: item.path)
    check_same_bytes(build_plainly(given_records), build_in_bulk(iter(by_path)))


def test_both_builders_make_the_same_masks() -> None:
    given_record = many_names(700)
    plain = build_plainly([given_record])
    assert len(plain.letters) == 64 * 11  # u64 that hold 64 rows of 700 bits
    check_same_bytes(plain, build_in_bulk([given_record]))
    check_same_bytes(plain, build_columns([given_record]))


@settings(max_examples=25, deadline=None)
@given(MANY, MANY, st.sets(st.sampled_from(["a.py", "b.py", "b/a.py", "none"])))
def test_a_merge_equals_a_fresh_build(
    old: list[FileRecord], new: list[FileRecord], removed: set[str]
) -> None:
    files = {item.path: item for item in old if item.path not in removed}
    files |= {item.path: item for item in new}
    merged = merge(build_plainly(old), removed, new)
    check_same_bytes(merged, build_plainly(list(files.values())))


@settings(max_examples=25, deadline=None)
@given(MANY)
def test_sections_come_back(given_records: list[FileRecord]) -> None:
    built = build_plainly(given_records)
    sections = {name: bytes(data) for name, data in built.sections().items()}
    opened = Columns.from_sections(sections)
    check_same_bytes(built, opened)
    by_path = sorted(given_records, key=lambda item: item.path)
    for have, want in zip(opened.records(), by_path, strict=True):
        assert have == want._replace(facts=b"")


def check_container(source: FileRecord, name: str, expected: tuple[str, ...]) -> None:
    columns = build_columns([source])
    (row,) = [
        row for row in range(columns.symbol_count) if columns.symbol_name(row) == name
    ]
    assert columns.container_names(row, 0) == expected


def test_containers_come_outermost_first() -> None:
    source = record(
        "a.rs",
        symbol("outer", kind=SymbolKind.MODULE),
        symbol("Type", container=0),
        symbol("method", container=0, scope="Type"),
        symbol("inner", container=2),
        symbol("free", scope="Go"),
    )
    check_container(source, "inner", ("outer", "Type", "method"))
    check_container(source, "method", ("outer", "Type"))
    check_container(source, "free", ("Go",))
    check_container(source, "outer", ())


def test_a_column_past_what_is_stored_saturates() -> None:
    columns = build_columns(
        [record("a.py", symbol("x", column=70_000, end_column=70_001))]
    )
    place = columns.place(0, "x")
    assert (place.column, place.end_column) == (65_535, 65_536)


SAMPLE = [
    record("a.py", symbol("Foo", kind=SymbolKind.CLASS), symbol("bar", container=0)),
    record("b/c.go", symbol("Foo", scope="Owner"), language="go"),
]


def read_all(columns: Columns) -> None:
    """Touch everything that a question may touch."""
    list(columns.records())
    for file in range(columns.file_count):
        first = columns.file_first[file]
        for row in columns.symbols_of_file(file):
            columns.container_names(row, first)
            columns.place(row, columns.symbol_name(row))
            columns.rank(row, first)
            assert columns.file_of_symbol(row) == file
    for name in range(columns.name_count):
        for row in columns.symbols_of_name(name):
            columns.file_of_symbol(row)


def check_damage(change: Callable[[dict[str, bytes]], None]) -> None:
    built = build_columns(SAMPLE)
    sections = {name: bytes(data) for name, data in built.sections().items()}
    change(sections)
    with pytest.raises(CorruptionError) as caught:
        read_all(Columns.from_sections(sections, part="snapshot"))
    assert caught.value.part == "snapshot"
    assert caught.value.reason


def test_a_missing_section() -> None:
    def without_lines(sections: dict[str, bytes]) -> None:
        del sections["lines"]

    check_damage(without_lines)


@pytest.mark.parametrize("section", list(build_columns(SAMPLE).sections()))
def test_a_section_that_is_too_long(section: str) -> None:
    def longer(sections: dict[str, bytes]) -> None:
        sections[section] += bytes(16)

    check_damage(longer)


@pytest.mark.parametrize(
    "section",
    ["file_language", "symbol_names", "containers", "name_symbols", "path_offsets"],
)
def test_a_number_that_points_outside(section: str) -> None:
    def outside(sections: dict[str, bytes]) -> None:
        data = sections[section]
        sections[section] = data[:4] + b"\xff\xff\xff\x7f" + data[8:]

    check_damage(outside)


@given(st.data())
def test_flipped_bytes_never_do_worse_than_say_so(data: st.DataObject) -> None:
    built = build_columns(SAMPLE)
    sections = {name: bytearray(part) for name, part in built.sections().items()}
    section = sections[
        data.draw(st.sampled_from([k for k, v in sections.items() if v]))
    ]
    section[data.draw(st.integers(0, len(section) - 1))] ^= data.draw(
        st.integers(1, 255)
    )
    try:
        read_all(Columns.from_sections({k: bytes(v) for k, v in sections.items()}))
    except (CorruptionError, AssertionError):
        return  # said in words; or a symbol in another file than the bytes said
