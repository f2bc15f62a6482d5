"""After whatever happened to the sources, the index says what a fresh one would."""

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from codanna_lsp.errors import WorkspaceError
from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.indexing import carry_out, plan, records
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.indexing.progress import Progress, RunSummary
from codanna_lsp.languages.language import Language
from codanna_lsp.model.facts import FileFacts, FileRecord
from codanna_lsp.settings import Settings
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.workspace.walker import never

SETTLED_NS = 1_000_000_000_000_000_001  # long ago: such a file is taken by its times


def write(root: Path, sources: dict[str, str], *, settled: bool = True) -> None:
    for path, source in sources.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
        if settled:
            os.utime(file, ns=(SETTLED_NS, SETTLED_NS))


def make(
    root: Path,
    settings: Settings | None = None,
    *,
    on_progress: Callable[[Progress], None] = lambda _: None,
    open_paths: Callable[[], Iterable[str]] = tuple,
    worker_module: str = "codanna_lsp.indexing.worker",
) -> tuple[Indexer, IndexStore]:
    store = IndexStore.in_memory(root)
    indexer = Indexer(
        root,
        store,
        settings or Settings(),
        on_progress=on_progress,
        open_paths=open_paths,
        worker_module=worker_module,
    )
    return indexer, store


def counts(summary: RunSummary) -> str:
    names = ("added", "changed", "removed", "unchanged", "skipped")
    return " ".join(f"{n}={getattr(summary, n)}" for n in names if getattr(summary, n))


def check_fresh(
    root: Path, store: IndexStore, settings: Settings | None = None
) -> None:
    """The index equals the one that a first run over the same files makes."""
    indexer, fresh = make(root, settings)
    indexer.run()
    assert store.data.dump() == fresh.data.dump()


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


def test_a_file_that_crashes_the_parser_is_listed_and_left_alone(
    tmp_path: Path,
) -> None:
    write(tmp_path, {f"f{n}.py": f"x{n} = 1" for n in range(20)})
    write(tmp_path, {"bad.py": "# crash"})
    indexer, store = make(tmp_path, worker_module="failing_worker")
    assert counts(indexer.run()) == "added=21 skipped=1"
    assert indexer.skipped == (("bad.py", "the parser crashed"),)
    assert counts(indexer.run()) == "unchanged=21 skipped=1"
    indexer.save("bad.py")
    assert indexer.skipped == (("bad.py", "the parser crashed"),)
    os.utime(tmp_path / "bad.py", ns=(1, 1))
    assert counts(indexer.changed(["bad.py"])) == "unchanged=1 skipped=1"
    write(tmp_path, {"bad.py": "# crash again"})
    indexer.save("bad.py")
    assert indexer.skipped == (("bad.py", "the parser crashed"),)
    write(tmp_path, {"bad.py": "good = 1"})
    indexer.save("bad.py")
    assert not indexer.skipped
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


def test_a_save_is_one_transaction_and_answers_at_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1"})
    indexer, store = make(tmp_path)
    indexer.run()
    write(tmp_path, {"a.py": "saved = 1", "new.py": "new = 1"}, settled=False)
    indexer.save("a.py")
    indexer.save("new.py", b"new = 1")
    check_fresh(tmp_path, store)
    (tmp_path / "a.py").unlink()
    indexer.save("a.py")
    check_fresh(tmp_path, store)


def test_a_save_of_what_a_walk_would_not_list(tmp_path: Path) -> None:
    write(
        tmp_path, {".gitignore": "no.py\n", "no.py": "a = 1", "a.txt": "", "b.py": ""}
    )
    (tmp_path / "out.py").symlink_to("/etc/hostname")
    indexer, store = make(tmp_path)
    for path in ("no.py", "a.txt", "out.py", "gone.py", "b.py", "b.py/c.py"):
        indexer.save(path)
    assert list(store.data.paths()) == ["b.py"]
    assert indexer.skipped == (("out.py", "a link that leads out of the workspace"),)


def test_bytes_that_are_not_on_disk_are_not_believed(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "on_disk = 1"})
    indexer, store = make(tmp_path)
    indexer.save("a.py", b"typed = 1")
    check_fresh(tmp_path, store)


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


def test_a_cancelled_run_keeps_what_it_did(tmp_path: Path) -> None:
    write(tmp_path, {f"f{n}.py": f"x{n} = 1" for n in range(60)})
    seen: list[Progress] = []
    indexer, store = make(tmp_path, on_progress=seen.append)
    calls = iter(range(1_000_000))
    summary = indexer.run(cancelled=lambda: next(calls) > 30)
    assert summary.cancelled
    assert 0 < store.data.file_count < 60
    assert counts(indexer.run()).startswith("added=")
    check_fresh(tmp_path, store)


