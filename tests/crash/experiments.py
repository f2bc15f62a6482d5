"""The experiments: which runs are recorded, and how many of their states are judged.

Each model's kill states are few and the ordered and weak ones many, so those are drawn
with a seed where there are more than an experiment's cap.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.crash.crash_states import KILL, ORDERED
from tests.crash.judge import AFTER_A_CRASH
from tests.crash.laboratory import Experiment, Figures, Judges, record
from tests.crash.recorded import INDEX, KILLED_AT
from tests.crash.recoveries import Recovery
from tests.crash.sabotage import SABOTAGES

RAM_DISK = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
SOURCE_FILES = 12


class Crash(NamedTuple):
    """A run to be interrupted. before: parts that are done first. cap: states a model."""

    part: str
    before: tuple[str, ...]
    cap: int


CRASHES = (
    Crash("saves", (), 300),
    Crash("first index", (), 150),
    Crash("later", ("saves",), 150),
    Crash("beside", ("saves",), 100),
    Crash("save, kill, save", ("saves",), 100),
    Crash("checkpoint, kill, save", ("saves",), 100),
    *(Crash(f"{KILLED_AT}{number}", ("saves",), 15) for number in range(3, 90, 14)),
)
RECOVERY_CAP = 48
SABOTAGED_PART = "saves"


class Laboratory:
    """A place for worlds, and judges. seed: of every draw."""

    def __init__(self, place: Path, *, seed: int = 0) -> None:
        self._place = place
        self._seed = seed
        self._judges = Judges(place)
        self._number = 0

    def close(self) -> None:
        """End the judges."""
        self._judges.close()

    def crash(self, crash: Crash, *, cap: int | None = None) -> Figures:
        """Interrupt one run at every point; cap: instead of its own, 0 for none."""
        return self._judged(self.states_of(crash, cap=cap))

    def states_of(self, crash: Crash, *, cap: int | None = None) -> Experiment:
        """What `crash` judges, to be judged otherwise."""
        with self._world(crash.before) as world:
            run = record(crash.part, world)
        most = crash.cap if cap is None else cap
        return Experiment(run, seed=self._seed, cap=most)

    def crash_in_recovery(
        self, recovery: Recovery, *, cap: int | None = None
    ) -> Figures:
        """Interrupt one recovery at every point, under kill and ordered."""
        with self._world(recovery.before) as world:
            recovery.damage(world / INDEX)
            run = record("recovery", world)
        experiment = Experiment(
            run,
            models=(KILL, ORDERED),
            seed=self._seed,
            allowed=AFTER_A_CRASH | set(recovery.codes),
            suspect=recovery.suspect,
            cap=RECOVERY_CAP if cap is None else cap,
        )
        return self._judged(experiment)

    def sabotage(self, name: str) -> Figures:
        """Look for a state that gives a broken protocol away, until one does."""
        with self._world(()) as world:
            run = record(SABOTAGED_PART, world, sabotage=name)
        model = SABOTAGES[name].model
        experiment = Experiment(run, models=(model,), seed=self._seed, cap=400)
        return self._judges.judge(experiment, stop_at_first=True)

    def _judged(self, experiment: Experiment) -> Figures:
        return self._judges.judge(experiment, goes_on_each=3)

    @contextmanager
    def _world(self, before: Iterable[str]) -> Generator[Path]:
        """A world in which these parts have been done; gone at the end."""
        self._number += 1
        home = self._place / f"world-{self._number}"
        world = home / "world"
        world.mkdir(parents=True)
        _write_sources(home / "sources")
        for part in before:
            record(part, world, check=not part.startswith("killed"))
        yield world
        shutil.rmtree(home)


@contextmanager
def laboratory(*, seed: int = 0) -> Generator[Laboratory]:
    """A laboratory in memory, where there is a RAM disk: no sync has to be waited for."""
    place = str(RAM_DISK) if RAM_DISK.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place, prefix="codanna-crash-") as folder:
        lab = Laboratory(Path(folder), seed=seed)
        try:
            yield lab
        finally:
            lab.close()


def can_record() -> bool:
    """Whether strace is here and may look at other processes."""
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-o", os.devnull, sys.executable, "-c", ""],
        check=False,
        stderr=subprocess.DEVNULL,
    )
    return tried.returncode == 0


def _write_sources(folder: Path) -> None:
    """Some files for the index run, in three languages."""
    folder.mkdir()
    for number in range(SOURCE_FILES):
        python = f"class Shape{number}:\n    def area(self):\n        return side({number})\n"
        (folder / f"shape_{number}.py").write_text(python)
        go = f"package main\n\nfunc Run{number}() int {{ return {number} }}\n"
        (folder / f"run_{number}.go").write_text(go)
    (folder / "list.c").write_text("struct node { int value; };\n")
