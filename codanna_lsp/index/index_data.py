"""IndexData: base columns with changes laid over them; the whole index in memory.

Changes lie in at most `MAX_LAYERS` layers, newest last. A new layer is joined with
those before it as long as they are not much heavier, so a record is moved a number of
times that grows with the logarithm of all changes only.

Invariant: an IndexData never changes; `with_changes` gives another one.
Invariant: of a path in several layers the newest counts, and each hides the base's.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from codanna_lsp.index.building.column_build import build_plainly
from codanna_lsp.index.codec import dump_facts, unpack_facts
from codanna_lsp.index.columns import Columns
from codanna_lsp.index.layer import Layer
from codanna_lsp.index.name_table.lookup import files_under
from codanna_lsp.index.path_memory import PathMemory
from codanna_lsp.model.facts import FileRecord

MAX_LAYERS = 8
_MUCH_HEAVIER = 4
_FEW_CHANGES = 16

ReadBlob = Callable[[int], bytes]


class Part(NamedTuple):
    """Columns, and the rows of those of their files that do not count any more."""

    columns: Columns
    hidden: frozenset[int]


class Changes(NamedTuple):
    """What differs from the base: records by path, and removed paths, both sorted."""

    indexed: tuple[FileRecord, ...]
    removed: tuple[str, ...]


def no_blob(row: int) -> bytes:
    """The blob reader of a base without files."""
    raise LookupError(f"no facts at row {row}")


class IndexData:
    """The files of a workspace with all that is known of them.

    base: the columns of the last snapshot. read_blob: the packed facts of a row of the
    base's files; may raise CorruptionError. path_memory: of another index with the same
    paths.
    """

    __slots__ = ("_layers", "_parts", "_read_blob", "base", "path_memory")

    def __init__(
        self,
        base: Columns | None = None,
        read_blob: ReadBlob = no_blob,
        layers: tuple[Layer, ...] = (),
        *,
        path_memory: PathMemory | None = None,
    ) -> None:
        self.base = build_plainly(()) if base is None else base
        self._read_blob = read_blob
        self._layers = layers
        self._parts: tuple[Part, ...] | None = None
        self.path_memory = PathMemory() if path_memory is None else path_memory

    def with_changes(
        self, indexed: Sequence[FileRecord], removed: Sequence[str] = ()
    ) -> "IndexData":
        """This index after files were indexed and others removed.

        Of a path that is in both, the record counts.
        """
        changes: dict[str, FileRecord | None] = dict.fromkeys(removed)
        changes |= {record.path: record for record in indexed}
        if not changes:
            return self
        layers = [*self._layers, Layer(self.base, changes)]
        while len(layers) > 1 and (
            len(layers) > MAX_LAYERS
            or layers[-2].weight <= _MUCH_HEAVIER * layers[-1].weight
        ):
            newest = layers.pop()
            layers[-1] = layers[-1].under(newest)
        kept = self.path_memory if self._has_the_paths_of(changes) else None
        return IndexData(self.base, self._read_blob, tuple(layers), path_memory=kept)

    def _has_the_paths_of(self, changes: dict[str, FileRecord | None]) -> bool:
        """Whether no path comes or goes by the changes; of many, that is not looked at."""
        return len(changes) <= _FEW_CHANGES and all(
            self.has_file(path) is (record is not None)
            for path, record in changes.items()
        )

    @property
    def parts(self) -> tuple[Part, ...]:
        """The base and the layers as columns, each with what the newer ones hide."""
        if self._parts is None:
            parts: list[Part] = []
            newer: set[str] = set()
            in_base: frozenset[int] = frozenset()
            for layer in reversed(self._layers):
                rows = layer.row_of_path
                hidden = frozenset(rows[path] for path in newer.intersection(rows))
                parts.append(Part(layer.columns, hidden))
                newer.update(layer.records)
                in_base |= layer.base_rows
            parts.append(Part(self.base, in_base))
            self._parts = tuple(reversed(parts))
        return self._parts

    @property
    def file_count(self) -> int:
        """How many files the index knows."""
        return sum(part.columns.file_count - len(part.hidden) for part in self.parts)

    @property
    def symbol_count(self) -> int:
        """How many symbols they declare."""
        return sum(
            part.columns.symbol_count
            - sum(len(part.columns.symbols_of_file(row)) for row in part.hidden)
            for part in self.parts
        )

    def has_file(self, path: str) -> bool:
        """Whether the index knows the path."""
        for layer in reversed(self._layers):
            if path in layer.records:
                return layer.records[path] is not None
        return self.base.file_of_path(path) is not None

    def record(self, path: str) -> FileRecord | None:
        """A file's record with its facts.

        Raises:
            CorruptionError: its packed facts are damaged.
        """
        found = self.record_without_facts(path)
        if found is None or found.facts:
            return found
        return found._replace(facts=self.packed_facts(path))

    def record_without_facts(self, path: str) -> FileRecord | None:
        """A file's record; its facts are b"" when they would have to be read."""
        for layer in reversed(self._layers):
            if path in layer.records:
                return layer.records[path]
        row = self.base.file_of_path(path)
        return None if row is None else self.base.record(row)

    def packed_facts(self, path: str) -> bytes:
        """A file's packed facts, b"" when it has none.

        Raises:
            CorruptionError: they are damaged.
        """
        for layer in reversed(self._layers):
            if path in layer.records:
                record = layer.records[path]
                return b"" if record is None else record.facts
        row = self.base.file_of_path(path)
        return b"" if row is None else self._read_blob(row)

    def files(self) -> Iterator[FileRecord]:
        """Every file's record without its facts, by path."""
        from heapq import merge

        # Not path by path: looking each up takes ten times longer.
        return merge(*map(_visible_records, self.parts), key=_path_of)

    def paths(self) -> Iterator[str]:
        """Every path, sorted."""
        return self.paths_under("")

    def paths_under(self, folder: str) -> Iterator[str]:
        """The paths in a folder and below, sorted."""
        return self._paths_of(lambda columns: files_under(columns, folder))

    def paths_named(self, base_name: str) -> Iterator[str]:
        """The paths whose last part is `base_name`, sorted."""
        return self._paths_of(lambda columns: columns.files_named(base_name))

    @property
    def changed(self) -> dict[str, FileRecord | None]:
        """The records that lie over the base by path, None for a removed file."""
        merged: dict[str, FileRecord | None] = {}
        for layer in self._layers:
            merged |= layer.records
        return merged

    def changes(self) -> Changes:
        """What differs from the base."""
        changed = sorted(self.changed.items(), key=lambda item: item[0])
        return Changes(
            tuple(record for _path, record in changed if record is not None),
            tuple(
                path
                for path, record in changed
                if record is None and self.base.file_of_path(path) is not None
            ),
        )

    def rebased(
        self, base: Columns, read_blob: ReadBlob, *, frozen: "IndexData"
    ) -> "IndexData":
        """This index over a new base that holds what `frozen` held.

        frozen: an earlier state of this index, over the same base as this one.
        """
        before, missing = frozen.changed, object()
        later = {
            path: record
            for path, record in self.changed.items()
            if before.get(path, missing) is not record
        }
        layers = (Layer(base, later),) if later else ()
        return IndexData(base, read_blob, layers, path_memory=self.path_memory)

    def dump(self) -> list[dict[str, Any]]:
        """The whole index as plain data, sorted, without times: equal for equal
        indexes whatever their history.
        """
        records = map(self.record, self.paths())
        return [_dump_file(record) for record in records if record is not None]

    def _paths_of(
        self, rows_of: Callable[[Columns], Iterator[int] | range]
    ) -> Iterator[str]:
        from heapq import merge

        return merge(
            *(_visible_paths(part, rows_of(part.columns)) for part in self.parts)
        )


def _visible_paths(part: Part, rows: Iterator[int] | range) -> Iterator[str]:
    for row in rows:
        if row not in part.hidden:
            yield part.columns.path(row)


def _visible_records(part: Part) -> Iterator[FileRecord]:
    return map(part.columns.record, _visible_rows(part))


def _path_of(record: FileRecord) -> str:
    return record.path


def _visible_rows(part: Part) -> Iterator[int] | range:
    rows = range(part.columns.file_count)
    return (row for row in rows if row not in part.hidden) if part.hidden else rows


def _dump_file(record: FileRecord) -> dict[str, Any]:
    return {
        "path": record.path,
        "language": record.language,
        "size": record.fingerprint.size,
        "digest": record.fingerprint.digest.hex(),
        "extractor": record.extractor,
        "reason": record.reason,
        "facts": dump_facts(unpack_facts(record.facts)) if record.facts else None,
    }
