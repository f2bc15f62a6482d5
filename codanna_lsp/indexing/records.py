"""From a file's bytes to its record: the one place where extraction meets a source.

Invariant: a record depends on the path and the bytes alone, whichever process made it.
"""

import time
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, NamedTuple

from codanna_lsp.errors import report_bug
from codanna_lsp.extraction.extract import extract_facts, extractor_version
from codanna_lsp.index.codec import pack_facts
from codanna_lsp.languages.language import Language
from codanna_lsp.languages.registry import language_for_lsp_id, language_of
from codanna_lsp.model.facts import FileFacts, FileRecord, Reason
from codanna_lsp.workspace.fingerprint import Source, read_source

if TYPE_CHECKING:
    from codanna_lsp.indexing.own_parsing import OwnParsing

PARSER_FAILURES = (Reason.PARSER_CRASHED, Reason.PARSER_TIMEOUT, Reason.NO_PROCESS)


class Unread(NamedTuple):
    """A file that gave no bytes, with the Reason."""

    path: str
    reason: str


def read_record(
    root: str,
    path: str,
    *,
    limit: int,
    off: Container[str],
    own: "OwnParsing | None" = None,
) -> FileRecord | Unread:
    """The record of the file at `path` below `root` (a real path).

    limit: the most bytes of a source. off: ids of languages that are not indexed. own:
    see `to_record`.
    """
    before_ns = time.time_ns()
    source = read_source(root, path, limit=limit)
    if isinstance(source, str):
        return Unread(path, source)
    return to_record(path, source, indexed_ns=before_ns, off=off, own=own)


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
    own: "OwnParsing | None" = None,
    again: bool = False,
    language_id: str = "",
) -> FileRecord:
    """The record that these bytes make, with packed facts.

    For a path that no language claims it has no language and no facts, unless the
    editor names one (`language_id`: "python" for a script without an extension). own: how this
    process parses, None in one that may end. again: it will be extracted again soon,
    so its tree is kept.
    """
    language = language_of(path, source.text) or language_for_lsp_id(language_id)
    if language is None:
        return FileRecord(path, "", source.fingerprint, "", indexed_ns, "", b"")
    version = extractor_version(language)
    reason = Reason.LANGUAGE_OFF if language.id in off else source.reason
    packed = b""
    if not reason:
        try:
            facts = _extracted(source.text, language, path, own=own, again=again)
            if source.guessed and not facts.reason:
                facts = facts._replace(reason=source.guessed)
            reason = facts.reason
            packed = b"" if reason in PARSER_FAILURES else pack_facts(facts)
        except Exception as error:  # noqa: BLE001 - one bad file is one bad file
            report_bug(f"extracting {path!r} raised {error!r}")
            reason, packed = Reason.PARSER_CRASHED, b""
    record = FileRecord(
        path, language.id, source.fingerprint, version, indexed_ns, reason, packed
    )
    return _to_try_again(record) if reason == Reason.NO_PROCESS else record


def _extracted(
    text: bytes,
    language: Language,
    path: str,
    *,
    own: "OwnParsing | None",
    again: bool,
) -> FileFacts:
    if own is None:
        return extract_facts(text, language, path)
    kept = own.kept if again else None
    return own.noted(
        text,
        language,
        path,
        lambda: extract_facts(text, language, path, kept=kept),
        lambda reason: FileFacts(language.id, (), (), (), (), reason),
    )


def untried_record(root: str, path: str, *, limit: int) -> FileRecord | Unread:
    """As `bare_record`, of a file that needs a process and has none."""
    found = bare_record(root, path, limit=limit, reason=Reason.NO_PROCESS)
    return found if isinstance(found, Unread) else _to_try_again(found)


def _to_try_again(record: FileRecord) -> FileRecord:
    """Without a digest: whoever compares it next finds that it differs."""
    return record._replace(fingerprint=record.fingerprint._replace(digest=b""))


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
