"""Saves: what is indexed at once, what behind the answers, and that all is written."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.indexing.own_parsing import OwnParsing
from codanna_lsp.server.keeping import saving
from codanna_lsp.server.keeping.saving import Saver
from codanna_lsp.server.texts.sources import Sources
from codanna_lsp.settings import Settings
from codanna_lsp.store.index_store import IndexStore

DEADLINE_S = 30.0


class Kept:
    """A root with an index on disk, and its saver."""

    def __init__(self, folder: Path) -> None:
        self.root, self.index = folder / "root", folder / "index"
        self.root.mkdir()
        (self.root / "a.py").write_text("a = 1\n")
        self.store = IndexStore.open(self.index, root=self.root)
        self.jobs: list[Future[Any]] = []
        indexer = Indexer(self.root, self.store, Settings())
        indexer.run()
        sources = Sources(
            str(self.root), max_file_size=1_000_000, own_parsing=OwnParsing
        )
        self.keeper = SimpleNamespace(
            store=self.store,
            indexer=indexer,
            is_walking=False,
            get_indexer=lambda: indexer,
        )
        root = SimpleNamespace(name="root", sources=sources)
        keeper = cast("Any", self.keeper)
        self.saver = Saver(keeper, cast("Any", root), self.jobs.append)

    def write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text)

    def names(self, name: str) -> int:
        return len(self.store.view().symbols_named(name))

    def settle(self) -> None:
        for job in self.jobs:
            job.result(DEADLINE_S)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path)
    yield kept
    kept.saver.close(timeout_s=DEADLINE_S)
    kept.store.close()


def test_a_small_save_is_seen_at_once_and_written_behind_it(kept: Kept) -> None:
    before = kept.store.status().serial
    kept.write("a.py", "saved = 1\n")
    assert kept.saver.save("a.py").done()
    assert kept.names("saved") == 1
    kept.settle()
    status = kept.store.status()
    assert (status.serial, status.pending_files) == (before + 1, 0)


def test_a_large_file_is_indexed_behind_the_answers(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "MAX_SAVE_HERE_BYTES", 5)
    kept.write("a.py", "saved = 1\n")
    kept.saver.save("a.py").result(DEADLINE_S)
    assert kept.names("saved") == 1
    assert kept.jobs == []
    assert kept.store.status().pending_files == 0


def test_a_slow_disk_is_forgiven_after_some_saves(kept: Kept) -> None:
    kept.saver._waited_s = 2 * saving.MAX_SAVE_WAIT_S
    for number in range(8):
        kept.write("a.py", f"saved{number} = 1\n")
        kept.saver.save("a.py").result(DEADLINE_S)
        assert kept.names(f"saved{number}") == 1
    kept.settle()
    assert kept.saver._waited_s < saving.MAX_SAVE_WAIT_S


def test_few_changed_files_are_looked_at_at_once(kept: Kept) -> None:
    kept.write("a.py", "changed = 1\n")
    kept.write("b.py", "new = 1\n")
    kept.write("c.txt", "no source\n")
    assert kept.saver.look({"a.py", "b.py", "c.txt"})
    assert (kept.names("changed"), kept.names("new")) == (1, 1)
    serial = kept.store.status().serial
    kept.settle()
    after = kept.store.status().serial
    assert after <= serial + 2
    assert kept.saver.look({"a.py"})  # as the editor saved it already
    kept.settle()
    assert kept.store.status().serial == after


def gone(kept: Kept) -> set[str]:
    (kept.root / "a.py").unlink()
    return {"a.py"}


def folder(kept: Kept) -> set[str]:
    (kept.root / "d").mkdir()
    return {"d"}


def ignoring(kept: Kept) -> set[str]:
    kept.write(".gitignore", "a.py\n")
    return {".gitignore"}


def linked(kept: Kept) -> set[str]:
    (kept.root / "b.py").symlink_to("a.py")
    return {"b.py"}


def many(kept: Kept) -> set[str]:
    paths = {f"f{number}.py" for number in range(saving.MAX_LOOKS_HERE + 1)}
    for path in paths:
        kept.write(path, "")
    return paths


def large(kept: Kept) -> set[str]:
    kept.write("a.py", "a = 1\n" * (saving.MAX_SAVE_HERE_BYTES // 6 + 1))
    return {"a.py"}


def walked(kept: Kept) -> set[str]:
    kept.keeper.is_walking = True
    return {"a.py"}


@pytest.mark.parametrize(
    "change", [gone, folder, ignoring, linked, many, large, walked]
)
def test_other_changes_are_for_a_run(
    kept: Kept, change: Callable[[Kept], set[str]]
) -> None:
    before = kept.store.data
    assert not kept.saver.look(change(kept))
    assert kept.store.data is before
