"""A small Tantivy folder of sample records, and what is in one."""

from pathlib import Path

from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.search.search_index import (
    build_search_index,
    read_search_index,
)
from tests.unit.store.sample_records import (
    sample_metadata,
    sample_record,
)

DISK = RealDisk()
COUNT = 60


def build(folder: Path, count: int) -> str:
    """A folder of generation 1; gives its checksum."""
    records = map(sample_record, range(count))
    return build_search_index(folder, records, sample_metadata(1, count), disk=DISK)


def content(folder: Path) -> dict[str, FileRecord]:
    """All records by path, none of them twice."""
    metadata, records = read_search_index(folder)
    found = list(records)
    assert len(found) == metadata.file_count
    by_path = {record.path: record for record in found}
    assert len(by_path) == len(found)
    return by_path


def record_map(*numbers: int, version: int = 0) -> dict[str, FileRecord]:
    """Sample records by path."""
    records = [sample_record(number, version=version) for number in numbers]
    return {record.path: record for record in records}
