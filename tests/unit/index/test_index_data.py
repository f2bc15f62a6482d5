"""IndexData and View: any history of changes equals a fresh build."""

from hypothesis import given, settings
from hypothesis import strategies as st

from codanna_lsp.errors import CorruptionError
from codanna_lsp.index.codec import unpack_facts
from codanna_lsp.index.columns import Columns, build_columns, merge
from codanna_lsp.index.index_data import MAX_LAYERS, IndexData
from codanna_lsp.index.view import View
from codanna_lsp.model.facts import FileRecord
from tests.unit.index.index_strategies import PATHS, record, records, symbol

STEP = st.one_of(
    st.tuples(st.just("save"), records(3)),
    st.tuples(st.just("remove"), PATHS),
    st.tuples(st.just("checkpoint"), st.none()),
    st.tuples(st.just("reload"), st.none()),
)


def over(base: Columns, files: dict[str, FileRecord]) -> IndexData:
    """An index over a base whose blobs are those of the files."""
    blobs = [files[base.path(row)].facts for row in range(base.file_count)]
    return IndexData(base, blobs.__getitem__)


def fresh(files: dict[str, FileRecord]) -> IndexData:
    return over(build_columns(list(files.values())), files)


def checkpointed(data: IndexData, files: dict[str, FileRecord]) -> IndexData:
    changes = data.changes()
    base = merge(data.base, changes.removed, changes.indexed)
    blobs = [files[base.path(row)].facts for row in range(base.file_count)]
    return data.rebased(base, blobs.__getitem__, frozen=data)


@settings(max_examples=40, deadline=None)
@given(st.lists(STEP, max_size=14))
def test_any_history_equals_a_fresh_build(steps: list[tuple[str, object]]) -> None:
    data, files = IndexData(), dict[str, FileRecord]()
    base_blobs = list[bytes]().__getitem__
    for what, given_value in steps:
        if what == "save":
            assert isinstance(given_value, FileRecord)
            files[given_value.path] = given_value
            data = data.with_changes([given_value])
        elif what == "remove":
            assert isinstance(given_value, str)
            files.pop(given_value, None)
            data = data.with_changes([], [given_value])
        elif what == "checkpoint":
            data = checkpointed(data, files)
            base_files = [files[path].facts for path in sorted(files)]
            base_blobs = base_files.__getitem__
            assert data.changes() == ((), ())
        else:
            sections = {k: bytes(v) for k, v in data.base.sections().items()}
            changes = data.changes()
            unchanged = IndexData(Columns.from_sections(sections), base_blobs)
            data = unchanged.with_changes(changes.indexed, changes.removed)
        check_same(data, files)


def check_same(data: IndexData, files: dict[str, FileRecord]) -> None:
    want = fresh(files)
    assert data.dump() == want.dump()
    assert list(data.files()) == [
        files[path]._replace(facts=b"") for path in sorted(files)
    ]
    assert (data.file_count, data.symbol_count) == (want.file_count, want.symbol_count)
    assert len(data.parts) <= MAX_LAYERS + 1
    view, other = View(data), View(want)
    names = {
        item.name
        for path in files
        if files[path].facts
        for item in unpack_facts(files[path].facts).symbols
    }
    for name in names:
        assert view.symbols_named(name) == other.symbols_named(name)
    for folder in ("", "b", "b/c", "none"):
        assert list(view.paths_under(folder)) == list(other.paths_under(folder))


def test_many_saves_keep_few_layers() -> None:
    data = IndexData()
    for number in range(200):
        data = data.with_changes([record(f"{number}.py", symbol(f"name{number}"))])
        assert len(data.parts) <= MAX_LAYERS + 1
    assert data.file_count == 200
    assert [row.path for row in View(data).symbols_named("name7")] == ["7.py"]


def test_a_change_leaves_the_index_before_it_alone() -> None:
    before = IndexData().with_changes([record("a.py", symbol("old"))])
    after = before.with_changes([record("a.py", symbol("new"))])
    assert View(before).symbols_named("old")
    assert not View(after).symbols_named("old")
    assert not View(before).symbols_named("new")


def test_rebasing_keeps_what_came_after_the_freeze() -> None:
    first, second = record("a.py", symbol("a")), record("b.py", symbol("b"))
    frozen = IndexData().with_changes([first, second])
    later = frozen.with_changes([record("c.py", symbol("c"))], ["a.py"])
    base = build_columns([first, second])
    data = later.rebased(base, [first.facts, second.facts].__getitem__, frozen=frozen)
    assert list(data.paths()) == ["b.py", "c.py"]
    assert data.changes().removed == ("a.py",)
    assert data.dump() == later.dump()


def test_a_removed_path_that_the_base_never_had_is_no_change() -> None:
    data = IndexData().with_changes([record("a.py")]).with_changes([], ["a.py"])
    assert data.changes() == ((), ())
    assert data.file_count == 0


def test_paths_by_their_last_part() -> None:
    data = fresh({p: record(p) for p in ("x.py", "a/x.py", "a/yx.py", "x.py/b")})
    data = data.with_changes([record("new/x.py")], ["a/x.py"])
    assert list(View(data).paths_named("x.py")) == ["new/x.py", "x.py"]


def test_unsaved_text_lies_over_the_view() -> None:
    view = View(fresh({"a.py": record("a.py", symbol("saved"))}), 3, 7)
    typed = view.laid_over([record("a.py", symbol("typed"))])
    assert [row.name for row in typed.symbols_named("typed")] == ["typed"]
    assert not typed.symbols_named("saved")
    assert (typed.generation, typed.serial) == (3, 7)


def damaged_index() -> IndexData:
    def read_blob(row: int) -> bytes:
        raise CorruptionError("bad", part=f"row {row}", reason="flipped")

    return IndexData(build_columns([record("a.py", symbol("a"))]), read_blob)


def test_damaged_facts_come_from_elsewhere() -> None:
    good = record("a.py", symbol("a"))
    told: list[str] = []

    def on_damage(path: str, error: CorruptionError) -> bytes:
        told.append(f"{path}: {error.reason}")
        return good.facts

    view = View(damaged_index(), on_damage=on_damage)
    assert view.facts("a.py") == unpack_facts(good.facts)
    assert view.record("a.py") == good
    assert told == ["a.py: flipped"] * 2


def test_damaged_facts_that_nobody_has_are_none() -> None:
    assert View(damaged_index()).facts("a.py") is None
    view = View(damaged_index(), on_damage=lambda _path, _error: b"also bad")
    assert view.facts("a.py") is None


def test_a_path_nobody_knows() -> None:
    view = View(IndexData())
    assert view.record("none.py") is None
    assert view.facts("none.py") is None
    assert not view.has_file("none.py")
