"""Whatever a file does to its worker, every file comes out once, and the rest whole."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import codanna_lsp
from codanna_lsp.errors import IndexingError
from codanna_lsp.index.codec import unpack_facts
from codanna_lsp.indexing import pool as pool_module
from codanna_lsp.indexing.pool import WORKER_MODULE, Pool, chunks_of
from codanna_lsp.indexing.records import Unread
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.settings import Settings

DEADLINE_SECONDS = 60.0


def run_pool(
    root: Path, chunks: list[list[str]], *, module: str, workers: int = 2
) -> list[FileRecord | Unread]:
    pool = Pool(str(root), Settings(), workers=workers, module=module)
    try:
        return [record for batch in pool.run(chunks) for record in batch]
    finally:
        pool.close()


def check_pool(
    root: Path,
    sources: dict[str, str],
    expected: str,
    *,
    module: str = "failing_worker",
    chunk_files: int = 100,
) -> None:
    """`expected`: a line a file: its symbols' names, or the reason why there are none."""
    for path, source in sources.items():
        (root / path).write_text(source)
    paths = sorted(sources)
    chunks = [paths[i : i + chunk_files] for i in range(0, len(paths), chunk_files)]
    lines: list[str] = []
    for record in run_pool(root, chunks, module=module):
        if isinstance(record, FileRecord) and record.facts:
            names = [symbol.name for symbol in unpack_facts(record.facts).symbols]
            lines.append(f"{record.path}: {' '.join(names)}")
        else:
            digest = isinstance(record, FileRecord) and bool(record.fingerprint.digest)
            lines.append(f"{record.path}: ({record.reason}{', hashed' * digest})")
    assert "\n".join(sorted(lines)) == expected.strip("\n")


def wait_for(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"in vain: {what}")
        time.sleep(0.01)


def test_every_file_comes_out_once(tmp_path: Path) -> None:
    count = 300
    for number in range(count):
        (tmp_path / f"f{number}.py").write_text(f"def f{number}(): pass\n")
    paths = [f"f{number}.py" for number in range(count)]
    chunks = [paths[i : i + 7] for i in range(0, count, 7)]
    found = run_pool(tmp_path, chunks, module=WORKER_MODULE)
    assert sorted(record.path for record in found) == sorted(paths)
    assert all(isinstance(record, FileRecord) and record.facts for record in found)


def test_files_that_cannot_be_read_or_are_binary(tmp_path: Path) -> None:
    (tmp_path / "d.py").mkdir()
    found = run_pool(tmp_path, [["d.py", "gone.py"]], module=WORKER_MODULE)
    assert sorted(found) == [
        Unread("d.py", "no regular file"),
        Unread("gone.py", "vanished while it was read"),
    ]
    check_pool(tmp_path, {"b.py": "a\0b"}, "b.py: (binary, hashed)")


def test_a_file_that_crashes_its_worker_is_named_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    check_pool(
        tmp_path,
        {
            "a.py": "def a(): pass",
            "b.py": "# crash",
            "c.py": "def c(): pass",
            "d.py": "def d(): pass",
        },
        "a.py: a\nb.py: (the parser crashed, hashed)\nc.py: c\nd.py: d",
    )


def test_many_that_crash(tmp_path: Path) -> None:
    sources = {f"{n}.py": "# crash" if n % 2 else f"x{n} = 1" for n in range(8)}
    lines = [
        f"{n}.py: " + ("(the parser crashed, hashed)" if n % 2 else f"x{n}")
        for n in range(8)
    ]
    check_pool(tmp_path, sources, "\n".join(lines), chunk_files=4)


