"""Check a Tantivy folder without Tantivy: its names, its two lists, its CRC footers.

Tantivy never compares the checksums that it writes, so that damage comes out of it as
wrong answers, panics or the end of the process. What it writes:

    meta.json                              the commit: segments, schema, opstamp
    .managed.json                          names that Tantivy may remove
    .tantivy-meta.lock .tantivy-writer.lock
    <segment>.<term|idx|pos|store|fast|fieldnorm>, <segment>.<opstamp>.del
        | body | footer | u32 length of the footer | u32 1337 |
        footer: {"version":{"major","minor","patch","index_format_version"},"crc"}
        crc: CRC-32 of the body

Invariant: a folder that passes holds exactly the bytes that Tantivy wrote, but for the
three release digits in each footer, which nothing reads, and for meta.json, whose
checksum the manifest keeps.
Invariant: no name outside the folder reaches Tantivy, which would remove it.
"""

import json
import re
import zlib
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

import xxhash

from codanna_lsp.errors import CorruptionError, FolderError
from codanna_lsp.store.disk import Disk, check_folder

LIST_LIMIT_BYTES = 1 << 20
"""Most bytes of meta.json and of .managed.json."""
SEGMENT_LIMIT_BYTES = 1 << 36
SEGMENT_LIMIT = 2000
"""Most segments; merging keeps a folder under a few dozen."""

SEGMENT_MISSING = "is missing, though meta.json names it"
"""The one reason that a power cut can leave: see `held_folder.is_interrupted`."""

_FIELD_LIMIT = 100
_META = "meta.json"
_MANAGED = ".managed.json"
_SUFFIXES = ("term", "idx", "pos", "store", "fast", "fieldnorm")
_SEGMENT_NAME = re.compile(
    r"[0-9a-f]{32}\.(term|idx|pos|store|store\.temp|fast|fieldnorm|\d{1,20}\.del)"
)
_ASIDE_NAME = re.compile(r"\.tmp[A-Za-z0-9]{6}")
_SEGMENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FOOTER_MAGIC = 1337
_FOOTER_LIMIT_BYTES = 1000
_CHUNK_BYTES = 1 << 20


class Field(NamedTuple):
    """One field of a document; a text field is indexed, without places or counts."""

    name: str
    kind: str  # "text" or "bytes"
    stored: bool
    tokenizer: str = ""
    record: str = ""


FIELDS = (
    Field("path", "text", True, "raw", "basic"),
    Field("language", "text", False, "raw", "basic"),
    Field("mentions", "text", False, "whitespace", "basic"),
    Field("sentinel", "text", False, "raw", "basic"),
    Field("record", "bytes", True),
    Field("facts", "bytes", True),
)
"""The schema of our folders; what the fields hold is drawn in `search_index`."""


class SearchIndexMeta(NamedTuple):
    """What meta.json says.

    files: names of the segment files that must be there.
    document_count: documents that are not deleted, the sentinel among them.
    """

    files: frozenset[str]
    document_count: int
    fields: tuple[Field, ...]


def verify_search_index(
    folder: Path,
    *,
    disk: Disk,
    checksum: str | None = None,
) -> SearchIndexMeta:
    """Check every file of a Tantivy folder; to be called before Tantivy opens it.

    checksum: what `search_index_checksum` must give, None when it is not known.

    Raises:
        CorruptionError: something is missing, changed, foreign or no regular file.
        DiskError: the operating system refused to read.
    """
    names = disk.names(folder)
    if not names:
        raise _corrupt(folder, "is missing or empty")
    try:
        check_folder(folder)
    except FolderError as failure:
        raise _corrupt(folder, failure.message) from failure
    meta = read_meta(folder, disk=disk, checksum=checksum)
    if meta.fields != FIELDS:
        raise _corrupt(folder / _META, "has the schema of another version")
    _check_managed(folder, disk)
    missing = sorted(meta.files.difference(names))
    if missing:
        raise _corrupt(folder / missing[0], SEGMENT_MISSING)
    formats = {_check_segment_file(folder / name, disk) for name in sorted(meta.files)}
    if len(formats) > 1:
        raise _corrupt(folder, f"mixes Tantivy's formats {sorted(formats)}")
    for name in set(names).difference(meta.files):
        _check_is_regular(folder / name, disk)
    return meta


def search_index_checksum(folder: Path, *, disk: Disk) -> str:
    """The xxh3-128 of meta.json in hex, for the manifest.

    Stable only once Tantivy's merging threads have ended: a merge rewrites it.

    Raises:
        CorruptionError: meta.json is missing. DiskError: it cannot be read.
    """
    return xxhash.xxh3_128_hexdigest(_read_list(folder / _META, disk))


def sweep_unreferenced(folder: Path, *, disk: Disk) -> tuple[str, ...]:
    """Remove the segment files that meta.json does not name; give their names.

    A writer that was killed leaves files behind which Tantivy may not know, and fails
    for ever when it comes to write the same name again. Only for the holder of the
    index's lock, while no writer is open.

    Raises:
        CorruptionError: meta.json cannot be believed, so nothing was removed.
        DiskError: the operating system refused.
    """
    meta = read_meta(folder, disk=disk)
    stray = tuple(
        name
        for name in disk.names(folder)
        if name not in meta.files
        and (_SEGMENT_NAME.fullmatch(name) or _ASIDE_NAME.fullmatch(name))
    )
    for name in stray:
        disk.remove(folder / name)
    if stray:
        disk.sync_folder(folder)
    return stray


