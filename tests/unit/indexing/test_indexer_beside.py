"""Saves, questions, failures and cancelling beside a run: the index stays true."""

import os
import threading
import time
from pathlib import Path

import pytest

from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.extraction.reparse import KeptTrees
from codanna_lsp.indexing import records
from codanna_lsp.indexing.progress import Progress, RunSummary
from codanna_lsp.languages.language import Language
from codanna_lsp.model.facts import FileFacts, FileRecord
from codanna_lsp.workspace.walker import never
from tests.unit.indexing.indexed_workspace import (
    check_fresh,
    counts,
    make,
    write,
)


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
    def failing(
        source: bytes,
        language: Language,
        path: str = "",
        *,
        kept: KeptTrees | None = None,
    ) -> FileFacts:
        if path == "bad.py":
            raise RecursionError
        return extract_facts(source, language, path, kept=kept)

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


def test_a_save_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1"})
    indexer, store = make(tmp_path)
    indexer.run()
    before, serial = store.data, store.status().serial
    assert indexer.save("a.py").serial == serial
    assert store.data is before
    indexer.save("a.py", again=True)  # its facts were lost
    assert store.data is not before
    check_fresh(tmp_path, store)
