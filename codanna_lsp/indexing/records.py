"""From a file's bytes to its record: the one place where extraction meets a source.

Invariant: a record depends on the path and the bytes alone, whichever process made it.
"""

import time
from collections.abc import Container, Iterable
from typing import NamedTuple

from codanna_lsp.errors import report_bug
from codanna_lsp.extraction.extract import extract_facts, extractor_version
from codanna_lsp.extraction.reparse import KeptTrees
from codanna_lsp.index.codec import pack_facts
from codanna_lsp.languages.registry import language_of
from codanna_lsp.model.facts import FileRecord, Reason
from codanna_lsp.workspace.fingerprint import Source, read_source


class Unread(NamedTuple):
    """A file that gave no bytes, with the Reason."""

    path: str
    reason: str


def read_record(
    root: str, path: str, *, limit: int, off: Container[str]
) -> FileRecord | Unread:
    """The record of the file at `path` below `root` (a real path).

    limit: the most bytes of a source. off: ids of languages that are not indexed.
    """
    before_ns = time.time_ns()
    source = read_source(root, path, limit=limit)
    if isinstance(source, str):
        return Unread(path, source)
    return to_record(path, source, indexed_ns=before_ns, off=off)


def find_unreadable(root: str, paths: Iterable[str], *, limit: int) -> dict[str, str]:
    """Those of the files that give no bytes, with their Reasons."""
    found: dict[str, str] = {}
    for path in paths:
        source = read_source(root, path, limit=limit)
        if isinstance(source, str):
            found[path] = source
    return found


def to_record(
    path: str,
    source: Source,
    *,
    indexed_ns: int,
    off: Container[str],
    kept: KeptTrees | None = None,
) -> FileRecord:
    """The record that these bytes make, with packed facts.

    For a path that no language claims it has no language and no facts. kept: see
    `extract_facts`.
    """
    language = language_of(path, source.text)
    if language is None:
        return FileRecord(path, "", source.fingerprint, "", indexed_ns, "", b"")
    version = extractor_version(language)
    reason = Reason.LANGUAGE_OFF if language.id in off else source.reason
    packed = b""
    if not reason:
        try:
            facts = extract_facts(source.text, language, path, kept=kept)
            if source.guessed and not facts.reason:
                facts = facts._replace(reason=source.guessed)
            reason, packed = facts.reason, pack_facts(facts)
        except Exception as error:  # noqa: BLE001 - one bad file is one bad file
            report_bug(f"extracting {path!r} raised {error!r}")
            reason, packed = Reason.PARSER_CRASHED, b""
    return FileRecord(
        path, language.id, source.fingerprint, version, indexed_ns, reason, packed
    )


def untried_record(root: str, path: str, *, limit: int) -> FileRecord | Unread:
    """As `bare_record`, of a file that needs a process and has none.

    It has no digest, so that whoever compares it next tries again.
    """
    found = bare_record(root, path, limit=limit, reason=Reason.NO_PROCESS)
    if isinstance(found, Unread):
        return found
    return found._replace(fingerprint=found.fingerprint._replace(digest=b""))


def bare_record(
    root: str, path: str, *, limit: int, reason: str
) -> FileRecord | Unread:
    """A record without facts for a file that must not be parsed, for this reason."""
    before_ns = time.time_ns()
    source = read_source(root, path, limit=limit)
    language = language_of(path, source.text) if isinstance(source, Source) else None
    if isinstance(source, str) or language is None:
        return Unread(path, source if isinstance(source, str) else reason)
    version = extractor_version(language)
    return FileRecord(
        path, language.id, source.fingerprint, version, before_ns, reason, b""
    )
