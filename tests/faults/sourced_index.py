"""A workspace with its finished index, and what must hold however that was harmed."""

import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from codanna_lsp.errors import CodecError, CorruptionError
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.indexing.indexer import Indexer
from codanna_lsp.settings import Settings
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.incident import Incident
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.metadata import read_manifest
from codanna_lsp.store.search.search_index import read_search_index

LONG_AGO_NS = 1_700_000_000_000_000_000

Dump = list[dict[str, Any]]

FIRST = {
    "app.py": "from shop import Basket\n\n\ndef total(basket: Basket):\n    return 1\n",
    "shop.py": "class Basket:\n    def add(self, name): return name\n",
    "gone.py": "class Gone: pass\n",
    "web/page.ts": "export class Page { open(): void {} }\n",
    "core/list.c": "struct node { int value; };\nint count(void) { return 0; }\n",
    "cmd/main.go": "package main\n\nfunc Run() int { return 1 }\n",
    "odd \u00e9.py": "def odd(): pass\n",
    "empty.py": "",
}
SECOND = {"shop.py": "class Basket:\n    def remove(self): pass\n", "new.py": "N = 1\n"}
SAVES = (
    {"app.py": "def saved_first(): pass\n"},
    {"web/page.ts": "export class Saved { close(): void {} }\n"},
    {"late.py": "def late(): return saved_first()\n"},
)
LAST = {"new.py": "class Newest: pass\n"}


class Sourced(NamedTuple):
    """A workspace, its index, and what a fresh index of the sources says.

    older: the same index folder as it was a generation and some saves before.
    """

    root: Path
    folder: Path
    older: Path
    fresh: Dump

    def copied(self, folder: Path) -> Path:
        """A copy of the index to harm, with the same owner and modes."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return folder


class Outcome(NamedTuple):
    """What became of a harmed index.

    codes: what was told, in order. alone: recovery gave the whole index before any
    source was compared. right: after that it equals a fresh one. silent: the second
    load said nothing, and both stores are whole. trouble: the first thing that is
    wrong, "" when nothing is.
    """

    codes: tuple[str, ...]
    alone: bool
    right: bool
    silent: bool
    trouble: str


class Open:
    """An open index with its indexer, and all that it said."""

    def __init__(self, root: Path, folder: Path, *, inline: bool = True) -> None:
        self.said: list[Incident] = []
        self.damaged: list[str] = []
        self.store = IndexStore.open(
            folder,
            root=root,
            on_incident=self.said.append,
            on_damaged_file=self.damaged.append,
            inline=inline,
        )
        self.indexer = Indexer(root, self.store, Settings(jobs=1))

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(told.code for told in self.said)

    def verify(self) -> None:
        """What the server does behind READY, but for the sources."""
        self.store.check_search_index()
        while not self.store.verify_blobs():
            pass

    def compare(self) -> None:
        """What the server does with the sources."""
        for path in dict.fromkeys(self.damaged):
            self.indexer.save(path)
        self.damaged.clear()
        self.indexer.refresh()

    def save(self, files: Mapping[str, str]) -> None:
        """Write files and tell of them, one transaction each."""
        write(Path(self.indexer.root), files)
        for path in files:
            assert self.indexer.save(path).durable

    def dump(self) -> Dump:
        """The index, and "damaged" in place of what cannot be had."""
        found: Dump = []
        try:
            paths = list(self.store.view().paths())
        except CorruptionError:
            return [{"path": "", "damaged": True}]
        for path in paths:
            try:
                self.store.view().facts(path)  # replaces what is damaged
                record = self.store.data.record(path)
                if record is not None:
                    found += IndexData().with_changes([record]).dump()
            except (CorruptionError, CodecError):
                found.append({"path": path, "damaged": True})
        return found


@contextmanager
def opened(root: Path, folder: Path, *, inline: bool = True) -> Generator[Open]:
    """Open an index, and close it well at the end."""
    one = Open(root, folder, inline=inline)
    try:
        yield one
    finally:
        one.store.close()


def write(root: Path, files: Mapping[str, str]) -> None:
    """Lay out files, written just now."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def write_long_ago(root: Path, files: Mapping[str, str]) -> None:
    """Lay out files whose times no reading can doubt: the second run leaves them."""
    write(root, files)
    for name in files:
        os.utime(root / name, ns=(LONG_AGO_NS, LONG_AGO_NS))


def make_sourced(place: Path) -> Sourced:
    """Two generations, two journals in a chain after them, four saves in those."""
    root, folder = place / "workspace", place / "index"
    root.mkdir(parents=True)
    write_long_ago(root, FIRST)
    with opened(root, folder) as one:
        one.indexer.run()
        one.save({"gone.py": "class GoneSoon: pass\n"})
        shutil.copytree(folder, place / "older")
        write(root, SECOND)
        (root / "gone.py").unlink()
        one.indexer.run()
        for files in SAVES:
            one.save(files)
        assert one.codes == ()
    with opened(root, folder) as one:
        one.save(LAST)
        assert one.codes == ()
    made = Sourced(root, folder, place / "older", fresh_dump(root))
    with opened(root, folder) as one:
        assert one.dump() == made.fresh
    return made


def fresh_dump(root: Path) -> Dump:
    """What an index that was never on disk says of the sources."""
    store = IndexStore.in_memory(root)
    Indexer(root, store, Settings(jobs=1)).run()
    return store.data.dump()


def heal(sourced: Sourced, folder: Path) -> Outcome:
    """Load a harmed index as a server does, and then once more."""
    with opened(sourced.root, folder) as one:
        one.verify()
        alone = one.dump() == sourced.fresh
        one.compare()
        if one.store.is_checkpoint_due():
            one.store.checkpoint()
        one.compare()
        right = one.dump() == sourced.fresh
        codes = one.codes
    trouble = _second_load(sourced, folder)
    if not right:
        trouble = f"the index is not the one of the sources; {trouble}"
    return Outcome(codes, alone, right, not trouble, trouble)


def _second_load(sourced: Sourced, folder: Path) -> str:
    with opened(sourced.root, folder) as one:
        one.verify()
        if one.codes:
            return f"the second load says {', '.join(map(str, one.said))}"
        if one.store.mode != "writer":
            return f"the second load is in mode {one.store.mode}"
        if one.dump() != sourced.fresh:
            return "the second load gives another index"
        if one.store.verify():
            return f"the second load finds {one.store.verify()}"
        one.store.checkpoint()
        return _both_stores(sourced, folder)


def _both_stores(sourced: Sourced, folder: Path) -> str:
    manifest = read_manifest(RealDisk(), folder)
    assert manifest is not None
    _, records = read_search_index(folder / manifest.search)
    if IndexData().with_changes(list(records)).dump() != sourced.fresh:
        return "Tantivy holds another index"
    left = [path.name for path in folder.glob("*.new")]
    return f"left behind: {left}" if left else ""
