"""Columns: the symbols of many files as flat arrays, with their table of names.

Sections, all little-endian; n files sorted by path, the symbols of a file contiguous
and in its own order:

    texts, text_offsets u32     sorted distinct texts: languages, extractors, reasons,
                                scopes
    paths, path_offsets u32     file_first u32 (n+1: first symbol)
    file_language, file_extractor, file_reason u32: texts
    file_size u64, file_mtime i64, file_indexed i64, file_digests 16 bytes a file
                                (zeros: never read)
    symbol_names u32            kinds u8, flags u8, lines u32
    columns u16, widths u8      saturating; a width of 0 is the name's own length. The
                                packed facts tell the truth where they saturate.
    containers u32              0: none; index in the file + 1; or, with the high bit,
                                a row of scope_containers u32, scope_texts u32
    names, name_offsets u32     distinct names in the order (best static rank of their
                                symbols, length, folded, name): any scan in this order
                                may stop as soon as it has enough
    rank_first u32 (257)        first name of each rank
    folded_order u32            names by (folded, row)
    acronym_order u32           names by (acronym, row)
    name_first u32, name_symbols u32    the symbols of each name, by (rank, file, line,
                                column, row)
    letters, heads, bigrams, more_bigrams u64    masks of each name (`index.masks`);
                                empty where there are few names

Invariant: columns never change once made; equal records give equal bytes.
Invariant: a number that points outside is a CorruptionError when it is used.
Invariant: opening reads a few numbers of each section, never a whole one, and needs
no numpy.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from codanna_lsp.errors import CorruptionError
from codanna_lsp.index.names import decode, encode
from codanna_lsp.index.rank import MAX_DEPTH, static_rank
from codanna_lsp.model.facts import FileRecord, Fingerprint

MAX_ROWS = (1 << 31) - 1
SCOPED = 1 << 31  # marks a container that is a row of the scopes
SATURATED_COLUMN = (1 << 16) - 1
SATURATED_WIDTH = (1 << 8) - 1
DIGEST_BYTES = 16
RANK_COUNT = 256
_PLAIN_BYTES = 100_000  # packed facts of so little are faster built without numpy

TYPE_CODES = {
    "texts": "B",
    "text_offsets": "I",
    "paths": "B",
    "path_offsets": "I",
    "file_first": "I",
    "file_language": "I",
    "file_extractor": "I",
    "file_reason": "I",
    "file_size": "Q",
    "file_mtime": "q",
    "file_indexed": "q",
    "file_digests": "B",
    "symbol_names": "I",
    "kinds": "B",
    "flags": "B",
    "lines": "I",
    "columns": "H",
    "widths": "B",
    "containers": "I",
    "scope_containers": "I",
    "scope_texts": "I",
    "names": "B",
    "name_offsets": "I",
    "rank_first": "I",
    "folded_order": "I",
    "acronym_order": "I",
    "name_first": "I",
    "name_symbols": "I",
    "letters": "Q",
    "heads": "Q",
    "bigrams": "Q",
    "more_bigrams": "Q",
}
_OFFSETS = {  # a column of offsets: what it points into
    "text_offsets": "texts",
    "path_offsets": "paths",
    "file_first": "symbol_names",
    "name_offsets": "names",
    "name_first": "name_symbols",
}
_SAME_LENGTH = (  # columns that have one value a row, by what their rows are
    (
        ("file_language", 1),
        ("file_extractor", 1),
        ("file_reason", 1),
        ("file_size", 1),
        ("file_mtime", 1),
        ("file_indexed", 1),
        ("file_digests", DIGEST_BYTES),
    ),
    (
        ("symbol_names", 1),
        ("kinds", 1),
        ("flags", 1),
        ("lines", 1),
        ("columns", 1),
        ("widths", 1),
        ("containers", 1),
        ("name_symbols", 1),
    ),
    (("scope_containers", 1), ("scope_texts", 1)),
    (("folded_order", 1), ("acronym_order", 1)),
    (("letters", 1), ("heads", 1), ("bigrams", 1), ("more_bigrams", 1)),
)


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

    __slots__ = (*TYPE_CODES, "part")

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
        for name, code in TYPE_CODES.items():
            try:
                view = memoryview(sections[name]).cast("B").cast(code)
            except KeyError:
                raise self.damaged(f"section {name} is missing") from None
            except TypeError as error:
                raise self.damaged(f"section {name}: {error}") from error
            setattr(self, name, view)
        self._check_lengths()
        return self

    def sections(self) -> dict[str, memoryview]:
        """The bytes of every section, in the order in which they are drawn."""
        return {name: getattr(self, name).cast("B") for name in TYPE_CODES}

    @property
    def file_count(self) -> int:
        return len(self.file_size)

    @property
    def symbol_count(self) -> int:
        return len(self.symbol_names)

    @property
    def name_count(self) -> int:
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

    def file_of_symbol(self, symbol: int) -> int:
        """The row of the file that declares a symbol."""
        file = bisect_right(self.file_first, symbol) - 1
        if not 0 <= file < self.file_count:
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
        return self._text(self.names, self.name_offsets, row)

    def symbol_name(self, symbol: int) -> str:
        """A symbol's name."""
        return self.name(self._number(self.symbol_names, symbol))

    def symbols_of_name(self, name: int) -> "memoryview[int]":
        """The symbols that bear a name, best rank first."""
        if not 0 <= name < self.name_count:
            raise self.damaged("a name lies outside")
        first, stop = self.name_first[name], self.name_first[name + 1]
        if not first <= stop <= len(self.name_symbols):
            raise self.damaged("the symbols of a name lie outside")
        return self.name_symbols[first:stop]

    def place(self, symbol: int, name: str) -> Place:
        """Kind, flags and position of a symbol with that name."""
        try:
            width, column = self.widths[symbol], self.columns[symbol]
            kind, flags, line = (
                self.kinds[symbol],
                self.flags[symbol],
                self.lines[symbol],
            )
        except IndexError:
            raise self.damaged("a symbol lies outside") from None
        if width in (0, SATURATED_WIDTH):
            width = len(name) if name.isascii() else len(encode(name))
        return Place(kind, flags, line, column, column + width)

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
        index, scope = self.container(symbol, first)
        if index < 0 and not scope:
            return ()
        names: list[str] = []
        while True:
            if scope:
                names.append(scope)
            if index < 0:
                break
            names.append(self.symbol_name(first + index))
            index, scope = self.container(first + index, first)
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
        return static_rank(kind, flags, self.depth(symbol, first))

    def rank_of_name(self, name: int) -> int:
        """The best static rank of the symbols of a name."""
        low, high = 0, RANK_COUNT
        while high - low > 1:
            middle = (low + high) // 2
            if self.rank_first[middle] <= name:
                low = middle
            else:
                high = middle
        return low

    def damaged(self, reason: str) -> CorruptionError:
        """The error that says so, to be raised by the caller."""
        return CorruptionError(
            f"the {self.part} are damaged: {reason}", part=self.part, reason=reason
        )

    def _check_lengths(self) -> None:
        for offsets, target in _OFFSETS.items():
            column: memoryview[int] = getattr(self, offsets)
            if not len(column) or column[0] or column[-1] != len(getattr(self, target)):
                raise self.damaged(f"section {offsets} does not fit {target}")
        for rows in _SAME_LENGTH:
            lengths = {len(getattr(self, name)) // per for name, per in rows}
            exact = all(len(getattr(self, name)) % per == 0 for name, per in rows)
            if len(lengths) != 1 or not exact:
                raise self.damaged(f"sections like {rows[0][0]} differ in length")
        counts = (
            (len(self.path_offsets) - 1, self.file_count),
            (len(self.file_first) - 1, self.file_count),
            (len(self.name_offsets) - 1, self.name_count),
            (len(self.name_first) - 1, self.name_count),
            (len(self.rank_first), RANK_COUNT + 1),
            (
                self.rank_first[RANK_COUNT] if len(self.rank_first) else -1,
                self.name_count,
            ),
            (len(self.letters) or self.name_count, self.name_count),
        )
        if any(have != want for have, want in counts):
            raise self.damaged("the sections' lengths contradict each other")

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
            return decode(data[start:stop])
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
    from codanna_lsp.index.column_build import build_plainly

    if isinstance(records, Sequence):
        if sum(len(record.facts) for record in records) < _PLAIN_BYTES:
            return build_plainly(records)
        records = sorted(records, key=lambda record: record.path)
    from codanna_lsp.index.column_arrays import build_in_bulk

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
    from codanna_lsp.index.column_arrays import merge_in_bulk

    return merge_in_bulk(base, removed_paths, records)
