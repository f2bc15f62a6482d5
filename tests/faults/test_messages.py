"""Each row of recovery as the user meets it: in the editor, in `verify`, in `repair`.

And docs/messages.md, which shows the words.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from codanna_lsp.cli.app import run
from codanna_lsp.store.incident import Code
from codanna_lsp.store.metadata import format_manifest
from tests.faults.messages import INCIDENTS, message_rows
from tests.faults.rot.fault import META, Fault, apply, manifest_of
from tests.faults.rot.harm import groups_of
from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    check_answers,
    index_here,
    session,
    wait_for_status,
    write_files,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "messages.md"
KINDS = {"error": 1, "warning": 2, "info": 3}


class Row(NamedTuple):
    """What is done to the folder; what is told of it; which parts `verify` names."""

    damage: Callable[[Path], None]
    code: str
    severity: str
    words: str
    parts: tuple[str, ...]


def harmed(*faults: Fault) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for fault in faults:
            apply(folder, fault)

    return damage


def harm_facts(folder: Path) -> None:
    apply(folder, Fault("snapshot-2.bin", "flip 60.1"))


def harm_first_journal(folder: Path) -> None:
    newest = manifest_of(folder).newest_journal
    apply(folder, Fault(f"journal-{newest}.wal", "delete"))


def harm_everything(folder: Path) -> None:
    for part, names in groups_of(folder).items():
        for name in names:
            if (folder / name).is_dir():
                (folder / name / "meta.json").write_text("{}")
            else:
                (folder / name).write_bytes(b"\xff" * (300 + (part == META)))


def die_three_times(folder: Path) -> None:
    import time

    times = [time.time()] * 3
    (folder / "boot").write_text(json.dumps({"loads": times, "level": 0}))


def write_newer_format(folder: Path) -> None:
    manifest = manifest_of(folder)
    newer = manifest._replace(metadata=manifest.metadata._replace(format=99))
    (folder / "index.meta").write_bytes(format_manifest(newer))


def open_to_all(folder: Path) -> None:
    folder.chmod(0o777)


ROWS = (
    Row(
        harmed(Fault("tantivy-1/meta.json", "half")),
        "SEARCH_REBUILT",
        "warning",
        "it is being rebuilt from the snapshot; answers stay complete; nothing was lost",
        ("tantivy-1",),
    ),
    Row(
        harmed(Fault("snapshot-2.bin", "half")),
        "SNAPSHOT_REBUILT",
        "warning",
        "it was rebuilt from the search index; nothing was lost",
        ("snapshot-2.bin",),
    ),
    Row(
        harm_facts,
        "BLOB_DAMAGED",
        "warning",
        "they were taken from the search index; nothing was lost",
        ("snapshot-2.bin",),
    ),
    Row(
        harmed(
            Fault("snapshot-2.bin", "delete"), Fault("tantivy-1/meta.json", "delete")
        ),
        "FELL_BACK",
        "warning",
        "snapshot-1.bin and the journals after it were used instead; nothing was lost",
        ("snapshot-2.bin", "tantivy-1"),
    ),
    Row(
        harm_first_journal,
        "JOURNAL_DAMAGED",
        "warning",
        "every source file is compared with the index again; nothing was lost",
        ("journals",),
    ),
    Row(
        harmed(Fault("index.meta", "half")),
        "META_REBUILT",
        "warning",
        "it was made again from the newest snapshot and the journals; nothing was lost",
        ("index.meta",),
    ),
    Row(
        harm_everything,
        "REBUILD",
        "error",
        "run `codanna-lsp repair`, or `codanna-lsp index --force` to start again",
        ("index.meta", "snapshot-1.bin", "snapshot-2.bin", "tantivy-1", "journals"),
    ),
    Row(die_three_times, "SAFE_START", "error", "the search index was set aside", ()),
)
UNUSABLE = (
    Row(write_newer_format, "NEWER_FORMAT", "info", "it was left alone", ()),
    Row(open_to_all, "IN_MEMORY", "warning", "it is kept in memory", ()),
)


@pytest.fixture(scope="module")
def prepared(fast_folder: Path) -> tuple[Path, Path]:
    """A workspace and a cache in which its index has two generations."""
    root = write_files(fast_folder / "told" / "workspace")
    cache = fast_folder / "told" / "pristine"
    index_here(root, {"XDG_CACHE_HOME": str(cache)})
    (root / "more.py").write_text("more = 1\n")
    index_here(root, {"XDG_CACHE_HOME": str(cache)})
    return root, cache


class Told:
    """One index that was harmed, and what is said of it."""

    def __init__(
        self,
        prepared: tuple[Path, Path],
        place: Path,
        row: Row,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.root, pristine = prepared
        self.cache = place / "cache"
        shutil.copytree(pristine, self.cache)
        (self.folder,) = self.cache.glob("codanna-lsp/v*/*")
        row.damage(self.folder)
        self._capsys = capsys
        monkeypatch.setenv("XDG_CACHE_HOME", str(self.cache))

    def command(self, *words: str) -> tuple[int, str, str]:
        self._capsys.readouterr()
        code = run((*words, str(self.root)))
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def serve(self) -> tuple[list[Any], list[Any], Any]:
        """showMessage and serverStatus as sent, and the status once all is mended."""
        asks = {"experimental": {"serverStatusNotification": True}}
        cache = {"XDG_CACHE_HOME": str(self.cache)}
        with session(self.root, cache=cache, capabilities=asks) as client:
            check_answers(client)
            status = wait_for_status(client, lambda _: bool(_messages(client)))
            if status["roots"][0]["mode"] == "writer":
                client.wait_for(_is_mended(client))
                status = client.request("codanna/status")
            return _messages(client), _health(client), status["roots"][0]


def _messages(client: RawClient) -> list[Any]:
    return [
        m["params"] for m in client.messages if m.get("method") == "window/showMessage"
    ]


def _health(client: RawClient) -> list[Any]:
    return [
        m["params"]
        for m in client.messages
        if m.get("method") == "experimental/serverStatus"
    ]


def _is_mended(client: RawClient) -> Callable[[Any], bool]:
    """A status that is well, after one that was not."""

    def is_mended(message: Any) -> bool:
        if message.get("method") != "experimental/serverStatus":
            return False
        *before, last = _health(client)
        worse = any(told["health"] != "ok" for told in before)
        is_well = last == {"health": "ok", "quiescent": True}
        return message["params"] is last and is_well and worse

    return is_mended


@pytest.fixture
def tell(
    prepared: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Row], Told]:
    """Harm the index as a row says, and see what is said of it."""
    return lambda row: Told(prepared, tmp_path, row, capsys, monkeypatch)


def serve_row(told: Told, row: Row, *, worst: str, mode: str) -> Any:
    """The editor is told once, in the row's words; the status of the root."""
    messages, health, status = told.serve()
    (message,) = messages
    assert message["type"] == KINDS[row.severity]
    assert message["message"].startswith("codanna-lsp: ")
    assert row.words in message["message"]
    assert worst in [one["health"] for one in health]
    (incident,) = status["incidents"]
    assert (incident["code"], incident["severity"]) == (row.code, row.severity)
    assert f"codanna-lsp: {incident['message']}" == message["message"]
    assert (status["state"], status["mode"]) == ("READY", mode)
    last = health[-1]["health"]
    assert last == ("ok" if mode == "writer" else worst)
    return status


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_a_row_as_the_user_meets_it(tell: Callable[[Row], Told], row: Row) -> None:
    told = tell(row)
    if row.parts:
        code, out, err = told.command("verify")
        assert code == 4
        named = [
            line.split()[1].rstrip(":")
            for line in out.splitlines()
            if "damaged  " in line
        ]
        assert tuple(sorted(named)) == tuple(sorted(row.parts))
        assert "codanna-lsp repair" in err
    worst = "error" if row.code == "REBUILD" else "warning"
    status = serve_row(told, row, worst=worst, mode="writer")
    assert status["pendingFiles"] == 0
    code, out, _ = told.command("verify")
    assert (code, "damaged" in out) == (0, False)
    assert row.code not in told.command("status", "--json")[1]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_repair_says_what_it_rebuilt_from_what(
    tell: Callable[[Row], Told], row: Row
) -> None:
    told = tell(row)
    code, out, err = told.command("repair")
    assert code == 0, err
    for part in row.parts:
        assert part in out
    words = " ".join(err.split())
    assert row.words.removesuffix("; nothing was lost") in words
    assert told.command("verify")[0] == 0


@pytest.mark.parametrize("row", UNUSABLE, ids=lambda row: row.code)
def test_a_folder_that_is_left_alone(tell: Callable[[Row], Told], row: Row) -> None:
    told = tell(row)
    before = (told.folder / "index.meta").read_bytes()
    worst = "ok" if row.severity == "info" else row.severity
    serve_row(told, row, worst=worst, mode="memory")
    code, _, err = told.command("repair")
    assert code == 6
    assert err
    assert (told.folder / "index.meta").read_bytes() == before


def test_the_page_shows_the_words() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    assert [row for row in message_rows() if row not in lines] == []
    codes = {value for name, value in vars(Code).items() if name.isupper()}
    assert {told.code for told in INCIDENTS} == codes
