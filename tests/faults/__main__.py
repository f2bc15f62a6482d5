"""`python -m tests.faults`: every fault, with figures; the exit code says how it went.

Words name the parts to run, all of them without any: rot, pairs, subsets, mixes, in-use,
journals, io, kills. `--kills 50` sets how many servers are killed.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.faults.io_errors import MOST, STRACE, IoError, run_one, series
from tests.faults.live_kills import run_kills
from tests.faults.rot.harm import (
    judge,
    judge_mix,
    mixes,
    pair_faults,
    single_faults,
    subsets,
)
from tests.faults.rot.in_use import faults_in_use, judge_in_use
from tests.faults.rot.journals import journal_faults, judge_journal, shuffled_faults
from tests.faults.sourced_index import Sourced, make_sourced
from tests.faults.tally import Tally, judge_each

FLIPS_IN_USE = 10


def rot(sourced: Sourced, place: Path) -> Tally:
    cases = [(fault,) for fault in single_faults(sourced.folder)]
    tally = Tally("rot: one file")
    return judge_each(tally, cases, partial(judge, sourced), place)


def pairs(sourced: Sourced, place: Path) -> Tally:
    cases = pair_faults(sourced.folder)
    return judge_each(Tally("rot: two parts"), cases, partial(judge, sourced), place)


def some(sourced: Sourced, place: Path) -> Tally:
    cases = subsets(sourced.folder)
    tally = Tally("rot: each subset of stores")
    return judge_each(tally, cases, partial(judge, sourced), place)


def mixed(sourced: Sourced, place: Path) -> Tally:
    tally = Tally("rot: older parts mixed in")
    return judge_each(tally, mixes(), partial(judge_mix, sourced), place)


def in_use(sourced: Sourced, place: Path) -> Tally:
    faults = faults_in_use(sourced.folder, flips=FLIPS_IN_USE)
    cases = [(fault,) for fault in faults]
    tally = Tally("rot: of an index in use")
    judge_each(tally, cases, partial(judge_in_use, sourced), place)
    before_a_look = partial(judge_in_use, sourced, verified=False)
    return judge_each(tally, cases, before_a_look, place)


def journals(sourced: Sourced, place: Path) -> Tally:
    faults = (*journal_faults(sourced.folder), *shuffled_faults(sourced.folder))
    cases = [(fault,) for fault in faults]
    tally = Tally("journal: each byte cut, flipped")
    return judge_each(tally, cases, partial(judge_journal, sourced), place)


def io_errors(_sourced: Sourced, place: Path) -> Tally:
    """Each call of each kind with each error, once and for some calls in a row."""
    tally = Tally("I/O errors")
    if STRACE is None:
        tally.notes = "(skipped: strace is not installed)"
        return tally
    for number, (call, error, stays) in enumerate(series()):
        for at in range(1, MOST):
            fault = IoError(call, error, at, stays)
            verdict = run_one(fault, place / f"run-{number}-{at}")
            if verdict is None:
                break
            tally.add(fault, verdict)
    return tally


def kills(_sourced: Sourced, place: Path, *, count: int) -> Tally:
    return run_kills(place / "kills", count)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--kills", type=int, default=200)
    given = parser.parse_args()
    runs: dict[str, Callable[[Sourced, Path], Tally]] = {
        "rot": rot,
        "pairs": pairs,
        "subsets": some,
        "mixes": mixed,
        "in-use": in_use,
        "journals": journals,
        "io": io_errors,
        "kills": partial(kills, count=given.kills),
    }
    ram = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with tempfile.TemporaryDirectory(dir=ram if ram.is_dir() else None) as name:
        place = Path(name).resolve()
        os.environ |= {"CODANNA_RAISE_BUGS": "1", "XDG_CACHE_HOME": name}
        sourced = make_sourced(place / "sourced")
        good = True
        for part in given.parts or runs:
            (place / part).mkdir()
            started = time.monotonic()
            tally = runs[part](sourced, place / part)
            print(f"{tally} [{time.monotonic() - started:.0f} s]", flush=True)
            good = good and tally.is_good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
