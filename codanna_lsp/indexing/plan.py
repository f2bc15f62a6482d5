"""The plan: what differs between a walk and the index, and what must be read for it.

Invariant: a file is taken for unchanged only when its size and mtime are those of its
    record, and the record is younger than the mtime by more than a file system's clock
    is coarse, and not older than the ctime, which tells of a change whose mtime was set
    back; in every other case its bytes decide.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from typing import NamedTuple

from codanna_lsp.errors import CorruptionError
from codanna_lsp.extraction.extract import extractor_version
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.languages.registry import all_languages
from codanna_lsp.model.facts import FileRecord, Reason
from codanna_lsp.store.journals.record_format import is_safe_path
from codanna_lsp.workspace.walker import SourceFile

# How far an mtime may lag behind the clock: a timer's tick; where there are only
# whole seconds, two of them (FAT).
TICK_NS = 20_000_000
COARSE_TICK_NS = 2_000_000_000
_SECOND_NS = 1_000_000_000


class Plan(NamedTuple):
    """What an index run has to do.

    added, outdated: to be read and extracted, whatever their bytes are.
    suspects: to be hashed; extracted when their bytes are others than the record's.
    removed: paths of the index that the walk does not find.
    unchanged: how many files need nothing.
    partial: paths and reasons of records without all their facts, unchanged.
    """

    added: tuple[SourceFile, ...]
    outdated: tuple[tuple[SourceFile, FileRecord], ...]
    suspects: tuple[tuple[SourceFile, FileRecord], ...]
    removed: tuple[str, ...]
    unchanged: int
    partial: tuple[tuple[str, str], ...]

    def keeping(
        self,
        look: Callable[[str], SourceFile | None],
        known: Callable[[str], FileRecord | None],
    ) -> "Plan":
        """The plan of a walk that did not go everywhere: what it missed may be there.

        look: what is at a path now, None for nothing. known: the record of a path.
        """
        gone: list[str] = []
        suspects = list(self.suspects)
        for path in self.removed:
            file, record = look(path), known(path)
            if file is None or record is None:
                gone.append(path)
            elif not _is_same(file, record):
                suspects.append((file, record))
        return self._replace(removed=tuple(gone), suspects=tuple(suspects))


def make_plan(
    files: Iterable[SourceFile],
    records: Iterable[FileRecord],
    *,
    off: Container[str],
    force: bool = False,
    hash_all: bool = False,
) -> Plan:
    """Compare files with the records of the same part of the workspace.

    off: ids of languages that are not indexed. force: extract every file again.
    hash_all: trust no mtime.

    Raises:
        CorruptionError: a record's path is none: the index is damaged.
    """
    versions = extractor_versions()
    known = {record.path: record for record in records}
    added: list[SourceFile] = []
    outdated: list[tuple[SourceFile, FileRecord]] = []
    suspects: list[tuple[SourceFile, FileRecord]] = []
    partial: list[tuple[str, str]] = []
    unchanged = 0
    for file in files:
        record = known.pop(file.path, None)
        if record is None:
            added.append(file)
        elif force or _is_outdated(record, versions, off):
            outdated.append((file, record))
        elif hash_all or not _is_same(file, record):
            suspects.append((file, record))
        else:
            unchanged += 1
            if record.reason:
                partial.append((record.path, record.reason))
    for path in known:
        if not is_safe_path(path):
            raise CorruptionError(
                f"the index names {path!r:.80}", part="columns", reason="it is no path"
            )
    return Plan(
        tuple(added),
        tuple(outdated),
        tuple(suspects),
        tuple(sorted(known)),
        unchanged,
        tuple(partial),
    )


def extractor_versions() -> Callable[[str], str | None]:
    """The current extractor's version by a language's id; None for an unknown id.

    Only the grammars of languages that are asked for are loaded.
    """
    known = {language.id: language for language in all_languages()}

    def version_of(language_id: str) -> str | None:
        language = known.get(language_id)
        return None if language is None else extractor_version(language)

    return version_of


def _is_outdated(
    record: FileRecord, versions: Callable[[str], str | None], off: Container[str]
) -> bool:
    was_off = record.reason == Reason.LANGUAGE_OFF
    return record.extractor != versions(record.language) or was_off != (
        record.language in off
    )


def _is_same(file: SourceFile, record: FileRecord) -> bool:
    size, mtime_ns, digest = record.fingerprint
    return (
        file.size == size
        and file.mtime_ns == mtime_ns
        and digest != b""
        and file.ctime_ns <= record.indexed_ns
        and not is_racy(mtime_ns, record.indexed_ns)
    )


def is_racy(mtime_ns: int, indexed_ns: int) -> bool:
    """Whether a change after the reading could have left this very mtime."""
    tick = TICK_NS if mtime_ns % _SECOND_NS else COARSE_TICK_NS
    return mtime_ns + tick >= indexed_ns


def records_in(data: IndexData, scope: set[str]) -> Iterator[FileRecord]:
    """The records of these paths and of what lies below, without their facts."""
    paths = set(scope)
    for folder in scope:
        paths.update(data.paths_under(folder))
    for path in sorted(paths):
        record = data.record_without_facts(path)
        if record is not None:
            yield record


def is_in(path: str, scope: set[str]) -> bool:
    """Whether a path, or a folder that it lies in, is in the scope."""
    while path not in scope:
        path = path.rpartition("/")[0]
        if not path:
            return False
    return True
