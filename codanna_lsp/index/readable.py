"""Packed facts that nobody can read, under whatever checksum: a bug's, or an enemy's.

Invariant: one such file costs its own symbols and no other file's.
"""

from codanna_lsp.errors import CodecError
from codanna_lsp.index.codec import unpack_outline
from codanna_lsp.model.facts import FileRecord, Reason


def is_readable(facts: bytes) -> bool:
    """Whether packed facts, or none, can be unpacked as far as columns need them."""
    try:
        if facts:
            unpack_outline(facts)
    except CodecError:
        return False
    return True


def readable(record: FileRecord) -> FileRecord:
    """The record, without its facts where they cannot be read."""
    if is_readable(record.facts):
        return record
    return record._replace(facts=b"", reason=Reason.PARSER_CRASHED)
