"""An index folder made by an enemy: at worst a rebuild, and nothing outside is touched."""

import json
import os
import resource
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from codanna_lsp.index.codec import pack
from codanna_lsp.index.columns import build_columns
from codanna_lsp.model.facts import FileRecord, Fingerprint
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.journals.journal import format_transaction
from codanna_lsp.store.metadata import write_manifest
from codanna_lsp.store.snapshots.snapshot import write_snapshot
from tests.faults.rot.fault import find_files, manifest_of
from tests.faults.sourced_index import Sourced, heal, opened

MAX_CPU_S = 20.0
MAX_MEMORY_KB = 600_000
"""Far over what a healthy load takes, far under what a bomb would."""
SECRET = b"class Secret: pass\n"
Harm = Callable[[Path, Path], None]


class Outside:
    """A folder that nobody may touch, and how it was."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "folder").mkdir(parents=True)
        (place / "victim.txt").write_bytes(SECRET)
        (place / "folder" / "inner.txt").write_bytes(SECRET)
        os.utime(place / "victim.txt", (1_000_000_000, 1_000_000_000))
        self._before = self._state()

    def _state(self) -> dict[str, tuple[int, int, bytes]]:
        return {
            str(path): (
                path.lstat().st_mode,
                path.lstat().st_mtime_ns,
                path.read_bytes() if path.is_file() else b"",
            )
            for path in sorted(self.place.rglob("*"))
        }

    def check(self) -> None:
        assert self._state() == self._before


def check_hostile(sourced: Sourced, place: Path, harm: Harm) -> tuple[str, ...]:
    """The index is right in the end, quickly, and what lies outside is as it was."""
    folder = sourced.copied(place / "index")
    outside = Outside(place / "outside")
    harm(folder, outside.place)
    started, before = time.process_time(), peak_kb()
    outcome = heal(sourced, folder)
    assert time.process_time() - started < MAX_CPU_S
    assert peak_kb() - before < MAX_MEMORY_KB
    outside.check()
    assert outcome.right, outcome
    assert outcome.silent, outcome
    return outcome.codes


def peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def link(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "victim.txt")


def link_to_folder(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "folder")


def endless(path: Path, _outside: Path) -> None:
    path.symlink_to("/dev/zero")


def pipe(path: Path, _outside: Path) -> None:
    os.mkfifo(path)


def huge(path: Path, _outside: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def folder_instead(path: Path, _outside: Path) -> None:
    path.mkdir()
    (path / "inner").write_bytes(b"x")


@pytest.mark.parametrize(
    "put", [link, link_to_folder, endless, pipe, huge, folder_instead]
)
def test_a_file_is_something_else(
    sourced: Sourced, tmp_path: Path, put: Callable[[Path, Path], None]
) -> None:
    names = [n for n in find_files(sourced.folder) if not n.endswith(".lock")]
    for number, name in enumerate(names):

        def harm(folder: Path, outside: Path, *, name: str = name) -> None:
            (folder / name).unlink()
            put(folder / name, outside)

        check_hostile(sourced, tmp_path / str(number), harm)


@pytest.mark.parametrize("put", [link, link_to_folder, pipe, folder_instead])
@pytest.mark.parametrize(
    "name",
    [
        "boot",
        "boot.new",
        "index.meta.new",
        "snapshot-3.bin",
        "snapshot-3.bin.new",
        "journal-6.wal",
        "tantivy-2",
        "request-1.json",
        "answer-1.jsonl",
        "quarantine",
        "owner",
    ],
)
def test_a_name_that_comes_next_is_taken(
    sourced: Sourced, tmp_path: Path, name: str, put: Callable[[Path, Path], None]
) -> None:
    def harm(folder: Path, outside: Path) -> None:
        put(folder / name, outside)
        # So that it is needed: everything is to be set aside, or written anew.
        for path in folder.glob("*.bin"):
            if path.is_file() and not path.is_symlink():
                path.write_bytes(b"\xff" * 200)
        for path in folder.glob("tantivy-1/meta.json"):
            path.write_text("{}")

    check_hostile(sourced, tmp_path, harm)


@pytest.mark.parametrize(
    "name",
    [
        "journal-999999999999999999.wal",
        "snapshot-999999999999.bin",
        "tantivy-999999999999",
        "journal-0.wal",
        "snapshot-0.bin",
    ],
)
def test_the_highest_numbers_are_taken(
    sourced: Sourced, tmp_path: Path, name: str
) -> None:
    def harm(folder: Path, _outside: Path) -> None:
        if name.startswith("tantivy"):
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(b"")
        (folder / "tantivy-1" / "meta.json").write_text("{}")

    check_hostile(sourced, tmp_path, harm)


PATHS = (
    "../outside/victim.txt",
    "/etc/passwd",
    "a/../../outside/victim.txt",
    "a\0b.py",
    "",
    ".",
    "..",
    "a//b.py",
    "./a.py",
    "C:\\victim.txt",
    "\\\\host\\share\\a.py",
)


def forged(path: str, facts: bytes = b"") -> FileRecord:
    print_ = Fingerprint(19, 1_000_000_000_000_000_000, b"f" * 16)
    return FileRecord(path, "python", print_, "x", 1, "", facts)


@pytest.mark.parametrize("path", PATHS, ids=repr)
def test_a_forged_journal_that_leads_out(
    sourced: Sourced, tmp_path: Path, path: str
) -> None:
    def harm(folder: Path, _outside: Path) -> None:
        append_forged(folder, forged(path))

    check_hostile(sourced, tmp_path, harm)


def append_forged(folder: Path, *records: FileRecord) -> None:
    """A transaction with good checksums at the end of the chain."""
    newest = manifest_of(folder).newest_journal
    journal = folder / f"journal-{newest}.wal"
    changes = {record.path: record for record in records}
    with journal.open("ab") as file:
        file.write(format_transaction(newest, transactions(folder) + 1, changes))


def transactions(folder: Path) -> int:
    from codanna_lsp.store.recovering.recovery import load_for_reading

    return load_for_reading(RealDisk(), folder).chain.transaction


@pytest.mark.parametrize("path", PATHS, ids=repr)
def test_a_forged_snapshot_that_leads_out(
    sourced: Sourced, tmp_path: Path, path: str
) -> None:
    def harm(folder: Path, _outside: Path) -> None:
        forge_snapshot(folder, [forged(path), forged("z.py")])

    check_hostile(sourced, tmp_path, harm)


def forge_snapshot(folder: Path, records: list[FileRecord]) -> None:
    """A snapshot with good checksums, and the manifest that names it."""
    manifest = manifest_of(folder)
    records = sorted(records, key=lambda record: record.path)
    info = write_snapshot(
        RealDisk(),
        folder,
        generation=manifest.metadata.generation,
        columns=build_columns([r._replace(facts=b"") for r in records]),
        blobs=[record.facts for record in records],
    )
    metadata = manifest.metadata._replace(
        checksum=info.checksum,
        symbol_count=info.symbol_count,
        file_count=info.file_count,
    )
    write_manifest(RealDisk(), folder, manifest._replace(metadata=metadata))


def test_bombs_in_facts(sourced: Sourced, tmp_path: Path) -> None:
    """Ten megabytes of empty lists would become 700 MB of objects."""
    bomb = b"\xdd" + (10 << 20).to_bytes(4, "big") + b"\x90" * (10 << 20)

    def harm(folder: Path, _outside: Path) -> None:
        append_forged(folder, forged("bomb.py", bomb), forged("app.py", bomb))

    check_hostile(sourced, tmp_path, harm)


def test_bombs_in_a_frame(sourced: Sourced, tmp_path: Path) -> None:
    import xxhash

    def harm(folder: Path, _outside: Path) -> None:
        newest = manifest_of(folder).newest_journal
        with (folder / f"journal-{newest}.wal").open("ab") as file:
            for payload in (
                b"\xdd" + (10 << 20).to_bytes(4, "big") + b"\x90" * (10 << 20),
                b"\x91" * 100_000 + b"\x90",
                b"\xdd\xff\xff\xff\xff",
                pack((10**6, 0, 1, "x" * 1000)),
            ):
                check = xxhash.xxh3_64_intdigest(payload, seed=newest)
                file.write(b"\xc0\xdaJ\x01" + len(payload).to_bytes(4, "little"))
                file.write(check.to_bytes(8, "little") + payload)

    check_hostile(sourced, tmp_path, harm)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        '{"index": ' * 3_000,
        json.dumps({"loads": [0] * 500, "level": 10**400}),
        json.dumps({"loads": [1e400, "x", None], "level": -5}),
        json.dumps({"loads": [10**400], "level": 1}),
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "9" * 4_000,
    ],
    ids=["lists", "objects", "huge-level", "no-numbers", "huge-time", "text", "digits"],
)
@pytest.mark.parametrize("name", ["boot", "index.meta", "request-1.json"])
def test_json_of_an_enemy(
    sourced: Sourced, tmp_path: Path, name: str, text: str
) -> None:
    def harm(folder: Path, _outside: Path) -> None:
        (folder / name).write_text(text)

    check_hostile(sourced, tmp_path, harm)


@pytest.mark.parametrize(
    "names",
    [
        ["../../outside/victim.txt"],
        ["/etc/hostname"],
        ["../index.meta"],
        ["meta.json", "..\\x"],
        ["0" * 32 + ".term/../../../outside/victim.txt"],
        ["folder"],
    ],
    ids=str,
)
def test_tantivys_list_names_files_outside(
    sourced: Sourced, tmp_path: Path, names: list[str]
) -> None:
    def harm(folder: Path, _outside: Path) -> None:
        (folder / "tantivy-1" / ".managed.json").write_text(json.dumps(names))

    assert check_hostile(sourced, tmp_path, harm) == ("SEARCH_REBUILT",)


needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give files away"
)


def modes(folder: Path) -> dict[str, int]:
    return {str(p): p.lstat().st_mtime_ns for p in folder.rglob("*")}


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777], ids=oct)
def test_a_folder_that_others_may_write(
    sourced: Sourced, tmp_path: Path, mode: int
) -> None:
    folder = sourced.copied(tmp_path / "index")
    folder.chmod(mode)
    check_refused(sourced, folder)


@needs_root
def test_a_folder_of_somebody_else(sourced: Sourced, tmp_path: Path) -> None:
    folder = sourced.copied(tmp_path / "index")
    os.chown(folder, 12_345, 12_345)
    check_refused(sourced, folder)


def check_refused(sourced: Sourced, folder: Path) -> None:
    """Not read, not changed; the answers come from the sources, in memory."""
    before = modes(folder)
    with opened(sourced.root, folder) as one:
        assert one.codes == ("IN_MEMORY",)
        assert one.store.data.file_count == 0
        one.indexer.run()
        assert one.dump() == sourced.fresh
    assert modes(folder) == before


@needs_root
def test_a_file_of_somebody_else(sourced: Sourced, tmp_path: Path) -> None:
    names = [n for n in find_files(sourced.folder) if not n.endswith(".lock")]
    for number, name in enumerate(names):

        def harm(folder: Path, _outside: Path, *, name: str = name) -> None:
            os.chown(folder / name, 12_345, 12_345)

        check_hostile(sourced, tmp_path / str(number), harm)


def test_files_that_others_may_write(sourced: Sourced, tmp_path: Path) -> None:
    def harm(folder: Path, _outside: Path) -> None:
        for name in find_files(folder):
            path = folder / name
            path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o002)

    assert set(check_hostile(sourced, tmp_path, harm)) <= {"META_REBUILT", "REBUILD"}


def test_the_lock_is_a_pipe_or_leads_out(sourced: Sourced, tmp_path: Path) -> None:
    """Nobody waits for it, nothing is made outside, and answers come from memory."""
    for number, put in enumerate((link, pipe, folder_instead)):
        folder = sourced.copied(tmp_path / f"index-{number}")
        outside = Outside(tmp_path / f"outside-{number}")
        (folder / "writer.lock").unlink()
        put(folder / "writer.lock", outside.place)
        with opened(sourced.root, folder) as one:
            one.compare()
            assert one.dump() == sourced.fresh
        outside.check()
