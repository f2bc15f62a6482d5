"""A small workspace as text, and its symbols as a view."""

from codanna_lsp.index.codec import pack_facts
from codanna_lsp.index.columns import build_columns
from codanna_lsp.index.index_data import IndexData
from codanna_lsp.index.view import View
from codanna_lsp.model.facts import FileFacts, FileRecord, Fingerprint
from codanna_lsp.model.symbol import Symbol, SymbolFlag, SymbolKind
from codanna_lsp.queries.symbol_search import (
    SymbolAnswer,
    SymbolQuestion,
    find_symbols,
)

FLAGS = frozenset(SymbolFlag.__members__)

# A line is a kind, a name, perhaps a scope and flags; what is indented is inside.
WORKSPACE = """
-- src/editor/document.py --
class DocumentSymbolProvider
  method provide
  method _provide_all
  field docSymbols
function document_symbol
function get_user_name
-- src/editor/__init__.py --
function open_editor
-- src/server.ts --
class HTTPServer
  method start
  method handleRequest deprecated
function fileSystemInfo
function startServer
variable starting
-- lib/path/join.go --
function Join
method Close scope=File
struct File
-- lib/straße.c --
function Straße
function İstanbul
function 日本語_parse
-- tests/test_server.py --
function test_start test
class HTTPServer test
"""


def records_of(text: str) -> list[FileRecord]:
    records: list[FileRecord] = []
    for section in text.split("\n-- ")[1:]:
        path, _dashes, body = section.partition(" --\n")
        rows: list[Symbol] = []
        for line in filter(str.strip, body.splitlines()):
            rows.append(symbol_of(line, rows))
        language = {"py": "python", "ts": "typescript"}.get(path.rsplit(".", 1)[1], "c")
        packed = pack_facts(FileFacts(language, tuple(rows), (), (), ()))
        print_ = Fingerprint(len(packed), 1, b"")
        records.append(FileRecord(path, language, print_, "e", 1, "", packed))
    return records


def symbol_of(line: str, before: list[Symbol]) -> Symbol:
    kind, name, *more = line.split()
    scope = next((word[6:] for word in more if word.startswith("scope=")), "")
    flags = sum(SymbolFlag[word.upper()] for word in more if word.upper() in FLAGS)
    outer = [
        row for row, symbol in enumerate(before) if symbol.kind == SymbolKind.CLASS
    ]
    container = outer[-1] if line.startswith("  ") else -1
    size = len(name.encode())
    return Symbol(
        name=name,
        kind=SymbolKind[kind.upper()],
        flags=flags,
        container=container,
        scope=scope,
        line=len(before),
        column=4,
        end_column=4 + size,
        start_line=len(before),
        start_column=0,
        stop_line=len(before),
        stop_column=4 + size,
        signature="",
        doc="",
        type_text="",
    )


def view_of(text: str = WORKSPACE) -> View:
    return View(IndexData(build_columns(records_of(text))))


def ask(text: str, **more: object) -> SymbolAnswer:
    return find_symbols(view_of(), SymbolQuestion(text=text, **more))  # type: ignore[arg-type]
