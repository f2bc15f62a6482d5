"""After whatever happened to the sources, the index says what a fresh one would."""

import os
from pathlib import Path

import pytest

from codanna_lsp.errors import WorkspaceError
from codanna_lsp.indexing import carry_out, plan
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.indexing.progress import WALKING
from codanna_lsp.settings import Settings
from tests.unit.indexing.indexed_workspace import (
    SETTLED_NS,
    check_fresh,
    counts,
    make,
    write,
)


def test_first_run_then_nothing_to_do(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def a(): pass", "d/b.py": "class B: pass"})
    indexer, store = make(tmp_path)
    assert counts(indexer.run()) == "added=2"
    assert list(store.data.paths()) == ["a.py", "d/b.py"]
    assert counts(indexer.run()) == "unchanged=2"
    assert counts(indexer.refresh()) == "unchanged=2"


def test_edits_renames_and_removals(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1", "b.py": "b = 1", "c.py": "c = 1", "d/e.py": ""})
    indexer, store = make(tmp_path)
    indexer.run()
    write(tmp_path, {"a.py": "changed = 1"})
    (tmp_path / "b.py").rename(tmp_path / "renamed.py")
    (tmp_path / "c.py").unlink()
    assert counts(indexer.run()) == "added=1 changed=1 removed=2 unchanged=1"
    check_fresh(tmp_path, store)


def test_same_size_and_time_where_the_time_proves_nothing(tmp_path: Path) -> None:
    later_ns = 4_000_000_000_000_000_000  # no reading is ever later than this mtime
    indexer, store = make(tmp_path)
    for source, expected in (("a = 1", "added=1"), ("b = 2", "changed=1")):
        write(tmp_path, {"a.py": source})
        os.utime(tmp_path / "a.py", ns=(later_ns, later_ns))
        assert counts(indexer.run()) == expected
        check_fresh(tmp_path, store)


@pytest.mark.parametrize("by_event", [True, False])
def test_same_size_and_the_old_time_put_back(tmp_path: Path, *, by_event: bool) -> None:
    write(tmp_path, {"a.py": "a = 1"})
    indexer, store = make(tmp_path)
    indexer.run()
    known = store.data.record_without_facts("a.py")
    assert known is not None
    while (tmp_path / "a.py").stat().st_ctime_ns <= known.indexed_ns:
        write(tmp_path, {"a.py": "b = 2"})  # a file system's clock goes in steps
    summary = indexer.changed(["a.py"]) if by_event else indexer.refresh()
    assert counts(summary) == "changed=1"
    check_fresh(tmp_path, store)


def test_a_touched_file_is_not_extracted_again(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1"})
    indexer, store = make(tmp_path)
    indexer.run()
    os.utime(tmp_path / "a.py", ns=(1, SETTLED_NS + 5))
    assert counts(indexer.run()) == "unchanged=1"
    known = store.data.record_without_facts("a.py")
    assert known is not None
    assert known.fingerprint.mtime_ns == SETTLED_NS + 5
    check_fresh(tmp_path, store)


def test_another_extractor_extracts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.py": "a = 1", "b.js": "var b"})
    indexer, _store = make(tmp_path)
    indexer.run()
    monkeypatch.setattr(
        plan,
        "extractor_versions",
        lambda: {"python": "newer"}.get,
    )
    assert counts(indexer.run()) == "changed=2"


def test_changed_ignore_files_and_settings(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "b.py": "", "c.js": ""})
    indexer, store = make(tmp_path)
    indexer.run()
    write(tmp_path, {".gitignore": "b.py\n"})
    assert counts(indexer.changed([".gitignore"])) == "removed=1 unchanged=2"
    (tmp_path / ".gitignore").unlink()
    assert counts(indexer.changed([".gitignore"])) == "added=1 unchanged=2"
    settings = Settings(languages_off=("javascript",))
    other = Indexer(tmp_path, store, settings)
    assert counts(other.run()) == "removed=1 unchanged=2"
    check_fresh(tmp_path, store, settings)


@pytest.mark.parametrize("count", [3, 60])
def test_few_files_here_and_many_in_workers_give_the_same(
    tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {f"f{n}.py": f"def f{n}(): return g{n}()" for n in range(count)})
    indexer, store = make(tmp_path)
    assert counts(indexer.run()) == f"added={count}"
    monkeypatch.setattr(carry_out, "SMALL_RUN_FILES", 1000)
    check_fresh(tmp_path, store)


def test_without_worker_processes_all_is_done_here(tmp_path: Path) -> None:
    write(tmp_path, {f"f{n}.py": f"x{n} = 1" for n in range(40)})
    indexer, store = make(tmp_path, worker_module="dying_worker")
    summary = indexer.run()
    assert counts(summary) == "added=40"
    assert "end before they read a file" in summary.fallback
    check_fresh(tmp_path, store)


def test_what_is_left_out_is_listed(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1", "binary.py": "\0", "large.py": "x" * 2000})
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "out.py").symlink_to("/etc/hostname")
    indexer, store = make(tmp_path, Settings(max_file_size_bytes=1000))
    assert counts(indexer.run()) == "added=2 skipped=4"
    expected = (
        ("binary.py", "binary"),
        ("large.py", "over the size limit"),
        ("out.py", "a link that leads out of the workspace"),
        ("pipe.py", "no regular file"),
    )
    assert indexer.skipped == expected
    assert counts(indexer.refresh()) == "unchanged=2 skipped=4"
    assert indexer.skipped == expected
    assert list(store.data.paths()) == ["a.py", "binary.py"]


def test_folders_that_come_go_and_move(tmp_path: Path) -> None:
    write(tmp_path, {"d/a.py": "a = 1", "d/e/b.py": "b = 1", "c.py": "", "d.py": ""})
    indexer, store = make(tmp_path)
    indexer.run()
    (tmp_path / "d").rename(tmp_path / "moved")
    summary = indexer.changed(["d", "moved"])
    assert counts(summary) == "added=2 removed=2"
    check_fresh(tmp_path, store)
    assert counts(indexer.changed([])) == ""
    assert counts(indexer.changed([""])) == "unchanged=4"


def test_changes_behind_links_are_found(tmp_path: Path) -> None:
    root = tmp_path / "w"
    write(root, {".gitignore": "/real/\n", "real/a.py": "a = 1"})
    (root / "way").symlink_to("real")
    indexer, store = make(root)
    indexer.run()
    assert list(store.data.paths()) == ["way/a.py"]
    write(root, {"real/a.py": "changed = 1", "real/b.py": ""})
    indexer.changed(["way/a.py"])
    check_fresh(root, store)
    write(root, {"real/a.py": "saved = 1"}, settled=False)
    indexer.save("way/a.py")
    check_fresh(root, store)


def test_a_root_that_is_gone(tmp_path: Path) -> None:
    indexer, _store = make(tmp_path / "gone")
    with pytest.raises(WorkspaceError, match="cannot be listed"):
        indexer.run()
    (tmp_path / "gone").mkdir()
    assert counts(indexer.run()) == ""


def test_a_root_too_large_is_known_around_open_files(tmp_path: Path) -> None:
    write(tmp_path, {f"d{n}/f{n}.py": "" for n in range(5)})
    opened = ["d1/f1.py"]
    indexer, store = make(tmp_path, Settings(max_files=3), open_paths=lambda: opened)
    assert '"maxFiles"' in indexer.run().narrow
    assert list(store.data.paths()) == ["d1/f1.py"]
    opened[:] = ["d2/f2.py"]
    indexer.changed(["d2/f2.py"])
    assert list(store.data.paths()) == ["d1/f1.py", "d2/f2.py"]


def test_a_root_that_is_too_wide_is_not_walked_again_for_each_file(
    tmp_path: Path,
) -> None:
    write(tmp_path, {f"part{i}/m.py": f"x{i} = {i}\n" for i in range(6)})
    opened = ["part0/m.py"]
    counted: list[int] = []
    indexer, store = make(
        tmp_path,
        Settings(max_files=3),
        on_progress=lambda one: counted.append(one.done * (one.phase == WALKING)),
        open_paths=lambda: opened,
    )
    assert indexer.run().narrow
    assert any(counted)
    counted.clear()
    opened.append("part1/m.py")
    assert indexer.changed(["part1/m.py"]).narrow
    assert not store.view().symbols_named("x2")
    assert store.view().symbols_named("x1")
    assert not any(counted)


def test_what_a_wide_root_knew_is_no_older_than_its_files(tmp_path: Path) -> None:
    names = ("a/kept.py", "b/edited.py", "b/gone.py", "b/folder.py", "b/link.py")
    write(tmp_path, dict.fromkeys(names, "def old(): ..."))
    _, store = make(tmp_path)
    whole = Indexer(tmp_path, store, Settings())
    whole.run()
    write(tmp_path, {"b/edited.py": "def edited(): ..."}, settled=False)
    for name in ("gone", "folder", "link"):
        (tmp_path / f"b/{name}.py").unlink()
    (tmp_path / "b/folder.py").mkdir()
    (tmp_path / "b/link.py").symlink_to("nowhere.py")

    narrow = Indexer(tmp_path, store, Settings(max_files=1))
    summary = narrow.refresh()
    assert summary.narrow
    assert counts(summary._replace(skipped=0)) == "changed=1 removed=3"
    assert list(store.data.paths()) == ["a/kept.py", "b/edited.py"]
    view = store.view()
    assert len(view.symbols_named("edited")) == 1
    assert len(view.symbols_named("old")) == 1
