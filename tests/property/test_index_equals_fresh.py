"""Whatever happens to the sources and to us, the index equals a fresh build's.

Equal means: the same canonical dump (sorted, without times, serials, generations), in
memory, after a load, and in both stores.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from codanna_lsp.extraction import extract
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.model.facts import FileRecord, Fingerprint
from codanna_lsp.settings import Settings
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.metadata import read_manifest
from codanna_lsp.store.search.search_index import read_search_index

FILES = (
    "a.py",
    "b.py",
    "h.h",
    "d/a.py",
    "d/e/c.py",
    "d/x.js",
    "f/a.py",
    "f/odd\nname.py",
)
FOLDERS = ("d", "d/e", "f", "g")
SOURCES = (
    b"",
    b"def a(): return b()\n",
    b"def b(): return a()\n",  # as long as the one before
    b"class C(B):\n    def m(self): pass\n",
    b"from d.a import C as D\n",
    b"function f() { return g }\n",
    b"struct s { int x; };\n",
    b"\0binary",
    b"def broken(:\n  x = \xff\xfe\n",
    b"x = 1\n" * 2000,  # over the limit of these tests
)
FUTURE_NS = 4_000_000_000_000_000_000
RULES = (b"", b"a.py\n", b"d/\n", b"*.js\n!x.js\n", b"/f\n", b"*\n!*/\n!*.py\n")
SETTINGS = Settings(max_file_size_bytes=8_000)

files = st.sampled_from(FILES)
folders = st.sampled_from(FOLDERS)


class IndexEqualsFresh(RuleBasedStateMachine):
    """A workspace, its index on disk, and what was done to them so far."""

    def __init__(self) -> None:
        super().__init__()
        self._ends = contextlib.ExitStack()
        self.base = Path(self._ends.enter_context(tempfile.TemporaryDirectory()))
        self.root = self.base / "workspace"
        self.root.mkdir()
        self.folder = self.base / "index"
        self.loads = 0
        self.version = extract.EXTRACTION_VERSION
        self._ends.callback(self._set_version, self.version)
        self.touched: set[str] = set()
        self.only_a_run_can_tell = True
        self.settled = False
        self.fresh: list[dict[str, Any]] = []
        self._open()

    @initialize(path=files, source=st.sampled_from(SOURCES))
    def begin(self, path: str, source: bytes) -> None:
        self.write(path, source)

    # ---- what users do

    @rule(path=files, source=st.sampled_from(SOURCES), later=st.booleans())
    def write(self, path: str, source: bytes, *, later: bool = False) -> None:
        """Write a file; `later` gives it an mtime that no reading is ever later than."""
        place = self.root / path
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(source)
            if later:
                os.utime(place, ns=(FUTURE_NS, FUTURE_NS))
        self._touch(path)

    @rule(path=files, source=st.sampled_from(SOURCES))
    def write_and_save(self, path: str, source: bytes) -> None:
        self.write(path, source)
        self.indexer.save(path)

    @rule(path=files)
    def save(self, path: str) -> None:
        self.indexer.save(path)

    @rule(path=files, look=st.booleans())
    def delete(self, path: str, *, look: bool) -> None:
        with contextlib.suppress(OSError):
            (self.root / path).unlink()
        self._touch(path, look=look)

    @rule(old=files, new=files, look=st.booleans())
    def rename(self, old: str, new: str, *, look: bool) -> None:
        with contextlib.suppress(OSError):
            (self.root / new).parent.mkdir(parents=True, exist_ok=True)
            (self.root / old).rename(self.root / new)
        self._touch(old, new, look=look)

    @rule(old=folders, new=folders, look=st.booleans())
    def rename_folder(self, old: str, new: str, *, look: bool) -> None:
        with contextlib.suppress(OSError):
            (self.root / old).rename(self.root / new)
        self._touch(old, new, look=look)

    @rule(folder=folders, look=st.booleans())
    def delete_folder(self, folder: str, *, look: bool) -> None:
        shutil.rmtree(self.root / folder, ignore_errors=True)
        self._touch(folder, look=look)

    @rule(path=files, to=files, look=st.booleans())
    def link(self, path: str, to: str, *, look: bool) -> None:
        place = self.root / path
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(os.path.relpath(self.root / to, place.parent))
        self._touch(path, look=look)

    @rule(
        folder=st.sampled_from(("", "d/", "f/")),
        name=st.sampled_from((".gitignore", ".ignore")),
        source=st.sampled_from(RULES),
        look=st.booleans(),
    )
    def change_ignore_file(
        self, folder: str, name: str, source: bytes, *, look: bool
    ) -> None:
        with contextlib.suppress(OSError):
            (self.root / folder / name).write_bytes(source)
        self._touch(folder + name, look=look)

    # ---- what happens to us

    @rule()
    def upgrade_the_extractors(self) -> None:
        self._set_version(extract.EXTRACTION_VERSION + 1)
        self.settled = False
        self.only_a_run_can_tell = True

    @rule(path=files)
    def abort_a_transaction(self, path: str) -> None:
        wrong = FileRecord(
            path, "python", Fingerprint(1, 1, b"w" * 16), "w", 1, "", b""
        )
        with self.store.begin() as transaction:
            transaction.stage(wrong)
            transaction.stage_removed(FILES[0])
            transaction.rollback()

    @rule()
    def checkpoint(self) -> None:
        assert self.store.checkpoint()

    @rule()
    def load_after_a_clean_end(self) -> None:
        self.store.close()
        self._open()

    @rule()
    def load_after_a_crash(self) -> None:
        """What a killed process leaves is what is on disk at that moment."""
        self.loads += 1
        left = self.base / f"left{self.loads}"
        shutil.copytree(self.folder, left)
        self.store.close()
        self.folder = left
        self._open()

    # ---- what we do about it

    @rule()
    def run(self) -> None:
        self.indexer.run()
        self._settle()

    @rule(hash_all=st.booleans())
    def refresh(self, *, hash_all: bool) -> None:
        self.indexer.refresh(hash_all=hash_all)
        self._settle()

    @rule()
    def force(self) -> None:
        self.indexer.run(force=True)
        self._settle()

    @precondition(lambda self: not self.only_a_run_can_tell)
    @rule()
    def look_at_what_was_touched(self) -> None:
        self.indexer.changed(self.touched)
        self._settle()

    @invariant()
    def equals_a_fresh_build(self) -> None:
        if self.settled:
            self.fresh = self.fresh or self._fresh()
            assert self.store.data.dump() == self.fresh

    def teardown(self) -> None:
        try:
            self._check_both_stores()
        finally:
            self.store.close()
            self._ends.close()

    def _check_both_stores(self) -> None:
        self.indexer.refresh()
        fresh = self._fresh()
        assert self.store.checkpoint()
        assert self.store.verify() == ()
        self.store.close()
        self._open()
        assert self.store.data.dump() == fresh
        disk = RealDisk()
        manifest = read_manifest(disk, self.folder)
        assert manifest is not None
        _, records = read_search_index(self.folder / manifest.search)
        assert IndexData().with_changes(list(records)).dump() == fresh

    def _open(self) -> None:
        incidents: list[Any] = []
        self.store = IndexStore.open(
            self.folder, root=self.root, inline=True, on_incident=incidents.append
        )
        assert incidents == []
        self.indexer = Indexer(self.root, self.store, SETTINGS)

    def _settle(self) -> None:
        self.touched.clear()
        self.only_a_run_can_tell = False
        self.settled = True
        self.fresh = []

    def _touch(self, *paths: str, look: bool = False) -> None:
        self.touched.update(paths)
        self.settled = False
        if look and not self.only_a_run_can_tell:
            self.look_at_what_was_touched()

    def _fresh(self) -> list[dict[str, Any]]:
        store = IndexStore.in_memory(self.root)
        Indexer(self.root, store, SETTINGS).run()
        return store.data.dump()

    def _set_version(self, version: int) -> None:
        extract.EXTRACTION_VERSION = version
        extract.extractor_version.cache_clear()


TestIndexEqualsFresh = IndexEqualsFresh.TestCase
TestIndexEqualsFresh.settings = settings(
    max_examples=int(os.environ.get("CODANNA_PROPERTY_EXAMPLES", "15")),
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
