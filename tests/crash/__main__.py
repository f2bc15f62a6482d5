"""Every crash that the laboratory knows, with its figures: `python -m tests.crash`.

Takes about ten minutes on two cores. `--all` judges every unique state instead of the
drawn ones, which takes hours; `--only WORDS` does the experiments whose name holds them.
Ends with 1 when a promise was broken or a sabotage was not caught.
"""

import argparse
import sys
import time

from tests.crash.crash_states import KILL, ORDERED, WEAK
from tests.crash.experiments import CRASHES, Laboratory, can_record, laboratory
from tests.crash.judge import LOST, RIGHT, WRONG
from tests.crash.laboratory import Figures
from tests.crash.recoveries import RECOVERIES
from tests.crash.sabotage import SABOTAGES

_ROW = "{:<34}{:>7}{:>8}{:>7}{:>7}{:>8}{:>7}{:>8}{:>8}{:>6}{:>6}{:>7}"
_SHOWN_FAILURES = 20
PARTS = ("crashes", "recoveries", "sabotages")


def main() -> int:
    """Do the experiments, print what they found; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--all", action="store_true", help="judge every unique state")
    parser.add_argument("--only", default="", metavar="WORDS")
    parser.add_argument("--part", choices=PARTS, help="only this one of the three")
    options = parser.parse_args()
    if not can_record():
        print("strace is not here, or may not look at processes: nothing is recorded")
        return 2
    started = time.monotonic()
    cap = 0 if options.all else None
    with laboratory(seed=options.seed) as lab:
        parts = (options.part,) if options.part else PARTS
        broken = 0
        if "crashes" in parts:
            broken += do_crashes(lab, cap, options.only).bad
        if "recoveries" in parts:
            broken += do_recoveries(lab, cap, options.only).bad
        if "sabotages" in parts:
            broken += do_sabotages(lab, options.only)
    print(f"seed {options.seed}, {time.monotonic() - started:.0f} s")
    return 1 if broken else 0


def do_crashes(lab: Laboratory, cap: int | None, only: str) -> Figures:
    """Interrupt every run."""
    heading("A crash in")
    total = Figures()
    for crash in CRASHES:
        if only in crash.part:
            total.add(explained(shown(crash.part, lab.crash(crash, cap=cap))))
    return shown("all crashes", total)


def do_recoveries(lab: Laboratory, cap: int | None, only: str) -> Figures:
    """Interrupt every recovery."""
    heading("A crash in the recovery of")
    total = Figures()
    for recovery in RECOVERIES:
        if only in recovery.name:
            found = lab.crash_in_recovery(recovery, cap=cap)
            total.add(explained(shown(recovery.name, found)))
    return shown("all crashes in recovery", total)


def do_sabotages(lab: Laboratory, only: str) -> int:
    """Try every broken protocol; how many were not caught."""
    print("\nA broken protocol, and what gave it away")
    caught = tried = 0
    for name, sabotage in SABOTAGES.items():
        if only not in name:
            continue
        found = lab.sabotage(name)
        tried += 1
        caught += found.bad > 0
        told = found.failures[0] if found.failures else "NOT CAUGHT"
        print(f"{name} ({sabotage.words}), after {found.judged} states: {told}")
    print(f"sabotages caught: {caught} of {tried}", flush=True)
    return tried - caught


def heading(title: str) -> None:
    """The head of a table: what there may be, how much was tried, what was found."""
    print("\n" + " " * 34 + "states                unique")
    names = (KILL, ORDERED, WEAK, KILL, ORDERED, WEAK)
    print(_ROW.format(title, *names, "tried", RIGHT, LOST, WRONG, "unseen"))


def shown(name: str, found: Figures) -> Figures:
    """Print a row."""
    models = (KILL, ORDERED, WEAK)
    counts = [*(found.states[m] for m in models), *(found.unique[m] for m in models)]
    verdicts = [found.verdicts[verdict] for verdict in (RIGHT, LOST, WRONG)]
    print(_ROW.format(name, *counts, found.judged, *verdicts, found.unseen), flush=True)
    return found


def explained(found: Figures) -> Figures:
    """Print which promises were broken."""
    for failure in found.failures[:_SHOWN_FAILURES]:
        print(f"  {failure}", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