def test_a_file_that_takes_all_its_processor_time(tmp_path: Path) -> None:
    check_pool(
        tmp_path,
        {"a.py": "a = 1", "b.py": "# hang", "c.py": "c = 1"},
        "a.py: a\nb.py: (the parser took too long, hashed)\nc.py: c",
    )


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc here")
def test_a_worker_that_is_stopped_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    (tmp_path / "a.py").write_text(f"# stop\n# tell {told}\n")
    found: list[FileRecord | Unread] = []

    def run() -> None:
        found.extend(run_pool(tmp_path, [["a.py"]], module="failing_worker", workers=1))

    thread = threading.Thread(target=run)
    thread.start()
    wait_for(told.exists, "the worker never came to the file")
    process = Path("/proc", told.read_text().split()[0], "stat")
    wait_for(lambda: process.read_text().split()[2] == "T", "it was never stopped")
    monkeypatch.setattr(pool_module, "SILENCE_SECONDS", 0.0)
    thread.join(DEADLINE_SECONDS)
    assert found == [Unread("a.py", "cannot be read")]


def test_workers_that_never_come_up_are_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    with pytest.raises(IndexingError, match="end before they read a file"):
        run_pool(tmp_path, [["a.py"]], module="dying_worker")


def test_a_run_that_is_left_early_ends_its_workers(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}.py").write_text("x = 1")
    pool = Pool(str(tmp_path), Settings(), workers=2)
    for _batch in pool.run([[f"{number}.py"] for number in range(50)]):
        break
    processes = [worker._process for worker in pool._workers]
    pool.close()
    assert all(process.returncode is not None for process in processes)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc here")
def test_workers_have_no_stream_of_ours_and_end_when_we_are_killed(
    tmp_path: Path,
) -> None:
    root = tmp_path / "patient"
    root.mkdir()
    told = tmp_path / "told"
    (root / "a.py").write_text(f"# hang\n# tell {told}\n")
    place = Path(__file__).parent / "workers/failing_worker.py"
    package = str(Path(codanna_lsp.__file__).parent.parent)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([package, os.environ["PYTHONPATH"]]),
    }
    parent = subprocess.Popen(
        [sys.executable, place, root],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        wait_for(told.exists, "the worker never came to the file")
        number, *streams = told.read_text().split("\n")
        assert streams == ["/dev/null", "/dev/null"]
    finally:
        parent.kill()
        parent.communicate()
    wait_for(lambda: not _lives(number), "the worker lives on")


def _lives(process: str) -> bool:
    try:
        state = Path("/proc", process, "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def test_nothing_is_imported_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xxhash.py").write_text("import os; os.abort()")
    (tmp_path / "codanna_lsp").mkdir()
    (tmp_path / "codanna_lsp/__init__.py").write_text("import os; os.abort()")
    (tmp_path / "a.py").write_text("a = 1")
    monkeypatch.chdir(tmp_path)
    found = run_pool(tmp_path, [["a.py"]], module=WORKER_MODULE)
    assert [record.reason for record in found] == [""]


def test_chunks_begin_small_and_are_bounded_in_bytes_and_files() -> None:
    sizes = [(f"{number}", 10) for number in range(400)]
    chunks = list(chunks_of(sizes, chunk_bytes=100, chunk_files=8, first_bytes=20))
    assert [len(chunk) for chunk in chunks][:5] == [2, 4, 8, 8, 8]
    assert max(len(chunk) for chunk in chunks) == 8
    assert [path for chunk in chunks for path in chunk] == [path for path, _ in sizes]
    assert list(chunks_of([], chunk_bytes=1, chunk_files=1, first_bytes=1)) == []


def test_the_last_chunks_are_small_in_bytes_and_in_files() -> None:
    sizes = [(f"{number}", 10) for number in range(4_000)]
    by_bytes = list(
        chunks_of(sizes, chunk_bytes=9_000, chunk_files=999, first_bytes=20)
    )
    assert max(len(chunk) for chunk in by_bytes) > 300
    assert max(len(chunk) for chunk in by_bytes[-4:]) <= 8
    empty = [(path, 0) for path, _ in sizes]
    by_files = list(chunks_of(empty, chunk_bytes=99, chunk_files=256, first_bytes=20))
    assert max(len(chunk) for chunk in by_files) == 256
    assert max(len(chunk) for chunk in by_files[-4:]) <= 32
