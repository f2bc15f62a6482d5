"""FileFacts: all that one file says; FileRecord: a file as the index keeps it.

Invariant: facts depend on one file's path and bytes and its extractor only.
"""

from typing import NamedTuple

from codanna_lsp.model.imports import Import
from codanna_lsp.model.relation import Relation
from codanna_lsp.model.symbol import Symbol


class FileFacts(NamedTuple):
    """All that one file says.

    language: a language's id ("python").
    symbols: in source order; containers before what they contain.
    identifiers: the distinct identifiers that are in the text but are no name of a
        symbol, relation target or import here; sorted. `mentioned_names` gives all.
    reason: why the facts are less than the file ("" when whole): see Reason.
    """

    language: str
    symbols: tuple[Symbol, ...]
    relations: tuple[Relation, ...]
    imports: tuple[Import, ...]
    identifiers: tuple[str, ...]
    reason: str = ""


class Fingerprint(NamedTuple):
    """A file's size in bytes, mtime in nanoseconds and xxh3-128 of its bytes.

    digest: 16 bytes, or b"" when the bytes were never read.
    """

    size: int
    mtime_ns: int
    digest: bytes


class FileRecord(NamedTuple):
    """One file of the index: what identifies its bytes, and its packed facts.

    path: relative to the root, "/" between parts, no "..": bytes that are no UTF-8
        are kept by surrogateescape.
    extractor: hash of the language's queries, grammar version, extraction version.
    indexed_ns: wall clock when its bytes were read; a file whose mtime is not older,
        or whose ctime is younger, is hashed at the next comparison.
    reason: why facts are missing or partial, "" when whole.
    facts: packed FileFacts (index.codec), b"" when there are none.
    """

    path: str
    language: str
    fingerprint: Fingerprint
    extractor: str
    indexed_ns: int
    reason: str
    facts: bytes


class Reason:
    """Why a file is skipped or only partly known, as `status` shows it."""

    BINARY = "binary"
    TOO_LARGE = "over the size limit"
    UNREADABLE = "cannot be read"
    NOT_A_FILE = "no regular file"
    OUTSIDE = "a link that leads out of the workspace"
    DEAD_LINK = "a link that leads nowhere"
    LINK_LOOP = "a link that leads back to itself"
    TOO_DEEP = "nested too deeply"
    PARSER_CRASHED = "the parser crashed"
    PARSER_TIMEOUT = "the parser took too long"
    NO_PROCESS = "the parser failed, and no process can be started to try again"
    LANGUAGE_OFF = "its language is switched off"
    VANISHED = "vanished while it was read"
    NOT_UTF8 = "not UTF-8: read as Latin-1"
    NESTED = "nested so deeply that its innermost parts are not known"

    IN_PART = frozenset({NOT_UTF8, NESTED})  # the others leave the whole file out


def mentioned_names(facts: FileFacts) -> set[str]:
    """Every identifier that the file's text mentions, as far as facts know it."""
    names = set(facts.identifiers)
    names.update(symbol.name for symbol in facts.symbols)
    names.update(relation.target for relation in facts.relations)
    for item in facts.imports:
        names.add(item.name)
        names.add(item.original)
    names.discard("")
    names.discard("*")
    return names
