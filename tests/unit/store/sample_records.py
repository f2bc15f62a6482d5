"""Records of made-up files, with all that a record can hold."""

from pathlib import Path

from codanna_lsp.index.codec import pack_facts
from codanna_lsp.index.columns import build_columns
from codanna_lsp.model.facts import FileFacts, FileRecord, Fingerprint
from codanna_lsp.model.imports import Import
from codanna_lsp.model.relation import Relation, RelationKind
from codanna_lsp.model.symbol import Symbol, SymbolKind
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.metadata import FORMAT, IndexMetadata
from codanna_lsp.store.snapshots.snapshot import SnapshotInfo, write_snapshot


def sample_record(number: int, *, version: int = 0) -> FileRecord:
    """One file; every seventh path is no UTF-8, every eleventh has no facts."""
    path = f"src/module_{number}.py" if number % 7 else f"src/\udce9t\u00e9_{number}.py"
    packed, reason = pack_facts(sample_facts(number, version=version)), ""
    if number % 11 == 10:
        packed, reason = b"", "over the size limit"
    return FileRecord(
        path=path,
        language="python",
        fingerprint=Fingerprint(
            number * 1000, -5 + number, bytes(range(number % 99 + 1, number % 99 + 17))
        ),
        extractor=f"{number % 3:016x}",
        indexed_ns=1_764_000_000_000_000_000 + number,
        reason=reason,
        facts=packed,
    )


def samples(count: int) -> list[FileRecord]:
    """That many records, by path."""
    return sorted(map(sample_record, range(count)), key=lambda record: record.path)


def written_snapshot(folder: Path, records: list[FileRecord]) -> SnapshotInfo:
    """A snapshot of generation 3 of the records, on the real disk."""
    blobs = (record.facts for record in records)
    columns = build_columns(records)
    return write_snapshot(
        RealDisk(), folder, generation=3, columns=columns, blobs=blobs
    )


def sample_facts(number: int, *, version: int = 0) -> FileFacts:
    """A class with a method, a call and an import; names tell number and version."""
    names = (f"Widget{number}", f"getValue_{number}_{version}")
    rows = (
        (names[0], SymbolKind.CLASS, -1, "Shows a \u00fcberblick of things.", ""),
        (names[1], SymbolKind.METHOD, 0, "", "int"),
    )
    symbols = tuple(
        Symbol(
            name=name,
            kind=kind,
            flags=0,
            container=container,
            scope="",
            line=row,
            column=4,
            end_column=4 + len(name),
            start_line=row,
            start_column=0,
            stop_line=row + 2,
            stop_column=0,
            signature=f"def {name}",
            doc=doc,
            type_text=type_text,
        )
        for row, (name, kind, container, doc, type_text) in enumerate(rows)
    )
    call = Relation(RelationKind.CALLS, 1, f"helper_{number}", "self.items", 2, 8)
    taken = Import("np", "numpy", "", reexport=False, line=0, column=7)
    mentioned = ("shared_name", f"lonely_{number}", "operator ==", "\ud800odd")
    return FileFacts("python", symbols, (call,), (taken,), mentioned)


def sample_metadata(generation: int, file_count: int) -> IndexMetadata:
    """The metadata of a generation of sample records."""
    return IndexMetadata(
        FORMAT, generation, 1_764_000_000_000_000_000, 7, file_count, "ab" * 16
    )
