"""One file's record as the fields of a Tantivy document, and back.

    a file's document
        path      text, raw        the path, lone surrogates and NUL in hex
        language  text, raw
        mentions  text, blanks     every name that the file mentions
        record    bytes, stored    xxh3-64 of what follows, path and facts | packed
                                   [language, size, mtime_ns, digest, extractor,
                                   indexed_ns, reason]
        facts     bytes, stored    packed FileFacts
    the sentinel
        sentinel  text, raw        "sentinel"
        record    bytes, stored    xxh3-64 of what follows | packed IndexMetadata

Invariant: a record comes back exactly as it was, or as a CorruptionError.
"""

import re
from typing import Any

import xxhash

from codanna_lsp.errors import CodecError, CorruptionError, report_bug
from codanna_lsp.index import codec
from codanna_lsp.index.packed.mentions import unpack_mentions
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.journals.record_format import record_from_row, record_to_row
from codanna_lsp.store.metadata import IndexMetadata

SENTINEL = "sentinel"
TERM_LIMIT = 200
"""Most characters of a name that are told apart."""

_PART = "search index"
_SEAL_BYTES = 8
_UNUSUAL = re.compile("[\x00\ud800-\udfff]")
_ESCAPE = re.compile("\x00([0-9a-f]{4})")
_BLANKS = re.compile("[ \t\n\f\r]+")  # what Tantivy's tokenizer splits at


def document_fields(record: FileRecord) -> dict[str, str | bytes]:
    """The document of a record, by field."""
    path, *described, facts = record_to_row(record)
    fields: dict[str, str | bytes] = {
        "path": path_term(path),
        "language": _sayable(record.language),
        "record": _sealed(codec.pack(described), path, facts),
        "facts": facts,
    }
    if facts:
        try:
            fields["mentions"] = _sayable(unpack_mentions(facts, limit=TERM_LIMIT))
        except CodecError as failure:
            report_bug(f"facts of {path} cannot be unpacked: {failure}")
    return fields


def document_record(path: object, record: object, facts: object) -> FileRecord:
    """The record in a document's stored fields.

    Raises:
        CorruptionError: they are not what `document_fields` gave.
    """
    if not (
        isinstance(path, str) and isinstance(record, bytes) and isinstance(facts, bytes)
    ):
        raise search_corruption("holds a document without a path, record or facts")
    plain_path = term_path(path)
    packed = _unsealed(record, plain_path, facts)
    try:
        row: tuple[Any, ...] = (plain_path, *codec.unpack(packed), facts)
    except (CodecError, TypeError) as failure:
        raise search_corruption(f"cannot be read at {plain_path}") from failure
    return record_from_row(row, part=_PART)


def sentinel_fields(metadata: IndexMetadata) -> dict[str, str | bytes]:
    """The sentinel's document, by field."""
    return {
        "sentinel": SENTINEL,
        "record": _sealed(codec.pack(tuple(metadata)), "", b""),
    }


def sentinel_metadata(record: object) -> IndexMetadata:
    """The metadata in the sentinel's stored field.

    Raises:
        CorruptionError: it is not what `sentinel_fields` gave.
    """
    if not isinstance(record, bytes):
        raise search_corruption("has an empty sentinel")
    try:
        metadata = IndexMetadata(*codec.unpack(_unsealed(record, "", b"")))
    except (CodecError, TypeError) as failure:
        raise search_corruption("has a sentinel that cannot be read") from failure
    *counts, checksum = metadata
    if any(type(count) is not int for count in counts) or type(checksum) is not str:
        raise search_corruption("has a sentinel with the wrong fields")
    return metadata


def path_term(path: str) -> str:
    """The path as a term: what UTF-8 cannot hold (bytes of foreign names) in hex."""
    return _UNUSUAL.sub(lambda found: f"\x00{ord(found[0]):04x}", path)


def term_path(term: str) -> str:
    """The path of a `path_term`."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), term)


def name_terms(name: str) -> list[str]:
    """The terms of a name: cut at TERM_LIMIT, its words where it holds blanks."""
    return [term for term in _BLANKS.split(_sayable(name[:TERM_LIMIT])) if term]


def search_corruption(reason: str) -> CorruptionError:
    """The error that says what is wrong with a folder's content."""
    return CorruptionError(f"the {_PART} {reason}", part=_PART, reason=reason)


def _sayable(text: str) -> str:
    """The text without lone surrogates, which Tantivy refuses."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()


def _sealed(packed: bytes, path: str, facts: bytes) -> bytes:
    """Packed bytes behind a checksum of a document's stored fields.

    Tantivy's checksums guard files, and merging renews them over damaged bytes; this
    one goes wherever its document goes.
    """
    state = xxhash.xxh3_64(packed)
    state.update(path.encode("utf-8", "surrogatepass"))
    state.update(facts)
    return state.digest() + packed


def _unsealed(sealed: bytes, path: str, facts: bytes) -> bytes:
    packed = sealed[_SEAL_BYTES:]
    if _sealed(packed, path, facts) != sealed:
        raise search_corruption("holds a document that does not match its checksum")
    return packed
