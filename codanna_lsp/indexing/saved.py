"""The record of one file that was just written: what a save costs.

Invariant: a file whose parser failed before is never parsed in this process.
"""

import contextlib
import time
from pathlib import Path

from codanna_lsp.errors import IndexingError
from codanna_lsp.extraction.extract import extractor_version
from codanna_lsp.indexing.own_parsing import OwnParsing
from codanna_lsp.indexing.pool import Pool
from codanna_lsp.indexing.records import (
    PARSER_FAILURES,
    Unread,
    to_record,
    untried_record,
)
from codanna_lsp.languages.language import Language
from codanna_lsp.languages.registry import language_of
from codanna_lsp.model.facts import FileRecord, Reason
from codanna_lsp.settings import Settings
from codanna_lsp.workspace.fingerprint import Source, read_source, to_source
from codanna_lsp.workspace.walk import walk, walk_paths


def saved_record(
    root: str,
    path: str,
    source: bytes | None,
    before: FileRecord | None,
    *,
    known: FileRecord | None = None,
    own: OwnParsing | None = None,
    settings: Settings,
    worker_module: str,
) -> FileRecord | Unread | None:
    """The record that a saved file gets; None when a walk would not list it.

    source: its bytes, if known. before: its record until now, which it gets again when
    it says the same; without it the file is extracted whatever is known. known: what
    was made of the bytes that it most likely has. own: see `to_record`.
    """
    listed = _listing(root, path, settings)
    if listed is not True:
        return Unread(path, listed) if listed else None
    if before is not None and before.reason in PARSER_FAILURES:
        return _wary_record(root, path, before, settings, worker_module)
    before_ns = time.time_ns()
    now = _read(root, path, source, limit=settings.max_file_size_bytes)
    if isinstance(now, str):
        return Unread(path, now)
    digest = now.fingerprint.digest
    if known is not None and known.fingerprint.digest == digest and not now.reason:
        return known._replace(fingerprint=now.fingerprint, indexed_ns=before_ns)
    off = frozenset(settings.languages_off)
    if before is not None and before.fingerprint.digest == digest:
        language = language_of(path, now.text)
        if language is not None and _says(before, language, off):
            return before
    return to_record(path, now, indexed_ns=before_ns, off=off, own=own, again=True)


def _says(before: FileRecord, language: Language, off: frozenset[str]) -> bool:
    """Whether a record of the same bytes is what an extraction would give now."""
    return (
        not before.reason
        and before.language == language.id
        and language.id not in off
        and before.extractor == extractor_version(language)
    )


def _read(root: str, path: str, source: bytes | None, *, limit: int) -> Source | str:
    """The file, read only where its bytes are not known; or the Reason why not."""
    if source is None or len(source) > limit:
        return read_source(root, path, limit=limit)
    try:
        found = Path(root, path).lstat()
    except OSError:
        return Reason.VANISHED
    if found.st_size != len(source):
        return read_source(root, path, limit=limit)
    return to_source(source, mtime_ns=found.st_mtime_ns)


def _listing(root: str, path: str, settings: Settings) -> str | bool:
    """True when a walk lists the path; else the reason why not, or False."""
    found = walk_paths(Path(root), settings, [path])
    if found is None:
        found = walk(Path(root), settings, open_paths=[path])
    if path in {file.path for file in found.files}:
        return True
    return dict(found.skipped).get(path, False)


def _wary_record(
    root: str, path: str, before: FileRecord, settings: Settings, worker_module: str
) -> FileRecord | Unread:
    """A record made in a process of its own, unless nothing has changed at all."""
    limit = settings.max_file_size_bytes
    now = read_source(root, path, limit=limit)
    if isinstance(now, str):
        return Unread(path, now)
    if now.fingerprint.digest == before.fingerprint.digest:
        return before._replace(fingerprint=now.fingerprint)
    with contextlib.suppress(IndexingError):  # the record says so
        pool = Pool(root, settings, workers=1, module=worker_module)
        with contextlib.closing(pool):
            for batch in pool.run([[path]]):
                return batch[0]
    return untried_record(root, path, limit=limit)
