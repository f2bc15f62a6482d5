"""The second store: a Tantivy folder with one document per file, and a sentinel.

What a document holds is drawn in `search_documents`, the files in `segment_check`.

Invariant: the only file that imports tantivy; its panics, which are no Exception, and
its bare ValueErrors leave here as CorruptionError or DiskError.
Invariant: a folder is checked (`segment_check`) before it is opened for writing, and
whoever opens one for reading has checked it: Tantivy believes whatever it finds, and
merging gives damage a valid checksum.
Invariant: no text of a client's reaches a query parser; every list is read in pages.
"""

import contextlib
import re
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import tantivy

from codanna_lsp.errors import DiskError, LockedError, StoreError
from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.disk import Disk
from codanna_lsp.store.metadata import IndexMetadata
from codanna_lsp.store.search.search_documents import (
    SENTINEL,
    document_fields,
    document_record,
    name_terms,
    path_term,
    search_corruption,
    sentinel_fields,
    sentinel_metadata,
    term_path,
)
from codanna_lsp.store.search.segment_check import (
    FIELDS,
    search_index_checksum,
    sweep_unreferenced,
    verify_search_index,
)

BUILD_HEAP_BYTES = 64_000_000
"""What Tantivy may gather for one thread before it writes a segment."""
UPDATE_HEAP_BYTES = 20_000_000
OPEN_LIMIT_SECONDS = 10.0
"""How long a folder may take to open: another process can hold Tantivy's lock."""
PAGE = 4096
"""Documents of one page; Tantivy allots memory for as many as it is asked for."""
WORD_LIMIT = 16
"""Most words of one question."""

_FEW = 256  # paths that are read faster from documents than from the list of paths
_ERRNO = re.compile(r"os error (\d{1,5})\b|\bcode: (\d{1,5})\b")


class SearchIndexContents(NamedTuple):
    """All that a folder holds; `records` can be run through once, in no order."""

    metadata: IndexMetadata
    records: Iterator[FileRecord]


class SearchIndex:
    """A folder opened for reading, pinned to the commit that was its newest then.

    Every method raises CorruptionError for what cannot be believed and DiskError for
    what the operating system refused.
    """

    def __init__(self, folder: Path, index: tantivy.Index) -> None:
        self.folder = folder
        self._schema = index.schema
        with _told(folder):
            index.config_reader("manual", 0)
            self._searcher = index.searcher()

    def metadata(self) -> IndexMetadata:
        """What the sentinel says; it was committed together with the documents."""
        found = self._find("sentinel", SENTINEL)
        if len(found) != 1:
            raise search_corruption(f"holds {len(found)} sentinels")
        metadata = sentinel_metadata(self._stored(found[0])["record"])
        with _told(self.folder):
            files = self._searcher.num_docs - 1
        if files != metadata.file_count:
            raise search_corruption(
                f"holds {files} files where its sentinel says {metadata.file_count}"
            )
        return metadata

    def records(self) -> Iterator[FileRecord]:
        """Every file's record, one page of documents in memory at a time."""
        offset = 0
        while page := self._hits(tantivy.Query.all_query(), PAGE, offset=offset):
            for address in page:
                stored = self._stored(address)
                if "path" in stored:
                    yield document_record(**stored)
            offset += len(page)

    def find_record(self, path: str) -> FileRecord | None:
        """One file's record."""
        found = self._find("path", path_term(path))
        if len(found) > 1:
            raise search_corruption(f"holds {path} twice")
        return document_record(**self._stored(found[0])) if found else None

    def files_mentioning(self, name: str) -> list[str]:
        """Sorted paths of all files that mention the name, and perhaps of some more.

        Names are told apart by their first TERM_LIMIT characters, and one with blanks
        is looked for as its words.
        """
        terms = name_terms(name)[:WORD_LIMIT]
        if not terms:
            return []
        query = self._together("mentions", terms)
        few = self._hits(query, _FEW)
        if len(few) < _FEW:
            return sorted(map(self._path, few))
        with _told(self.folder):
            # Straight from the terms: documents would be unpacked one by one.
            found = self._searcher.terms_with_prefix("path", "", filter_query=query)
        return sorted(term_path(path) for path, _count in found)

    def _together(self, field: str, terms: Sequence[str]) -> tantivy.Query:
        queries = [(tantivy.Occur.Must, self._term(field, term)) for term in terms]
        with _told(self.folder):
            return tantivy.Query.boolean_query(queries)

    def _find(self, field: str, term: str) -> list[tantivy.DocAddress]:
        return self._hits(self._term(field, term), 2)

    def _term(self, field: str, term: str) -> tantivy.Query:
        with _told(self.folder):
            return tantivy.Query.term_query(self._schema, field, term, "basic")

    def _hits(
        self, query: tantivy.Query, limit: int, *, offset: int = 0
    ) -> list[tantivy.DocAddress]:
        with _told(self.folder):
            found = self._searcher.search(
                query, limit=limit, count=False, offset=offset
            )
            return [address for _score, address in found.hits]

    def _path(self, address: tantivy.DocAddress) -> str:
        return term_path(str(self._stored(address).get("path", "")))

    def _stored(self, address: tantivy.DocAddress) -> dict[str, Any]:
        with _told(self.folder):
            document = self._searcher.doc(address).to_dict()
        return {name: values[0] for name, values in document.items()}


