"""Figures of a run of faults, and what went wrong in it."""

import dataclasses
import shutil
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from tests.faults.rot.harm import Verdict

MAX_SHOWN = 20

_Case = TypeVar("_Case")


@dataclasses.dataclass(slots=True)
class Tally:
    """Counts of one kind of fault; `troubles` names the cases that went wrong."""

    name: str
    tried: int = 0
    told: int = 0
    torn: int = 0
    lost: int = 0
    wrong: int = 0
    unseen: int = 0
    deaths: int = 0
    notes: str = ""
    troubles: list[str] = dataclasses.field(default_factory=list[str])

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, wrong or unseen, and nothing died."""
        return not (self.lost or self.wrong or self.unseen or self.deaths)

    def add(self, case: object, verdict: Verdict) -> None:
        """Count one case."""
        self.tried += 1
        self.told += verdict.told
        self.torn += verdict.torn and not verdict.told
        self.lost += verdict.lost
        self.wrong += verdict.wrong
        self.unseen += verdict.unseen
        if not verdict.is_good:
            self.troubles.append(f"{case}: {verdict}")

    def died(self, case: object, how: str) -> None:
        """Count one case in which the process ended."""
        self.tried += 1
        self.deaths += 1
        self.troubles.append(f"{case}: {how}")

    def __str__(self) -> str:
        rest = self.tried - self.told - self.torn
        text = (
            f"{self.name:<34} {self.tried:>6,} tried {self.told:>6,} told"
            f" {self.torn:>5,} as torn {rest:>5,} harmless | lost {self.lost}"
            f" wrong {self.wrong} unseen {self.unseen} deaths {self.deaths}"
        )
        shown = [f"    {text}" for text in self.troubles[:MAX_SHOWN]]
        return "\n".join([f"{text} {self.notes}".rstrip(), *shown])


def judge_each(
    tally: Tally,
    cases: Iterable[_Case],
    judge: Callable[[_Case, Path], Verdict],
    place: Path,
    *,
    processes: int = 1,
) -> Tally:
    """Judge every case, each with a folder of its own; a death ends only its own.

    processes: 0 judges in this process, for tests that want to see an exception.
    """
    named = [(case, place / f"case-{number}") for number, case in enumerate(cases)]
    if not processes:
        for case, folder in named:
            tally.add(case, judge(case, folder))
        return tally
    context = get_context("spawn")
    while named:
        with ProcessPoolExecutor(processes, mp_context=context) as pool:
            sent = [(case, pool.submit(_judged, judge, case, at)) for case, at in named]
            for number, (case, future) in enumerate(sent):
                try:
                    verdict = future.result()
                except BrokenProcessPool:
                    tally.died(case, "the process ended")
                    named = named[number + 1 :]
                    break
                if isinstance(verdict, str):
                    tally.died(case, verdict)
                else:
                    tally.add(case, verdict)
            else:
                return tally
    return tally


def _judged(
    judge: Callable[[_Case, Path], Verdict], case: _Case, folder: Path
) -> Verdict | str:
    """The verdict, or what was raised, as text: not every exception can be sent."""
    shutil.rmtree(folder, ignore_errors=True)  # of a process that ended meanwhile
    try:
        return judge(case, folder)
    except BaseException:  # noqa: BLE001 - it is a case gone wrong
        shutil.rmtree(folder, ignore_errors=True)
        return f"raised {traceback.format_exc(limit=-4)}"
