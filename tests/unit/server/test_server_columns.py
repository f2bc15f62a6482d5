"""Columns of files that are not open, whatever encoding their bytes have."""

from pathlib import Path

import pytest

from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.indexing.own_parsing import OwnParsing
from codanna_lsp.languages.registry import language_of
from codanna_lsp.server.texts.positions import ENCODINGS
from codanna_lsp.server.texts.sources import Sources
from codanna_lsp.workspace.fingerprint import to_source

_LINE = 'grüße = "é"; über = 1\n'


def check_columns(root: Path, data: bytes, name: str, expected: list[int]) -> None:
    """Where a name starts, in UTF-8, UTF-16 and UTF-32 units."""
    (root / "a.py").write_bytes(data)
    text = to_source(data, mtime_ns=0).text
    language = language_of("a.py", text)
    assert language is not None
    symbols = extract_facts(text, language, "a.py").symbols
    (symbol,) = [symbol for symbol in symbols if symbol.name == name]
    sources = Sources(str(root), max_file_size=1_000, own_parsing=OwnParsing)
    columns = [
        sources.columns(
            "a.py", symbol.line, symbol.column, symbol.end_column, encoding=encoding
        )
        for encoding in ENCODINGS
    ]
    assert [column.start for column in columns] == expected
    assert [column.end - column.start for column in columns] == [
        len(name.encode()),
        len(name),
        len(name),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-8-sig"])
def test_a_name_behind_umlauts(tmp_path: Path, encoding: str) -> None:
    check_columns(tmp_path, _LINE.encode(encoding), "über", [16, 13, 13])


def test_utf_8_and_latin_1_in_one_line(tmp_path: Path) -> None:
    data = '𝒳 = "é"; '.encode() + "grüße = 1\n".encode("latin-1")
    check_columns(tmp_path, data, "grüße", [13, 10, 9])