def build_search_index(
    folder: Path,
    records: Iterable[FileRecord],
    metadata: IndexMetadata | Callable[[], IndexMetadata],
    *,
    disk: Disk,
    threads: int = 1,
) -> str:
    """Build a folder from nothing; durable, all of it, when this returns.

    A folder that is there already (of a build that was killed) is removed first.

    metadata: the sentinel's; or what gives it, called when all records are added.

    Returns:
        The folder's checksum (see `segment_check.search_index_checksum`).

    Raises:
        StoreError: the folder is not complete; remove it and start again.
    """
    disk.remove_tree(folder)
    disk.make_folder(folder)
    with _told(folder, writing=True):
        index = tantivy.Index(_schema(), path=str(folder))
    heap = BUILD_HEAP_BYTES * threads
    with _writer(folder, index, heap=heap, threads=threads) as add:
        for record in records:
            add(document_fields(record), None)
        known = metadata if isinstance(metadata, IndexMetadata) else metadata()
        add(sentinel_fields(known), None)
    disk.sync_folder(folder)
    return search_index_checksum(folder, disk=disk)


def update_search_index(
    folder: Path,
    removed: Sequence[str],
    records: Iterable[FileRecord],
    metadata: IndexMetadata,
    *,
    disk: Disk,
) -> str:
    """Take files out and put records in place of older ones, all in one commit.

    Durable when it returns. When it raises, the folder is as before, or as after where
    only what follows the commit (merging, syncing the folder) failed: read its
    sentinel to know.

    Returns:
        The folder's checksum (see `segment_check.search_index_checksum`).

    Raises:
        CorruptionError: the folder is damaged; nothing was written.
        LockedError: another process holds it.
        DiskError: it could not be written.
    """
    verify_search_index(folder, disk=disk)
    sweep_unreferenced(folder, disk=disk)
    index = _open(folder)
    with _writer(folder, index, heap=UPDATE_HEAP_BYTES, threads=1) as add:
        for path in removed:
            add({}, ("path", path_term(path)))
        for record in records:
            add(document_fields(record), ("path", path_term(record.path)))
        add(sentinel_fields(metadata), ("sentinel", SENTINEL))
    disk.sync_folder(folder)
    return search_index_checksum(folder, disk=disk)


def open_search_index(folder: Path) -> SearchIndex:
    """Open a folder that `verify_search_index` has found good.

    Raises:
        CorruptionError: Tantivy cannot read it. LockedError: another process holds
            it. DiskError: the operating system refused.
    """
    return SearchIndex(folder, _open(folder))


def read_search_index(folder: Path) -> SearchIndexContents:
    """The metadata and all records of a folder that was found good.

    Errors as for `open_search_index`; those of a record when its turn comes.
    """
    index = open_search_index(folder)
    return SearchIndexContents(index.metadata(), index.records())


