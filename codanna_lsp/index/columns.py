"""Columns: the symbols of many files as flat arrays, with their table of names.

`column_sections` draws them; `column_build` and `column_arrays` make them.

Invariant: columns never change once made; equal records give equal bytes.
Invariant: a number that points outside is a CorruptionError when it is used.
Invariant: opening reads a few numbers of each section, never a whole one, and needs
no numpy.
"""

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from codanna_lsp.errors import CorruptionError
from codanna_lsp.index.base_names import BaseNames
from codanna_lsp.index.column_sections import (
    DIGEST_BYTES,
    SATURATED_WIDTH,
    SCOPED,
    TYPE_CODES,
    wrong_lengths,
)
from codanna_lsp.index.name_table.names import encode
from codanna_lsp.index.rank import MAX_DEPTH, static_rank
from codanna_lsp.model.facts import FileRecord, Fingerprint

# Packed facts of fewer bytes are sooner built without numpy; of more, without loading it.
_FEW_BYTES = 1_000
_MORE_BYTES = 30_000


class Place(NamedTuple):
    """Where one symbol stands, as the columns know it."""

    kind: int
    flags: int
    line: int
    column: int
    end_column: int


class Columns:
    """The symbols of many files; see the module for what each section holds.

    Its attributes are the sections, as memoryviews of their numbers; `part` is how a
    CorruptionError names them.
    """

    __slots__ = (*TYPE_CODES, "_base_names", "part")

    texts: "memoryview[int]"
    text_offsets: "memoryview[int]"
    paths: "memoryview[int]"
    path_offsets: "memoryview[int]"
    file_first: "memoryview[int]"
    file_language: "memoryview[int]"
    file_extractor: "memoryview[int]"
    file_reason: "memoryview[int]"
    file_size: "memoryview[int]"
    file_mtime: "memoryview[int]"
    file_indexed: "memoryview[int]"
    file_digests: "memoryview[int]"
    symbol_names: "memoryview[int]"
    kinds: "memoryview[int]"
    flags: "memoryview[int]"
    lines: "memoryview[int]"
    columns: "memoryview[int]"
    widths: "memoryview[int]"
    containers: "memoryview[int]"
    scope_containers: "memoryview[int]"
    scope_texts: "memoryview[int]"
    names: "memoryview[int]"
    name_offsets: "memoryview[int]"
    rank_first: "memoryview[int]"
    folded_order: "memoryview[int]"
    acronym_order: "memoryview[int]"
    name_first: "memoryview[int]"
    name_symbols: "memoryview[int]"
    letters: "memoryview[int]"
    heads: "memoryview[int]"
    bigrams: "memoryview[int]"
    more_bigrams: "memoryview[int]"
    part: str
    _base_names: BaseNames | None

    @classmethod
    def from_sections(
        cls, sections: Mapping[str, bytes | memoryview], *, part: str = "columns"
    ) -> "Columns":
        """Columns over the given bytes, which must never change.

        Raises:
            CorruptionError: a section is missing, or has a length that cannot be.
        """
        self = cls()
        self.part = part
        self._base_names = None
        for name, code in TYPE_CODES.items():
            try:
                view = memoryview(sections[name]).cast("B").cast(code)
            except KeyError:
                raise self.damaged(f"section {name} is missing") from None
            except TypeError as error:
                raise self.damaged(f"section {name}: {error}") from error
            setattr(self, name, view)
        reason = wrong_lengths({name: getattr(self, name) for name in TYPE_CODES})
        if reason:
            raise self.damaged(reason)
        return self

    def sections(self) -> dict[str, memoryview]:
        """The bytes of every section, in the order in which they are drawn."""
        return {name: getattr(self, name).cast("B") for name in TYPE_CODES}

    @property
    def file_count(self) -> int:
        """How many files there are."""
        return len(self.file_size)

    @property
    def symbol_count(self) -> int:
        """How many symbols there are."""
        return len(self.symbol_names)

    @property
    def name_count(self) -> int:
        """How many distinct names there are."""
        return len(self.folded_order)

    def path(self, file: int) -> str:
        """The path of a file's row."""
        return self._text(self.paths, self.path_offsets, file)

    def file_of_path(self, path: str) -> int | None:
        """The row of a path, or None."""
        row = self.first_file_from(path)
        return row if row < self.file_count and self.path(row) == path else None

    def first_file_from(self, path: str) -> int:
        """The first row whose path is not before the given one."""
        return bisect_left(range(self.file_count), path, key=self.path)

    def files_named(self, base_name: str) -> Iterator[int]:
        """The rows of the files whose last part is `base_name`, by path."""
        if self._base_names is None:
            self._base_names = BaseNames(self.paths_at(range(self.file_count)))
        for row in self._base_names.rows(base_name):
            path = self.path(row)
            if path == base_name or path.endswith("/" + base_name):
                yield row

    def file_of_symbol(self, symbol: int) -> int:
        """The row of the file that declares a symbol."""
        file = bisect_right(self.file_first, symbol) - 1
        if not 0 <= file < len(self.file_size):
            raise self.damaged("a symbol belongs to no file")
        return file

    def symbols_of_file(self, file: int) -> range:
        """The rows of the symbols that a file declares."""
        first, stop = self.file_first[file], self.file_first[file + 1]
        if not first <= stop <= self.symbol_count:
            raise self.damaged("the symbols of a file lie outside")
        return range(first, stop)

    def language(self, file: int) -> str:
        """A file's language id."""
        return self.text(self._number(self.file_language, file))

    def record(self, file: int, *, facts: bytes = b"") -> FileRecord:
        """A file's record, with the given packed facts."""
        digest = bytes(self.file_digests[file * DIGEST_BYTES :][:DIGEST_BYTES])
        return FileRecord(
            path=self.path(file),
            language=self.language(file),
            fingerprint=Fingerprint(
                size=self.file_size[file],
                mtime_ns=self.file_mtime[file],
                digest=digest if any(digest) else b"",
            ),
            extractor=self.text(self.file_extractor[file]),
            indexed_ns=self.file_indexed[file],
            reason=self.text(self.file_reason[file]),
            facts=facts,
        )

    def records(self) -> Iterator[FileRecord]:
        """Every file's record without its facts, by path."""
        return map(self.record, range(self.file_count))

    def text(self, row: int) -> str:
        """A row of the texts."""
        return self._text(self.texts, self.text_offsets, row)

    def name(self, row: int) -> str:
        """A row of the names."""
        # As `_text`, without its call: this is what searching does most.
        data, offsets = self.names, self.name_offsets
        try:
            start, stop = offsets[row], offsets[row + 1]
            if start <= stop <= len(data):
                return str(data[start:stop], "utf-8", "surrogatepass")
        except (IndexError, UnicodeDecodeError):
            pass
        return self._text(data, offsets, row)  # which says what is wrong

    def names_at(self, rows: Iterable[int]) -> list[str]:
        """Rows of the names."""
        return self._texts(self.names, self.name_offsets, rows)

    def paths_at(self, files: Iterable[int]) -> list[str]:
        """The paths of files' rows."""
        return self._texts(self.paths, self.path_offsets, files)

    def symbol_name(self, symbol: int) -> str:
        """A symbol's name."""
        return self.name(self._number(self.symbol_names, symbol))

    def symbols_of_name(self, name: int) -> "memoryview[int]":
        """The symbols that bear a name, best rank first."""
        if not 0 <= name < len(self.folded_order):
            raise self.damaged("a name lies outside")
        firsts, symbols = self.name_first, self.name_symbols
        first, stop = firsts[name], firsts[name + 1]
        if not first <= stop <= len(symbols):
            raise self.damaged("the symbols of a name lie outside")
        return symbols[first:stop]

    def place(self, symbol: int, name: str) -> Place:
        """Kind, flags and position of a symbol with that name."""
        try:
            width, column = self.widths[symbol], self.columns[symbol]
            if width in (0, SATURATED_WIDTH):
                width = len(name) if name.isascii() else len(encode(name))
            place = (
                self.kinds[symbol],
                self.flags[symbol],
                self.lines[symbol],
                column,
                column + width,
            )
        except IndexError:
            raise self.damaged("a symbol lies outside") from None
        return tuple.__new__(Place, place)  # pyright: ignore[reportUnknownMemberType]

    def container(self, symbol: int, first: int) -> tuple[int, str]:
        """Index of the enclosing symbol in its file or -1, and the scope as written.

        first: the first symbol of the symbol's file.
        """
        number, scope = self._number(self.containers, symbol), ""
        if number & SCOPED:
            row = number & ~SCOPED
            number = self._number(self.scope_containers, row)
            scope = self.text(self.scope_texts[row])
        # A container stands before what it contains: so no chain of them is endless.
        if number > symbol - first:
            raise self.damaged("a container does not stand before its symbol")
        return number - 1, scope

    def container_names(self, symbol: int, first: int) -> tuple[str, ...]:
        """The names that enclose a symbol, outermost first."""
        if not self._number(self.containers, symbol):
            return ()
        names: list[str] = []
        while self._number(self.containers, symbol):
            index, scope = self.container(symbol, first)
            if scope:
                names.append(scope)
            if index < 0:
                break
            symbol = first + index
            names.append(self.symbol_name(symbol))
        return tuple(reversed(names))

    def depth(self, symbol: int, first: int) -> int:
        """How many names enclose a symbol, at most `MAX_DEPTH`."""
        depth = 0
        index, scope = self.container(symbol, first)
        while depth < MAX_DEPTH:
            depth += bool(scope)
            if index < 0:
                break
            depth += 1
            index, scope = self.container(first + index, first)
        return min(depth, MAX_DEPTH)

    def rank(self, symbol: int, first: int) -> int:
        """A symbol's static rank."""
        kind, flags = self.kinds[symbol], self.flags[symbol]
        depth = self.depth(symbol, first) if self.containers[symbol] else 0
        return static_rank(kind, flags, depth)

    def damaged(self, reason: str) -> CorruptionError:
        """The error that says so, to be raised by the caller."""
        return CorruptionError(
            f"the {self.part} are damaged: {reason}", part=self.part, reason=reason
        )

    def _texts(
        self, data: "memoryview[int]", offsets: "memoryview[int]", rows: Iterable[int]
    ) -> list[str]:
        # As `_text`, without its call for each.
        size = len(data)
        try:
            return [
                str(data[start:stop], "utf-8", "surrogatepass")
                for row in rows
                if (start := offsets[row]) <= (stop := offsets[row + 1]) <= size
            ]
        except IndexError:
            raise self.damaged("a text's row lies outside") from None
        except UnicodeDecodeError:
            raise self.damaged("a text is not UTF-8") from None

    def _text(
        self, data: "memoryview[int]", offsets: "memoryview[int]", row: int
    ) -> str:
        try:
            start, stop = offsets[row], offsets[row + 1]
        except IndexError:
            raise self.damaged("a text's row lies outside") from None
        if not start <= stop <= len(data):
            raise self.damaged("a text's offsets lie outside")
        try:
            return str(data[start:stop], "utf-8", "surrogatepass")  # `decode`, uncalled
        except UnicodeDecodeError:
            raise self.damaged("a text is not UTF-8") from None

    def _number(self, column: "memoryview[int]", row: int) -> int:
        try:
            return column[row]
        except IndexError:
            raise self.damaged("a row lies outside") from None


def build_columns(records: Iterable[FileRecord]) -> Columns:
    """Columns of records with distinct paths.

    records: a sequence in any order, or an iterator by path, whose facts are let go
    as soon as they are read.

    Raises:
        CodecError: a record's facts do not decode.
    """
    if isinstance(records, Sequence):
        few = _FEW_BYTES if "numpy" in sys.modules else _MORE_BYTES
        if sum(len(record.facts) for record in records) < few:
            from codanna_lsp.index.building.column_build import build_plainly

            return build_plainly(records)
        records = sorted(records, key=lambda record: record.path)
    from codanna_lsp.index.building.column_arrays import build_in_bulk

    return build_in_bulk(records)


def merge(
    base: Columns, removed_paths: Collection[str], records: Sequence[FileRecord]
) -> Columns:
    """The base's files without the removed ones, and with the records instead of
    their namesakes or added: equal, byte for byte, to a fresh build.

    Raises:
        CodecError: a record's facts do not decode.
        CorruptionError: the base is damaged.
    """
    from codanna_lsp.index.building.column_arrays import merge_in_bulk

    return merge_in_bulk(base, removed_paths, records)
