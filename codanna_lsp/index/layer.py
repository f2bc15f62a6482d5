"""One layer of changes over the base: records by path, columns when first asked.

Invariant: a layer's records never change; what is derived from them is the same
whoever derives it first, so no lock is needed.
"""

from collections.abc import Mapping

from codanna_lsp.errors import CodecError
from codanna_lsp.index.columns import Columns, build_columns
from codanna_lsp.index.readable import readable
from codanna_lsp.model.facts import FileRecord

_FEW_RECORDS = 64
RECORD_WEIGHT_BYTES = 256  # what a record without facts counts for


class Layer:
    """Changed records, and None for each removed path, over one base."""

    __slots__ = ("_base", "_base_rows", "_columns", "_row_of_path", "records", "weight")

    def __init__(
        self,
        base: Columns,
        records: Mapping[str, FileRecord | None],
        *,
        base_rows: frozenset[int] | None = None,
    ) -> None:
        self._base = base
        self._columns: Columns | None = None
        self._base_rows = base_rows
        self._row_of_path: dict[str, int] | None = None
        self.records = records
        self.weight = sum(
            RECORD_WEIGHT_BYTES + (len(record.facts) if record else 0)
            for record in records.values()
        )

    @property
    def columns(self) -> Columns:
        """The columns of the changed records."""
        if self._columns is None:
            records = [record for record in self.records.values() if record]
            try:
                self._columns = build_columns(records)
            except CodecError:
                self._columns = build_columns([readable(record) for record in records])
        return self._columns

    @property
    def row_of_path(self) -> dict[str, int]:
        """The rows of the columns' files."""
        if self._row_of_path is None:
            paths = sorted(path for path, record in self.records.items() if record)
            self._row_of_path = {path: row for row, path in enumerate(paths)}
        return self._row_of_path

    @property
    def base_rows(self) -> frozenset[int]:
        """The files of the base that this layer hides."""
        if self._base_rows is None:
            rows = map(self._base.file_of_path, self.records)
            self._base_rows = frozenset(row for row in rows if row is not None)
        return self._base_rows

    def under(self, newer: "Layer") -> "Layer":
        """One layer that says what both say, the newer one winning."""
        known = self._base_rows
        if known is not None and len(newer.records) <= _FEW_RECORDS:
            known |= newer.base_rows
        else:
            known = None  # looked up when a question comes: nobody may ask for long
        return Layer(self._base, {**self.records, **newer.records}, base_rows=known)