def read_sentinel(folder: Path) -> IndexMetadata:
    """The folder's metadata; errors as for `open_search_index`."""
    return open_search_index(folder).metadata()


def find_record(folder: Path, path: str) -> FileRecord | None:
    """One file's record; errors as for `open_search_index`."""
    return open_search_index(folder).find_record(path)


def files_mentioning(folder: Path, name: str) -> list[str]:
    """See SearchIndex.files_mentioning; errors as for `open_search_index`."""
    return open_search_index(folder).files_mentioning(name)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in FIELDS:
        if field.kind == "bytes":
            builder.add_bytes_field(field.name, stored=field.stored)
        else:
            builder.add_text_field(
                field.name,
                stored=field.stored,
                tokenizer_name=field.tokenizer,
                index_option=field.record,
            )
    return builder.build()


def _open(folder: Path) -> tantivy.Index:
    """Open in a thread of its own: Tantivy waits without end for its lock."""
    answers: list[tantivy.Index | BaseException] = []

    def open_it() -> None:
        try:
            with _told(folder):
                answers.append(tantivy.Index.open(str(folder)))
        except BaseException as failure:  # noqa: BLE001 - the caller raises it again
            answers.append(failure)

    thread = threading.Thread(target=open_it, name="open-search-index", daemon=True)
    thread.start()
    thread.join(OPEN_LIMIT_SECONDS)
    if not answers:
        raise LockedError(
            f"another process holds the search index {folder.name}",
            holder=None,
            advice="end the stopped codanna-lsp process that holds it",
        )
    answer = answers[0]
    if isinstance(answer, BaseException):
        raise answer
    return answer


class _Add(Protocol):
    """Take out the documents with a term, if one is given; add one, if it has fields."""

    def __call__(
        self, fields: dict[str, str | bytes], instead_of: tuple[str, str] | None, /
    ) -> None: ...


@contextlib.contextmanager
def _writer(
    folder: Path, index: tantivy.Index, *, heap: int, threads: int
) -> Generator[_Add]:
    """A writer that commits when its block ends well, and else takes all back.

    Not Tantivy's own `with`, which commits after an exception too.
    """
    schema = index.schema
    with _told(folder, writing=True):
        writer = index.writer(heap, threads)

    def add(
        fields: dict[str, str | bytes], instead_of: tuple[str, str] | None, /
    ) -> None:
        with _told(folder, writing=True):
            if instead_of:
                writer.delete_documents_by_term(*instead_of)
            if fields:
                # Only `from_dict` checks types; a wrong one would kill the writer.
                document = tantivy.Document.from_dict(fields, schema)  # pyright: ignore[reportUnknownMemberType]
                writer.add_document(document)

    try:
        yield add
        with _told(folder, writing=True):
            writer.commit()
    except BaseException:
        # A writer past rolling back has committed nothing either.
        with contextlib.suppress(StoreError), _told(folder, writing=True):
            writer.rollback()
        # Ends it now: the exception would keep it alive, and with it its lock.
        with contextlib.suppress(StoreError), _told(folder, writing=True):
            writer.wait_merging_threads()
        raise
    with _told(folder, writing=True):
        writer.wait_merging_threads()


@contextlib.contextmanager
def _told(folder: Path, *, writing: bool = False) -> Generator[None]:
    """Turn what Tantivy raises into errors of ours; only its calls stand inside."""
    try:
        yield
    except BaseException as failure:
        said = str(failure)[:200]
        if type(failure).__name__ == "PanicException":
            raise search_corruption(f"made Tantivy panic: {said}") from failure
        if not isinstance(failure, ValueError | OSError):
            raise
        code = _ERRNO.search(said)
        if not (code or writing):
            raise search_corruption(f"cannot be read: {said}") from failure
        raise DiskError(
            f"cannot {'write' if writing else 'read'} the search index: {said}",
            path=folder,
            errno=int(code[1] or code[2]) if code else 0,
        ) from failure
