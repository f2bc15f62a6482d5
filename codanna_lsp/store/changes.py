"""Changes: what a transaction does to files, newest facts by path.

Invariant: pure; nothing here knows what is durable.
"""

from collections.abc import Iterator

from codanna_lsp.model.facts import FileRecord

PORTION_BYTES = 64 << 20
"""About how much of what waits for the disk goes into one transaction."""

Changes = dict[str, FileRecord | None]
"""By path: a file's record, or None where it was removed."""


def is_news(mine: FileRecord | None, theirs: FileRecord | None) -> bool:
    """Whether what this process knows of a file is newer than what another wrote."""
    if mine is None or theirs is None:
        return mine is not theirs
    return is_other(mine, theirs) and mine.indexed_ns > theirs.indexed_ns


def is_other(one: FileRecord | None, other: FileRecord | None) -> bool:
    """Whether two records of a file are of different bytes, whenever they were made."""
    if one is None or other is None:
        return one is not other
    return one.fingerprint.digest != other.fingerprint.digest


def split(changes: Changes) -> tuple[list[FileRecord], list[str]]:
    """The records, and the removed paths."""
    indexed = [record for record in changes.values() if record is not None]
    return indexed, [path for path, record in changes.items() if record is None]


def portions(changes: Changes) -> Iterator[Changes]:
    """The changes in transactions of about PORTION_BYTES."""
    part: Changes = {}
    size = 0
    for path, record in changes.items():
        part[path] = record
        size += len(record.facts) if record else 0
        if size > PORTION_BYTES:
            yield part
            part, size = {}, 0
    yield part
