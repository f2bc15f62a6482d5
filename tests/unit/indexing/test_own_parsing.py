"""A suspected text that no process could try: not parsed here, said, and tried again."""

from pathlib import Path

import pytest

from codanna_lsp.errors import IndexingError
from codanna_lsp.indexing.own_parsing import OwnParsing
from codanna_lsp.languages.registry import get_language
from codanna_lsp.model.facts import Reason
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.holding.parse_notes import PARSE_NOTES_NAME, ParseNotes
from codanna_lsp.workspace.fingerprint import digest

SOURCE = b"def good(): pass\n"


def test_a_text_that_nobody_could_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / PARSE_NOTES_NAME).write_bytes(digest(SOURCE))
    notes = ParseNotes(RealDisk(), tmp_path)
    said: list[tuple[str, str]] = []
    own = OwnParsing(lambda: notes, lambda path, reason: said.append((path, reason)))

    def asked() -> str:
        python = get_language("python")
        return own.noted(
            SOURCE, python, "a.py", lambda: "parsed", lambda reason: reason
        )

    with monkeypatch.context() as patch:
        patch.setattr("codanna_lsp.indexing.own_parsing.Pool", no_pool)
        assert asked() == Reason.NO_PROCESS
    assert said == [("a.py", Reason.NO_PROCESS)]
    assert asked() == "parsed"
    assert notes.suspects == set()


def no_pool(*_arguments: object, **_named: object) -> None:
    raise IndexingError("no worker process can be started", advice="")
