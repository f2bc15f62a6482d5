"""No process can be started: what may end this one waits, and is tried again later."""

import errno
import os
import subprocess
from pathlib import Path
from typing import Any, Never

import pytest

from codanna_lsp.indexing import records
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.model.facts import Reason
from codanna_lsp.store.index_store import IndexStore
from tests.unit.indexing.indexed_workspace import check_fresh, counts, make, write

UNTRIED = (("bad.py", Reason.NO_PROCESS),)


def refuse(*_given: object, **_named: object) -> Never:
    raise OSError(errno.EAGAIN, "Resource temporarily unavailable")


@pytest.fixture
def crashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Indexer:
    """An indexer that knows a file for one that crashes the parser.

    Where that file is extracted in this process, the test fails.
    """
    write(tmp_path, {f"f{n}.py": f"x{n} = 1" for n in range(20)})
    write(tmp_path, {"bad.py": "# crash"})
    indexer, _ = make(tmp_path, worker_module="failing_worker")
    indexer.run()
    assert indexer.skipped == (("bad.py", Reason.PARSER_CRASHED),)
    extract = records.read_record

    def extract_here(root: str, path: str, **how: Any) -> object:
        assert path != "bad.py", "it was parsed in this process"
        return extract(root, path, **how)

    monkeypatch.setattr("codanna_lsp.indexing.carry_out.read_record", extract_here)
    return indexer


def store_of(indexer: Indexer) -> IndexStore:
    return indexer._store


def names(indexer: Indexer, name: str) -> int:
    return len(store_of(indexer).view().symbols_named(name))


def test_a_save_waits_for_a_process(
    crashed: Indexer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not taken for one that crashed again: the next look tries it."""
    write(tmp_path, {"bad.py": "mended = 1"})
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", refuse)
        crashed.save("bad.py")
    assert crashed.skipped == UNTRIED
    assert counts(crashed.refresh()) == "changed=1 unchanged=20"
    assert not crashed.skipped
    assert names(crashed, "mended") == 1
    check_fresh(tmp_path, store_of(crashed))


def test_the_same_save_again_is_tried_again(
    crashed: Indexer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"bad.py": "mended = 1"})
    with monkeypatch.context() as patched:
        patched.setattr(os, "pipe", refuse)
        crashed.save("bad.py")
    assert crashed.skipped == UNTRIED
    crashed.save("bad.py")
    check_fresh(tmp_path, store_of(crashed))


@pytest.mark.parametrize("what", ["Popen", "pipe"])
def test_a_run_parses_it_nowhere(
    crashed: Indexer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    write(tmp_path, {"bad.py": "mended = 1", "f1.py": "changed = 1"}, settled=False)
    with monkeypatch.context() as patched:
        patched.setattr(subprocess if what == "Popen" else os, what, refuse)
        summary = crashed.refresh()
    assert "no worker process can be started" in summary.fallback
    assert crashed.skipped == UNTRIED
    assert (names(crashed, "changed"), names(crashed, "mended")) == (1, 0)
    assert crashed.refresh().changed == 1
    check_fresh(tmp_path, store_of(crashed))


def test_who_ended_a_worker_is_not_tried_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nobody could start another worker to try it alone."""
    write(tmp_path, {f"f{n}.py": f"x{n} = 1" for n in range(20)})
    write(tmp_path, {"bad.py": "# crash"})
    started: list[bool] = []
    start = subprocess.Popen

    def start_once(*given: Any, **named: Any) -> object:
        started.append(not started)
        if not started[-1]:
            refuse()
        return start(*given, **named)

    extracted: list[str] = []
    extract = records.read_record

    def extract_here(root: str, path: str, **how: Any) -> object:
        extracted.append(path)
        return extract(root, path, **how)

    monkeypatch.setattr("codanna_lsp.indexing.carry_out.read_record", extract_here)
    indexer, store = make(tmp_path, worker_module="failing_worker")
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", start_once)
        summary = indexer.run()
    assert "no worker process can be started" in summary.fallback
    assert "bad.py" not in extracted
    assert indexer.skipped == UNTRIED
    assert store.data.file_count == 21
    assert counts(indexer.run()) == "changed=1 unchanged=20 skipped=1"
    assert indexer.skipped == (("bad.py", Reason.PARSER_CRASHED),)
