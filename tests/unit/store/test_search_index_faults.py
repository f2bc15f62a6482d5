"""The second store under damage, locks, full disks and kills."""

import contextlib
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codanna_lsp.errors import (
    CorruptionError,
    DiskError,
    LockedError,
    OurBug,
    StoreError,
)
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.search import search_index
from codanna_lsp.store.search.search_documents import document_fields
from codanna_lsp.store.search.search_index import (
    find_record,
    open_search_index,
    read_search_index,
    read_sentinel,
    update_search_index,
)
from codanna_lsp.store.search.segment_check import (
    sweep_unreferenced,
    verify_search_index,
)
from tests.unit.store.sample_records import (
    sample_metadata,
    sample_record,
)
from tests.unit.store.sample_search_index import COUNT, DISK, build, content, record_map


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good") / "tantivy-1"
    build(folder, COUNT)
    return folder


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / "tantivy-1"))


def put(path: Path, data: bytearray) -> None:
    """Replace a file: cutting one that a reader has mapped ends the process."""
    path.unlink()
    path.write_bytes(data)


def test_what_the_records_raise_takes_all_back(folder: Path) -> None:
    def records() -> Iterator[FileRecord]:
        yield sample_record(4, version=1)
        raise CorruptionError("facts are damaged", part="facts", reason="rot")

    with pytest.raises(CorruptionError, match="facts are damaged") as kept:
        update_search_index(
            folder, ["src/module_1.py"], records(), sample_metadata(2, 0), disk=DISK
        )
    assert content(folder) == record_map(*range(COUNT))
    # The lock is free although the error, with all of its frames, still lives.
    update_search_index(folder, [], [], sample_metadata(2, COUNT), disk=DISK)
    assert kept.tb is not None
    assert read_sentinel(folder).generation == 2


def test_facts_that_nobody_can_read_are_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is our bug, told as one; it does not end every later checkpoint."""
    odd = sample_record(4)._replace(facts=b"no facts")
    monkeypatch.setenv("CODANNA_RAISE_BUGS", "1")
    with pytest.raises(OurBug):
        update_search_index(folder, [], [odd], sample_metadata(2, COUNT), disk=DISK)
    assert content(folder) == record_map(*range(COUNT))
    monkeypatch.delenv("CODANNA_RAISE_BUGS")
    update_search_index(folder, [], [odd], sample_metadata(2, COUNT), disk=DISK)
    assert find_record(folder, odd.path) == odd


def test_a_damaged_folder_is_not_written_to(folder: Path) -> None:
    """Merging would give the damage a valid checksum."""
    path = next(folder.glob("*.store"))
    data = bytearray(path.read_bytes())
    data[10] ^= 1
    put(path, data)
    before = DISK.names(folder)
    with pytest.raises(CorruptionError) as caught:
        update_search_index(folder, [], [], sample_metadata(2, COUNT), disk=DISK)
    assert path.name in caught.value.part
    assert DISK.names(folder) == before


@pytest.mark.parametrize("suffix", ["term", "idx", "fast", "fieldnorm", "pos"])
def test_panics_become_errors(folder: Path, suffix: str) -> None:
    """Read without the check, on purpose: errors of ours, or right answers."""
    path = next(folder.glob(f"*.{suffix}"))
    data = path.read_bytes()
    footer = data.rfind(b'{"version"')
    chance = random.Random(suffix)
    for _ in range(40):
        changed = bytearray(data)
        changed[chance.randrange(footer)] ^= 1 << chance.randrange(8)
        if chance.random() < 0.1:
            changed[:footer] = bytes(footer)
        put(path, changed)
        with contextlib.suppress(StoreError):
            index = open_search_index(folder)
            index.metadata()
            index.files_mentioning("shared_name")


def test_a_document_that_changed_is_refused(folder: Path) -> None:
    """A merge gave damaged bytes a good checksum: the document's own still tells."""
    record = sample_record(5)
    fields = document_fields(record)
    index = search_index._open(folder)
    rotten = record.facts[:-1] + bytes([record.facts[-1] ^ 1])
    with search_index._writer(folder, index, heap=20_000_000, threads=1) as add:
        add({**fields, "facts": rotten}, ("path", str(fields["path"])))
    verify_search_index(folder, disk=DISK)
    with pytest.raises(CorruptionError, match="does not match its checksum"):
        find_record(folder, record.path)
    with pytest.raises(CorruptionError, match="does not match its checksum"):
        list(read_search_index(folder).records)


def test_counts_that_contradict_the_sentinel(folder: Path) -> None:
    update_search_index(
        folder, ["src/module_1.py"], [], sample_metadata(2, COUNT), disk=DISK
    )
    with pytest.raises(CorruptionError, match="holds 59 files where its sentinel says"):
        read_search_index(folder)


def test_a_folder_without_a_sentinel(folder: Path) -> None:
    index = search_index._open(folder)
    with search_index._writer(folder, index, heap=20_000_000, threads=1) as add:
        add({}, ("sentinel", "sentinel"))
    with pytest.raises(CorruptionError, match="holds 0 sentinels"):
        read_sentinel(folder)


