"""Which symbols of one part may answer a question, many at once: `symbol_filter` with
numpy.

Invariant: says what `PartFilter` says; a near file's symbols are left out, for they
are found otherwise.
"""

import numpy as np
from numpy.typing import NDArray

from codanna_lsp.index.columns import Columns
from codanna_lsp.model.symbol import SymbolFlag
from codanna_lsp.queries.symbol_filter import PartFilter

_UNKNOWN, _NO, _YES = range(3)


class BulkFilter:
    """The judge of many symbols of one part."""

    __slots__ = ("_columns", "_files", "_judge", "_kinds", "allows_all")

    def __init__(
        self, columns: Columns, judge: PartFilter, near: dict[int, int]
    ) -> None:
        self._columns = columns
        self._judge = judge
        self.allows_all = judge.allows_all and not near
        self._files = np.zeros(0, np.uint8)
        self._kinds: NDArray[np.bool_] | None = None
        if self.allows_all:
            return
        first = _UNKNOWN if judge.looks_at_files else _YES
        self._files = np.full(columns.file_count, first, np.uint8)
        for files in (judge.hidden, near):
            self._files[np.fromiter(files, np.int64, len(files))] = _NO
        if judge.kinds is not None:
            self._kinds = np.zeros(256, bool)
            self._kinds[[kind for kind in judge.kinds if 0 <= kind < 256]] = True

    def allowed(
        self, symbols: NDArray[np.uint32], files: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """The places of those that may answer."""
        columns, judge = self._columns, self._judge
        left = np.flatnonzero(self._files[files] != _NO)
        if self._kinds is not None:
            kinds = np.frombuffer(columns.kinds, np.uint8)
            left = left[self._kinds[kinds[symbols[left]]]]
        if judge.no_tests:
            flags = np.frombuffer(columns.flags, np.uint8)
            left = left[flags[symbols[left]] & np.uint8(SymbolFlag.TEST) == 0]
        if judge.looks_at_files:
            left = left[self._judged(files[left])]
        if judge.looks_at_containers:
            pairs = zip(symbols[left].tolist(), files[left].tolist(), strict=True)
            stand = [judge.stands_in(symbol, file) for symbol, file in pairs]
            left = left[np.array(stand, bool)]
        return left

    def _judged(self, files: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the files may be answered from; each is judged once."""
        judged, judge = self._files, self._judge
        for file in np.unique(files[judged[files] == _UNKNOWN]).tolist():
            judged[file] = _YES if judge.allows_file(file) else _NO
        allowed: NDArray[np.bool_] = judged[files] == _YES
        return allowed
