"""What is parsed in this process, which a grammar may end or never give back.

Invariant: a text that this process's forerunner was parsing when it died is parsed here
    only after a process of its own has come through it.
"""

import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from codanna_lsp.errors import IndexingError
from codanna_lsp.extraction.reparse import KeptTrees
from codanna_lsp.indexing.pool import WORKER_MODULE, Pool
from codanna_lsp.indexing.records import PARSER_FAILURES
from codanna_lsp.languages.language import Language
from codanna_lsp.languages.registry import language_of
from codanna_lsp.model.facts import Reason
from codanna_lsp.settings import Settings
from codanna_lsp.store.holding.parse_notes import ParseNotes
from codanna_lsp.workspace.fingerprint import digest

_Result = TypeVar("_Result")


def no_notes() -> None:
    """Where there is no index folder to note anything in."""


class OwnParsing:
    """The parses of one root in this process; for any thread.

    notes: asked for at each parse. on_refused: is told the path and the Reason of a text
    that is not parsed: once, or each time where no process could try it. worker_module: of the process that tries a text.
    kept: the trees of what was saved or shown last; see `extract_facts`.
    """

    def __init__(
        self,
        notes: Callable[[], ParseNotes | None] = no_notes,
        on_refused: Callable[[str, str], None] = lambda _path, _reason: None,
        *,
        worker_module: str = WORKER_MODULE,
    ) -> None:
        self._notes = notes
        self._on_refused = on_refused
        self._worker_module = worker_module
        self._refused: dict[bytes, str] = {}
        self.kept = KeptTrees()

    def noted(
        self,
        source: bytes,
        language: Language,
        path: str,
        parse: Callable[[], _Result],
        refuse: Callable[[str], _Result],
    ) -> _Result:
        """What `parse` makes of the source; or `refuse` of the Reason, where that would
        end this process.
        """
        notes = self._notes()
        if notes is None:
            return parse()
        key = digest(source)
        if key in notes.suspects:
            reason = self._refused.get(key)
            if reason is None:
                reason = self._tried(source, language, path)
            if reason in PARSER_FAILURES:
                if key not in self._refused:
                    self._on_refused(path, reason)
                if reason != Reason.NO_PROCESS:  # which may be there the next time
                    self._refused[key] = reason
                return refuse(reason)
            notes.end(key)
        notes.begin(key)
        try:
            return parse()
        finally:
            notes.end(key)

    def _tried(self, source: bytes, language: Language, path: str) -> str:
        """The Reason that the source gets from a process of its own."""
        name = Path(path).name
        if language_of(name, source) is not language:
            name = f"text{language.extensions[0]}"
        settings = Settings(max_file_size_bytes=len(source) + 1)
        try:
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, name).write_bytes(source)
                pool = Pool(folder, settings, workers=1, module=self._worker_module)
                with closing(pool):
                    ((found,),) = pool.run([[name]])
        except (IndexingError, OSError):
            return Reason.NO_PROCESS
        return found.reason