def test_what_is_no_index_is_no_panic(tmp_path: Path) -> None:
    folder = tmp_path / "tantivy-1"
    with pytest.raises(StoreError):
        open_search_index(folder)
    folder.mkdir(mode=0o700)
    with pytest.raises(StoreError):
        open_search_index(folder)
    (folder / "meta.json").write_text("{}")
    with pytest.raises(StoreError):
        open_search_index(folder)
    with pytest.raises(CorruptionError):
        update_search_index(folder, [], [], sample_metadata(2, 0), disk=DISK)


def test_a_held_lock_is_no_damage(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped process that holds Tantivy's lock would hang the server for ever."""
    fcntl = pytest.importorskip("fcntl", reason="needs flock")
    monkeypatch.setattr(search_index, "OPEN_LIMIT_SECONDS", 0.05)
    with (folder / ".tantivy-meta.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LockedError, match="another process holds"):
            open_search_index(folder)
    monkeypatch.undo()
    assert read_sentinel(folder).generation == 1


def test_a_second_writer_is_no_damage(folder: Path) -> None:
    index = search_index._open(folder)
    with (
        search_index._writer(folder, index, heap=20_000_000, threads=1),
        pytest.raises(DiskError),
    ):
        update_search_index(folder, [], [], sample_metadata(2, COUNT), disk=DISK)
    update_search_index(folder, [], [], sample_metadata(3, COUNT), disk=DISK)
    assert read_sentinel(folder).generation == 3


def sweep_nothing(_folder: Path, *, disk: RealDisk) -> tuple[str, ...]:
    assert disk
    return ()


def test_an_orphan_of_a_killed_writer_is_swept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unswept, the same operations fail for ever: their file's name is taken."""
    twin = folder.with_name("tantivy-2")
    shutil.copytree(folder, twin)

    def update(target: Path) -> None:
        update_search_index(
            target, ["src/module_1.py"], [], sample_metadata(2, COUNT - 1), disk=DISK
        )

    update(twin)
    (orphan,) = twin.glob("*.del")
    shutil.copy(orphan, folder / orphan.name)
    with monkeypatch.context() as unswept:
        unswept.setattr(search_index, "sweep_unreferenced", sweep_nothing)
        for _ in range(2):
            with pytest.raises(DiskError, match=r"(?i)exists"):
                update(folder)
            shutil.copy(orphan, folder / orphan.name)
    update(folder)
    assert content(folder) == content(twin)


CHILD = """
import resource, signal, sys
from pathlib import Path
from codanna_lsp.errors import StoreError
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.search.search_index import read_sentinel, update_search_index
from tests.unit.store.sample_records import sample_metadata, sample_record
folder, limit = Path(sys.argv[1]), int(sys.argv[2])
records = [sample_record(n, version=2) for n in range(40)]
def update():
    update_search_index(
        folder, ["src/module_50.py"], records, sample_metadata(2, 59), disk=RealDisk()
    )
print("ready", flush=True)
if not limit:
    update()
    sys.exit()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
said = "done"
try:
    update()
except StoreError as failure:
    said = type(failure).__name__
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
generation = read_sentinel(folder).generation
update()
print(said, "at generation", generation, flush=True)
"""


def started_child(folder: Path, *, limit: int = 0) -> "subprocess.Popen[str]":
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), str(limit)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    assert child.stdout.readline() == "ready\n"
    return child


def updated() -> dict[str, FileRecord]:
    expected = record_map(*range(COUNT)) | record_map(*range(40), version=2)
    del expected["src/module_50.py"]
    return expected


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_commit_is_all_or_nothing(good: Path, tmp_path: Path) -> None:
    chance = random.Random(11)
    for turn in range(12):
        folder = Path(shutil.copytree(good, tmp_path / f"tantivy-{turn}"))
        with started_child(folder) as child:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(chance.uniform(0, 0.05))
            child.send_signal(signal.SIGKILL)
        verify_search_index(folder, disk=DISK)
        generation = read_sentinel(folder).generation
        old = record_map(*range(COUNT))
        assert content(folder) == (updated() if generation == 2 else old)
        sweep_unreferenced(folder, disk=DISK)
        update_search_index(
            folder,
            ["src/module_50.py"],
            record_map(*range(40), version=2).values(),
            sample_metadata(2, 59),
            disk=DISK,
        )
        assert content(folder) == updated()


@pytest.mark.skipif(sys.platform == "win32", reason="needs RLIMIT_FSIZE")
@pytest.mark.parametrize("limit", [1, 300, 1000, 4000])
def test_a_disk_that_takes_no_more(folder: Path, limit: int) -> None:
    """No file can grow over the limit, as on a full disk; then there is room again."""
    with started_child(folder, limit=limit) as child:
        assert child.stdout
        said = child.stdout.read()
    assert said in ("done at generation 2\n", "DiskError at generation 1\n")
    verify_search_index(folder, disk=DISK)
    assert content(folder) == updated()
