"""IndexMetadata, which both stores carry, and the manifest: the file `index.meta`.

`index.meta` is JSON for a person to read:

    {"checksum": "<xxh3-128 of "index", dumped with sorted keys and no spaces>",
     "index": {"format": 1, "generation": 7, "last_modified_ns": 1764000000000000000,
               "symbol_count": 1200, "file_count": 40, "checksum": "<of the snapshot>",
               "snapshot": "snapshot-7.bin",
               "search": "tantivy-3", "search_checksum": "<of its meta.json>",
               "first_journal": 12, "newest_journal": 14, "suspect": false,
               "previous": {"generation": 6, "snapshot": "snapshot-6.bin",
                            "checksum": "...", "first_journal": 9}}}

A new folder begins at generation 0: no snapshot, no search folder, journal 1.

Invariant: the file is replaced atomically; replacing it is the commit point of a
checkpoint.
Invariant: names in it are those of our own files in the same folder, never a path.
Invariant: every journal up to `newest_journal` was durable, with its header, before
it was named here, and no transaction is in a journal that is not named.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple, TypeGuard

import xxhash

from codanna_lsp.errors import CorruptionError, FormatError
from codanna_lsp.store.disk import Disk, replace_file

FORMAT = 4
"""Version of everything on disk; each version has its own folder."""

META_NAME = "index.meta"
META_LIMIT_BYTES = 65_536
MAX_COUNT = 1 << 40
MAX_NAME_LENGTH = 64

_SNAPSHOT_NAME = re.compile(r"snapshot-(\d{1,12})\.bin")
_SEARCH_NAME = re.compile(r"tantivy-(\d{1,12})")


class IndexMetadata(NamedTuple):
    """What both stores say of one generation; equal when they belong together.

    last_modified_ns: wall clock of the checkpoint.
    checksum: hex of the snapshot's own checksum, which covers its whole content;
        "" at generation 0.
    """

    format: int
    generation: int
    last_modified_ns: int
    symbol_count: int
    file_count: int
    checksum: str


class Base(NamedTuple):
    """A generation that journals can be replayed onto.

    snapshot: its file's name, "" at generation 0. checksum: as in IndexMetadata.
    first_journal: the serial where its replay begins.
    """

    generation: int
    snapshot: str
    checksum: str
    first_journal: int


class Manifest(NamedTuple):
    """What `index.meta` says: the live generation and what it is made of.

    search: name of the live Tantivy folder, "" when there is none.
    search_checksum: of its meta.json (see store.segment_check).
    newest_journal: the last serial that must exist.
    suspect: some journal was lost, so that every source must be hashed again.
    previous: the generation before, kept to fall back on, or None.
    """

    metadata: IndexMetadata
    snapshot: str
    search: str
    search_checksum: str
    first_journal: int
    newest_journal: int
    suspect: bool
    previous: Base | None

    @property
    def base(self) -> Base:
        """The live generation as something to replay journals onto."""
        return Base(
            self.metadata.generation,
            self.snapshot,
            self.metadata.checksum,
            self.first_journal,
        )


def new_manifest(*, journal: int, now_ns: int) -> Manifest:
    """Generation 0: nothing but the journal with the given serial."""
    metadata = IndexMetadata(FORMAT, 0, now_ns, 0, 0, "")
    return Manifest(metadata, "", "", "", journal, journal, False, None)


def snapshot_name(generation: int) -> str:
    """The file name of a generation's snapshot."""
    return f"snapshot-{generation}.bin"


def snapshot_generation(name: str) -> int | None:
    """The generation in a snapshot's file name, or None for another file."""
    found = _SNAPSHOT_NAME.fullmatch(name)
    return int(found[1]) if found else None


def search_name(number: int) -> str:
    """The name of the Tantivy folder with that number."""
    return f"tantivy-{number}"


def search_number(name: str) -> int | None:
    """The number in a Tantivy folder's name, or None for another name."""
    found = _SEARCH_NAME.fullmatch(name)
    return int(found[1]) if found else None


def read_manifest(disk: Disk, folder: Path) -> Manifest | None:
    """Read `index.meta`; None when it is missing.

    Raises:
        CorruptionError: its bytes are not what was written.
        FormatError: a newer version wrote it.
        DiskError: the operating system refused.
    """
    data = disk.read(folder / META_NAME, limit=META_LIMIT_BYTES)
    return None if data is None else parse_manifest(data)


