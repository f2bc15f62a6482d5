"""Any damage to an index, at rest or in use: the right answers, told once.

A part of what `python -m tests.faults` goes through.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from tests.faults.rot.harm import (
    Fault,
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
from tests.faults.sourced_index import Sourced
from tests.faults.tally import Tally, judge_each

Faults = Sequence[Fault]


def check(
    cases: Iterable[Faults], judge: Callable[[Faults, Path], Verdict], place: Path
) -> Tally:
    tally = judge_each(Tally("rot"), cases, judge, place, processes=0)
    assert tally.is_good, str(tally)
    return tally


def test_each_file_in_each_way(sourced: Sourced, tmp_path: Path) -> None:
    cases = [(fault,) for fault in single_faults(sourced.folder, flips=1)]
    tally = check(cases, partial(judge, sourced), tmp_path)
    # Between 60 and 70 % were told when last seen; what is silent hit bytes that
    # nothing depends on, or a case that has not been looked at yet.
    assert tally.told > tally.tried // 2


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
    cases = [(fault,) for fault in faults_in_use(sourced.folder, flips=1)]
    tally = check(cases, partial(judge_in_use, sourced), tmp_path)
    assert tally.told > tally.tried // 2


@pytest.mark.parametrize("how", ["delete", "zero page", "append"])
def test_snapshot_in_use(sourced: Sourced, tmp_path: Path, how: str) -> None:
    """The columns that questions look into, or the file that a checkpoint reads."""
    (name,) = [path.name for path in sourced.folder.glob("snapshot-2.bin")]
    verdict = judge_in_use(sourced, (Fault(name, how),), tmp_path / "index")
    assert verdict.told
    assert verdict.is_good, verdict