def read_meta(
    folder: Path, *, disk: Disk, checksum: str | None = None
) -> SearchIndexMeta:
    """Read meta.json, believing nothing of it.

    Raises:
        CorruptionError: it is missing, changed or says what Tantivy would not write.
        DiskError: it cannot be read.
    """
    path = folder / _META
    data = _read_list(path, disk)
    if checksum is not None and xxhash.xxh3_128_hexdigest(data) != checksum:
        raise _corrupt(path, "is not the one that the manifest names")
    try:
        return _parse_meta(json.loads(data))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as failure:
        raise _corrupt(path, f"cannot be read: {_said(failure)}") from failure


def _parse_meta(given: Any) -> SearchIndexMeta:
    segments: list[Any] = _list(given["segments"], limit=SEGMENT_LIMIT)
    files: set[str] = set()
    documents = 0
    for segment in segments:
        identifier: str = segment["segment_id"]
        if not _SEGMENT_ID.fullmatch(identifier):
            raise ValueError(f"{identifier!r:.80} is no segment")
        stem = identifier.replace("-", "")
        files.update(f"{stem}.{suffix}" for suffix in _SUFFIXES)
        documents += _count(segment["max_doc"])
        deletes = segment["deletes"]
        if deletes is not None:
            files.add(f"{stem}.{_count(deletes['opstamp'])}.del")
            documents -= _count(deletes["num_deleted_docs"])
    _count(given["opstamp"])
    fields = tuple(map(_described, _list(given["schema"], limit=_FIELD_LIMIT)))
    return SearchIndexMeta(frozenset(files), documents, fields)


def _described(field: Any) -> Field:
    options: dict[str, Any] = field["options"]
    indexing: dict[str, Any] = options.get("indexing") or {}
    return Field(
        field["name"],
        field["type"],
        options["stored"],
        indexing.get("tokenizer", ""),
        indexing.get("record", ""),
    )


def _list(given: Any, *, limit: int) -> list[Any]:
    if not _is_list(given) or len(given) > limit:
        raise ValueError(f"no list of at most {limit}")
    return given


def _is_list(given: object) -> TypeGuard[list[Any]]:
    return isinstance(given, list)


def _count(given: Any) -> int:
    if type(given) is not int or not 0 <= given < 1 << 64:
        raise ValueError(f"{given!r:.80} is no count")
    return given


def _check_managed(folder: Path, disk: Disk) -> None:
    path = folder / _MANAGED
    data = disk.read(path, limit=LIST_LIMIT_BYTES)
    if data is None:
        return  # Tantivy makes it anew, and `sweep_unreferenced` needs none
    try:
        names = _list(json.loads(data), limit=LIST_LIMIT_BYTES)
    except (ValueError, TypeError, RecursionError) as failure:
        raise _corrupt(path, f"cannot be read: {_said(failure)}") from failure
    for name in names:
        known = isinstance(name, str) and (
            name == _META or _SEGMENT_NAME.fullmatch(name)
        )
        if not known:
            raise _corrupt(path, f"names the foreign file {name!r:.80}")


def _check_segment_file(path: Path, disk: Disk) -> int:
    """Check the footer; give the index format that it says."""
    mapped = disk.open_map(path, limit=SEGMENT_LIMIT_BYTES)
    if mapped is None:
        raise _corrupt(path, "is missing")
    try:
        return _check_footer(path, mapped.view)
    finally:
        mapped.close()


def _check_footer(path: Path, view: memoryview) -> int:
    size = len(view)
    length = int.from_bytes(view[-8:-4], "little")
    magic = int.from_bytes(view[-4:], "little")
    if size < 8 or magic != _FOOTER_MAGIC:
        raise _corrupt(path, "does not end as Tantivy ends a file")
    if not 0 < length <= min(_FOOTER_LIMIT_BYTES, size - 8):
        raise _corrupt(path, "has a footer of impossible length")
    body_size = size - 8 - length
    footer = bytes(view[body_size : size - 8])
    try:
        said = json.loads(footer)
        crc = _count(said["crc"])
        version = said["version"]
        numbers = [
            _count(version[key])
            for key in ("major", "minor", "patch", "index_format_version")
        ]
    except (ValueError, TypeError, KeyError, RecursionError) as failure:
        raise _corrupt(path, "has a footer that cannot be read") from failure
    if json.dumps(said, separators=(",", ":")).encode() != footer:
        raise _corrupt(path, "has a footer that Tantivy would not write")
    found = 0
    for start in range(0, body_size, _CHUNK_BYTES):
        chunk = view[start : min(start + _CHUNK_BYTES, body_size)]
        found = zlib.crc32(chunk, found)
    if found != crc:
        raise _corrupt(path, "does not match its checksum")
    return numbers[3]


def _check_is_regular(path: Path, disk: Disk) -> None:
    """Raise CorruptionError for a link, a folder, a pipe: Tantivy would follow it."""
    mapped = disk.open_map(path, limit=SEGMENT_LIMIT_BYTES)
    if mapped is not None:
        mapped.close()


def _read_list(path: Path, disk: Disk) -> bytes:
    data = disk.read(path, limit=LIST_LIMIT_BYTES)
    if data is None:
        raise _corrupt(path, "is missing")
    return data


def _said(failure: Exception) -> str:
    return str(failure)[:120] or type(failure).__name__


def _corrupt(path: Path, reason: str) -> CorruptionError:
    part = f"search index {path.name}"
    return CorruptionError(f"{part} {reason}", part=part, reason=reason)