def write_manifest(disk: Disk, folder: Path, manifest: Manifest) -> None:
    """Replace `index.meta`: durable when this returns.

    Raises:
        DiskError: old or new is in place; nobody can know which until it is read.
    """
    replace_file(disk, folder / META_NAME, format_manifest(manifest))


def format_manifest(manifest: Manifest) -> bytes:
    """The bytes of `index.meta`."""
    metadata = manifest.metadata
    previous = manifest.previous
    index: dict[str, object] = {
        **metadata._asdict(),
        "snapshot": manifest.snapshot,
        "search": manifest.search,
        "search_checksum": manifest.search_checksum,
        "first_journal": manifest.first_journal,
        "newest_journal": manifest.newest_journal,
        "suspect": manifest.suspect,
        "previous": previous._asdict() if previous else None,
    }
    whole = {"checksum": _checksum(index), "index": index}
    return (json.dumps(whole, indent=1) + "\n").encode()


def parse_manifest(data: bytes) -> Manifest:
    """The manifest in the bytes of `index.meta`; errors as for `read_manifest`."""
    try:
        whole: object = json.loads(data)
    except (ValueError, RecursionError):
        raise _damaged("it is no JSON") from None
    index = whole.get("index") if _is_object(whole) else None
    if not _is_object(whole) or not _is_object(index):
        raise _damaged("it has not the shape of an index.meta")
    if whole.get("checksum") != _checksum(index):
        raise _damaged("its checksum differs")
    found = _number(index, "format")
    if found > FORMAT:
        raise FormatError(
            f"the index has format {found}, this version reads {FORMAT}",
            found=found,
            advice="use the newer codanna-lsp that wrote it",
        )
    if found != FORMAT:
        raise _damaged(f"its format is {found}")
    return _checked(index)


def _checked(index: dict[str, object]) -> Manifest:
    base = _base(index)
    previous = index.get("previous")
    if previous is not None and not _is_object(previous):
        raise _damaged("its previous generation has no shape")
    metadata = IndexMetadata(
        format=FORMAT,
        generation=base.generation,
        last_modified_ns=_number(index, "last_modified_ns"),
        symbol_count=_number(index, "symbol_count"),
        file_count=_number(index, "file_count"),
        checksum=base.checksum,
    )
    newest, search = _number(index, "newest_journal"), _text(index, "search")
    if search and search_number(search) is None:
        raise _damaged("it names a search folder that is none of ours")
    if newest < base.first_journal:
        raise _damaged("its journals end before they begin")
    if max(metadata.symbol_count, metadata.file_count) > MAX_COUNT:
        raise _damaged("its counts are absurd")
    return Manifest(
        metadata,
        base.snapshot,
        search,
        _text(index, "search_checksum"),
        base.first_journal,
        newest,
        index.get("suspect") is True,
        _base(previous) if previous is not None else None,
    )


def _base(found: dict[str, object]) -> Base:
    base = Base(
        _number(found, "generation"),
        _text(found, "snapshot"),
        _text(found, "checksum"),
        _number(found, "first_journal"),
    )
    if base.snapshot != (snapshot_name(base.generation) if base.generation else ""):
        raise _damaged("it names a snapshot that is none of ours")
    if not base.first_journal:
        raise _damaged("it names no journal")
    return base


def _number(found: dict[str, object], key: str) -> int:
    value = found.get(key)
    if type(value) is not int or not 0 <= value < 1 << 64:
        raise _damaged(f"{key} is no count")
    return value


def _text(found: dict[str, object], key: str) -> str:
    value = found.get(key)
    if type(value) is not str or len(value) > MAX_NAME_LENGTH:
        raise _damaged(f"{key} is no name")
    return value


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _checksum(index: dict[str, object]) -> str:
    text = json.dumps(index, sort_keys=True, separators=(",", ":"))
    return xxhash.xxh3_128_hexdigest(text.encode())


def _damaged(reason: str) -> CorruptionError:
    return CorruptionError(
        f"{META_NAME} is damaged: {reason}", part=META_NAME, reason=reason
    )
