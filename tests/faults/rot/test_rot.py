"""Any damage to an index, at rest or in use: the right answers, told once.

A part of what `python -m tests.faults` goes through.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from codanna_lsp.store.journals.journal import HEADER_BYTES
from codanna_lsp.store.snapshots.snapshot_format import read_table
from tests.faults.rot.fault import WHOLE, Fault, find_files
from tests.faults.rot.harm import (
    Verdict,
    judge,
    judge_mix,
    mixes,
    pair_faults,
    single_faults,
    subsets,
)
from tests.faults.rot.in_use import faults_in_use, judge_in_use
from tests.faults.rot.journals import journal_faults, judge_journal, shuffled_faults
from tests.faults.rot.silence import why_silent
from tests.faults.sourced_index import Sourced
from tests.faults.tally import Tally, judge_each

Faults = Sequence[Fault]


SPARES = (
    "journal-3.wal",
    "snapshot-1.bin",
    "tantivy-1/.tantivy-meta.lock",
    "tantivy-1/.tantivy-writer.lock",
    "writer.lock",
)
SILENT = {
    *((name, how) for name in SPARES for how in WHOLE),
    ("index.meta", "minus one"),
    ("journal-4.wal", "append"),
    *(("journal-5.wal", how) for how in ("append", "half", "minus one")),
    *(("tantivy-1/.managed.json", how) for how in ("delete", "minus one")),
}
"""Of damage to a whole file at rest, all that may pass in silence."""
SILENT_IN_USE = {
    *(SILENT - {("writer.lock", "delete")}),
    *(("index.meta", how) for how in WHOLE),
} - {("journal-5.wal", "half"), ("journal-5.wal", "minus one")}
SEGMENT_FILES = 13
RELEASE_BITS = 13
"""Bits whose flip makes another release out of Tantivy's 0.27.0, in each file."""


def check(
    cases: Iterable[Faults], judge: Callable[[Faults, Path], Verdict], place: Path
) -> Tally:
    tally = judge_each(Tally("rot"), cases, judge, place, processes=0)
    assert tally.is_good, str(tally)
    return tally


def test_each_file_in_each_way(sourced: Sourced, tmp_path: Path) -> None:
    """What `why_silent` lists is silent, and all else is told."""
    cases = [(fault,) for fault in single_faults(sourced.folder, flips=1)]
    tally = check(cases, partial(judge, sourced), tmp_path)
    must = [fault for (fault,) in cases if not why_silent(sourced.folder, fault)]
    assert tally.told == len(must)


@pytest.mark.parametrize("in_use", [False, True], ids=["at rest", "in use"])
def test_what_may_be_silent_of_whole_files(sourced: Sourced, *, in_use: bool) -> None:
    """Each such fault by its name: the list cannot grow unseen."""
    silent = {
        (fault.name, fault.how)
        for fault in single_faults(sourced.folder, flips=0)
        if why_silent(sourced.folder, fault, in_use=in_use)
    }
    assert silent == (SILENT_IN_USE if in_use else SILENT)


def test_what_may_be_silent_of_single_bits(sourced: Sourced) -> None:
    silent: dict[str, int] = {}
    for name in find_files(sourced.folder):
        size = (sourced.folder / name).stat().st_size
        flips = (f"flip {at}.{bit}" for at in range(size) for bit in range(8))
        faults = (Fault(name, how) for how in flips)
        count = sum(bool(why_silent(sourced.folder, fault)) for fault in faults)
        silent[name] = count
    size = (sourced.folder / "journal-5.wal").stat().st_size
    segments = [
        name for name in silent if name.startswith("tantivy-1/") and "." in name
    ]
    segments = [name for name in segments if len(Path(name).stem) > 20]
    assert [silent.pop(name) for name in segments] == [RELEASE_BITS] * SEGMENT_FILES
    for name in SPARES:
        assert silent.pop(name) == 8 * (sourced.folder / name).stat().st_size
    # A hexadecimal digit that becomes another one, or a digit of a number.
    digits = silent.pop("tantivy-1/.managed.json")
    assert 0 < digits < 8 * 40 * SEGMENT_FILES / 2
    assert silent == {
        "index.meta": 0,
        "journal-4.wal": 0,
        "journal-5.wal": 8 * (size - HEADER_BYTES),
        "snapshot-2.bin": 0,
        "tantivy-1/meta.json": 0,
    }


def test_two_parts_at_once(sourced: Sourced, tmp_path: Path) -> None:
    cases = islice(pair_faults(sourced.folder), 0, None, 5)
    assert check(cases, partial(judge, sourced), tmp_path).told > 15


def test_each_subset_of_the_stores(sourced: Sourced, tmp_path: Path) -> None:
    assert check(subsets(sourced.folder), partial(judge, sourced), tmp_path).told > 10


@pytest.mark.parametrize("parts", list(mixes()), ids="+".join)
def test_older_parts_of_the_same_index(
    sourced: Sourced, tmp_path: Path, parts: tuple[str, ...]
) -> None:
    verdict = judge_mix(sourced, parts, tmp_path / "index")
    assert verdict.is_good, verdict


def test_journals_cut_and_flipped(sourced: Sourced, tmp_path: Path) -> None:
    faults = islice(journal_faults(sourced.folder), 0, None, 19)
    cases = [(fault,) for fault in (*faults, *shuffled_faults(sourced.folder))]
    assert check(cases, partial(judge_journal, sourced), tmp_path).told > 50


def test_damage_in_use(sourced: Sourced, tmp_path: Path) -> None:
    folder = sourced.folder
    cases = [(fault,) for fault in faults_in_use(folder, flips=1)]
    tally = check(cases, partial(judge_in_use, sourced), tmp_path)
    must = [one for (one,) in cases if not why_silent(folder, one, in_use=True)]
    assert tally.told == len(must)


def test_damage_in_use_before_the_first_look(sourced: Sourced, tmp_path: Path) -> None:
    cases = islice(faults_in_use(sourced.folder, flips=1), 0, None, 5)
    judge_early = partial(judge_in_use, sourced, verified=False)
    check(((fault,) for fault in cases), judge_early, tmp_path)


def test_every_column_in_use(sourced: Sourced, tmp_path: Path) -> None:
    """A run that meets damaged columns recovers them, and then does its work."""
    name = "snapshot-2.bin"
    table, _ = read_table(name, memoryview((sourced.folder / name).read_bytes()))
    cases = [
        (Fault(name, f"flip {section.offset + at}.{bit}"),)
        for section in table.sections
        if section.length
        for at, bit in ((0, 7), (section.length - 2, 1))
    ]
    tally = check(cases, partial(judge_in_use, sourced), tmp_path)
    assert tally.told == tally.tried


@pytest.mark.parametrize("how", ["delete", "zero page", "append"])
def test_snapshot_in_use(sourced: Sourced, tmp_path: Path, how: str) -> None:
    """The columns that questions look into, or the file that a checkpoint reads."""
    (name,) = [path.name for path in sourced.folder.glob("snapshot-2.bin")]
    verdict = judge_in_use(sourced, (Fault(name, how),), tmp_path / "index")
    assert verdict.told
    assert verdict.is_good, verdict