def test_progress_goes_through_its_phases(tmp_path: Path) -> None:
    write(tmp_path, {f"f{n}.py": f"x{n} = 1" for n in range(70)})
    seen: list[Progress] = []
    indexer, _store = make(tmp_path, on_progress=seen.append)
    indexer.run()
    assert list(dict.fromkeys(step.phase for step in seen)) == [
        "walking",
        "indexing",
        "saving",
    ]
    assert Progress("indexing", 70, 70) in seen


def test_a_save_during_a_run_wins_over_what_the_run_had_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "old = 1", "b.py": "b = 1"})

    def save_now(step: Progress) -> None:
        if step.phase == "indexing" and step.done == step.total:
            write(tmp_path, {"a.py": "saved = 1"}, settled=False)
            thread = threading.Thread(target=indexer.save, args=("a.py",))
            thread.start()
            thread.join()

    indexer, store = make(tmp_path, on_progress=save_now)
    indexer.run()
    check_fresh(tmp_path, store)


def test_a_name_is_found_before_its_turn(tmp_path: Path) -> None:
    write(tmp_path, {f"f{n}.py": f"import wanted{n}" for n in range(30)})
    write(
        tmp_path,
        {"z/definition.py": "def wanted(): pass\n" + "# much\n" * 9, "z/other.py": ""},
    )
    answers: list[tuple[int, list[str]]] = []

    def ask(step: Progress) -> None:
        if step.phase == "indexing" and not answers:
            count = indexer.find_unindexed("wanted", until=time.monotonic() + 60)
            answers.append((count, list(store.data.paths())))

    indexer, store = make(tmp_path, on_progress=ask)
    indexer.run()
    [(count, known)] = answers
    assert count > 0
    assert "z/definition.py" in known
    assert "z/other.py" not in known
    assert indexer.find_unindexed("wanted", until=time.monotonic() + 60) == 0
    check_fresh(tmp_path, store)


def test_looking_for_a_name_ends_in_time_and_when_cancelled(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "wanted = 1"})
    found: list[int] = []

    def ask(step: Progress) -> None:
        if step.phase == "indexing":
            found.append(indexer.find_unindexed("wanted", until=time.monotonic() - 1))
            found.append(
                indexer.find_unindexed(
                    "wanted", until=time.monotonic() + 60, cancelled=lambda: True
                )
            )

    indexer, _store = make(tmp_path, on_progress=ask)
    indexer.run()
    assert found == [0, 0]


def test_two_runs_at_once_follow_each_other(tmp_path: Path) -> None:
    write(tmp_path, {f"f{n}.py": f"x{n} = 1" for n in range(30)})
    indexer, store = make(tmp_path)
    summaries: list[RunSummary] = []
    threads = [
        threading.Thread(target=lambda: summaries.append(indexer.run(cancelled=never)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(counts, summaries)) == ["added=30", "unchanged=30"]
    check_fresh(tmp_path, store)


@pytest.mark.parametrize(
    "path", ["../a.py", "/a.py", "d/../../a.py", "./a.py", "", "d//"]
)
def test_paths_that_are_none_of_ours(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"a.py": "", "w/d/b.py": ""})
    indexer, store = make(tmp_path / "w")
    indexer.run()
    indexer.save(path)
    indexer.changed([path])
    assert list(store.data.paths()) == ["d/b.py"]


def test_an_extractor_that_raises_costs_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(source: bytes, language: Language, path: str = "") -> FileFacts:
        if path == "bad.py":
            raise RecursionError
        return extract_facts(source, language, path)

    monkeypatch.setattr(records, "extract_facts", failing)
    monkeypatch.delenv("CODANNA_RAISE_BUGS")
    write(tmp_path, {"bad.py": "", "good.py": ""})
    indexer, store = make(tmp_path)
    assert counts(indexer.run()) == "added=2 skipped=1"
    assert indexer.skipped == (("bad.py", "the parser crashed"),)
    assert store.data.packed_facts("good.py")


def test_facts_lost_in_the_store_come_from_the_source(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1"})
    indexer, store = make(tmp_path)
    indexer.run()
    known = store.data.record("a.py")
    assert isinstance(known, FileRecord)
    with store.begin() as transaction:
        transaction.stage(known._replace(extractor="", facts=b""))
        transaction.commit()
    indexer.changed(["a.py"])
    check_fresh(tmp_path, store)
