"""View: what a question sees; it never changes.

Invariant: a damaged blob never ends a question: `on_damage` gives other facts, or the
file has none for this view.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from codanna_lsp.errors import CodecError, CorruptionError
from codanna_lsp.index.codec import unpack_facts
from codanna_lsp.index.index_data import IndexData, Part
from codanna_lsp.index.name_table.lookup import name_row
from codanna_lsp.model.facts import FileFacts, FileRecord

OnDamage = Callable[[str, CorruptionError], bytes | None]


class SymbolRow(NamedTuple):
    """One symbol as the columns know it.

    index: its place in its file's facts. container: the enclosing names, outermost
    first. column, end_column: bytes; past column 65,535 the facts tell the truth.
    """

    path: str
    index: int  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]
    name: str
    kind: int
    flags: int
    line: int
    column: int
    end_column: int
    container: tuple[str, ...]
    language: str


class View:
    """One state of the index.

    generation: of the base. serial: of the last transaction that it holds.
    root: the workspace's folder as an absolute path, "/" between parts; "" where it is
        not known. What is imported by a name that the root itself bears needs it.
    on_damage: is told a path and what is wrong with its facts; gives packed facts from
    elsewhere, or None.
    """

    __slots__ = ("_on_damage", "data", "generation", "root", "serial")

    def __init__(
        self,
        data: IndexData,
        generation: int = 0,
        serial: int = 0,
        *,
        root: str = "",
        on_damage: OnDamage | None = None,
    ) -> None:
        self.root = root
        self.data = data
        self.generation = generation
        self.serial = serial
        self._on_damage = on_damage

    @property
    def file_count(self) -> int:
        """How many files the index knows."""
        return self.data.file_count

    @property
    def symbol_count(self) -> int:
        """How many symbols they declare."""
        return self.data.symbol_count

    def has_file(self, path: str) -> bool:
        """Whether the index knows the path."""
        return self.data.has_file(path)

    def record(self, path: str) -> FileRecord | None:
        """A file's record with its packed facts (b"" when they are lost)."""
        found = self.data.record_without_facts(path)
        if found is None or found.facts:
            return found
        return found._replace(facts=self._packed_facts(path))

    def version(self, path: str) -> tuple[bytes, str] | None:
        """What tells a file's facts from others: its digest and extractor.

        None where there are none, or nothing tells them.
        """
        found = self.data.record_without_facts(path)
        if found is None or not found.fingerprint.digest:
            return None
        return found.fingerprint.digest, found.extractor

    def facts(self, path: str) -> FileFacts | None:
        """A file's facts, or None when it has none or they are lost."""
        packed = self._packed_facts(path)
        if not packed:
            return None
        try:
            return unpack_facts(packed)
        except CodecError as error:
            replaced = self._replacement(path, _as_corruption(path, error))
        try:
            return unpack_facts(replaced) if replaced else None
        except CodecError:
            return None

    def paths(self) -> Iterator[str]:
        """Every path, sorted."""
        return self.data.paths()

    def paths_under(self, folder: str) -> Iterator[str]:
        """The paths in a folder and below, sorted; "" is the root."""
        return self.data.paths_under(folder)

    def paths_named(self, base_name: str) -> Iterator[str]:
        """The paths whose last part is `base_name`, sorted."""
        return self.data.paths_named(base_name)

    def symbols_named(self, name: str, limit: int = 1000) -> list[SymbolRow]:
        """The symbols of exactly this name, best static rank first, then by place."""
        ranked = [
            (rank, row)
            for part in self.data.parts
            for rank, row in _rows_named(part, name, limit)
        ]
        ranked.sort(key=lambda pair: (pair[0], pair[1].path, pair[1].line, pair[1][1]))
        return [row for _rank, row in ranked[:limit]]

    def laid_over(self, records: Sequence[FileRecord]) -> "View":
        """This view with other records for some files: unsaved text."""
        data = self.data.with_changes(records)
        return View(
            data,
            self.generation,
            self.serial,
            root=self.root,
            on_damage=self._on_damage,
        )

    def _packed_facts(self, path: str) -> bytes:
        try:
            return self.data.packed_facts(path)
        except CorruptionError as error:
            return self._replacement(path, error)

    def _replacement(self, path: str, error: CorruptionError) -> bytes:
        if self._on_damage is None:
            return b""
        return self._on_damage(path, error) or b""


def symbol_row(part: Part, symbol: int, name: str, *, file: int) -> SymbolRow:
    """A row of the columns, which bears `name` and is declared in `file`."""
    columns = part.columns
    first = columns.file_first[file]
    place = columns.place(symbol, name)
    return SymbolRow(
        path=columns.path(file),
        index=symbol - first,
        name=name,
        kind=place.kind,
        flags=place.flags,
        line=place.line,
        column=place.column,
        end_column=place.end_column,
        container=columns.container_names(symbol, first),
        language=columns.language(file),
    )


def _rows_named(part: Part, name: str, limit: int) -> Iterator[tuple[int, SymbolRow]]:
    columns = part.columns
    row = name_row(columns, name)
    if row is None:
        return
    for symbol in columns.symbols_of_name(row):
        file = columns.file_of_symbol(symbol)
        if file in part.hidden:
            continue
        rank = columns.rank(symbol, columns.file_first[file])
        yield rank, symbol_row(part, symbol, name, file=file)
        limit -= 1
        if limit <= 0:
            return


def _as_corruption(path: str, error: CodecError) -> CorruptionError:
    reason = error.message
    return CorruptionError(
        f"the facts of {path} are damaged: {reason}",
        part=f"facts of {path}",
        reason=reason,
    )
