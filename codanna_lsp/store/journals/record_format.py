"""FileRecords as plain rows, checked when they come back from a disk.

Invariant: a path from disk is relative, stays inside the root and has bounded length,
whatever the checksums say.
"""

import sys
from collections.abc import Sequence
from typing import Any

from codanna_lsp.errors import CorruptionError
from codanna_lsp.model.facts import FileRecord, Fingerprint

MAX_PATH_LENGTH = 4096
MAX_NAME_LENGTH = 256
MAX_FACTS_BYTES = 1 << 28
FIELD_COUNT = 9

_TYPES = (str, str, int, int, bytes, str, int, str, bytes)


def is_safe_path(path: str) -> bool:
    """Whether a path is one that the index may hold: relative and without ".."."""
    return (
        0 < len(path) <= MAX_PATH_LENGTH
        and "\0" not in path
        and not (sys.platform == "win32" and ("\\" in path or ":" in path))
        and all(part not in ("", ".", "..") for part in path.split("/"))
    )


def record_to_row(record: FileRecord) -> tuple[Any, ...]:
    """Path, language, size, mtime_ns, digest, extractor, indexed_ns, reason, facts."""
    path, language, fingerprint, extractor, indexed_ns, reason, facts = record
    return (path, language, *fingerprint, extractor, indexed_ns, reason, facts)


def record_from_row(row: Sequence[Any], *, part: str) -> FileRecord:
    """The record that `record_to_row` was given.

    Raises:
        CorruptionError: a field has the wrong type or an absurd value.
    """
    if len(row) != FIELD_COUNT or any(
        type(value) is not wanted for value, wanted in zip(row, _TYPES, strict=True)
    ):
        raise _bad(part, "a file's entry has not the right fields")
    path, language, size, mtime_ns, digest, extractor, indexed_ns, reason, facts = row
    if not is_safe_path(path):
        raise _bad(part, "a path leads out of the workspace")
    if (
        max(len(language), len(extractor), len(reason)) > MAX_NAME_LENGTH
        or len(digest) > 64
        or size < 0
        or len(facts) > MAX_FACTS_BYTES
    ):
        raise _bad(part, "a file's entry has absurd values")
    fingerprint = Fingerprint(size, mtime_ns, digest)
    return FileRecord(path, language, fingerprint, extractor, indexed_ns, reason, facts)


def _bad(part: str, reason: str) -> CorruptionError:
    return CorruptionError(f"{part} is damaged: {reason}", part=part, reason=reason)
