"""Record, enumerate, recover, judge: one experiment after the other.

Invariant: every state is recovered in a folder of its own, and gone afterwards.
"""

import contextlib
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.crash_states import MODELS, CrashState, CrashStates, unique_states
from tests.crash.judge import AFTER_A_CRASH, RIGHT, WRONG, Case, Verdict
from tests.crash.system_calls import TRACED, Recording, read_recording, read_world

REPOSITORY = Path(__file__).parents[2]
TEXT_LIMIT = 1 << 27
"""More bytes of one write than any of these runs makes."""
CHILD_STATES = 400
"""So many states are judged by one warm child; then another takes its place."""


@dataclass(frozen=True, slots=True)
class Run:
    """A recorded run. acks: (serial, digest) as they were said; the first was before."""

    recording: Recording
    acks: tuple[tuple[int, str], ...]

    @property
    def states(self) -> dict[str, str]:
        """The digest of each state that existed, by its serial."""
        return {str(serial): digest for serial, digest in self.acks}


@dataclass(slots=True)
class Figures:
    """What became of the states that were judged.

    states: by model, with repetitions. unique: by model. seconds: of CPU time.
    unseen: broken promises of which no load said anything. failures: in words.
    """

    states: Counter[str] = field(default_factory=Counter[str])
    unique: Counter[str] = field(default_factory=Counter[str])
    verdicts: Counter[str] = field(default_factory=Counter[str])
    codes: Counter[str] = field(default_factory=Counter[str])
    unseen: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list[str])

    @property
    def judged(self) -> int:
        """How many states were recovered."""
        return self.verdicts.total()

    @property
    def bad(self) -> int:
        """How many of them break a promise."""
        return self.judged - self.verdicts[RIGHT]

    def add(self, other: "Figures") -> None:
        """Take in what another experiment found."""
        self.states += other.states
        self.unique += other.unique
        self.verdicts += other.verdicts
        self.codes += other.codes
        self.unseen += other.unseen
        self.seconds += other.seconds
        self.failures += other.failures

    def note(self, state: CrashState, verdict: Verdict) -> None:
        """Count one verdict."""
        self.verdicts[verdict.verdict] += 1
        self.codes.update(set(verdict.codes))
        self.seconds += verdict.seconds
        if verdict.verdict != RIGHT:
            self.unseen += not verdict.codes
            self.failures.append(
                f"{verdict.verdict}: {state.model}, crash after event {state.point}"
                f" (acknowledged: {state.acked.split()[:1]}): {verdict.reason}"
            )


def record(part: str, world: Path, *, sabotage: str = "", check: bool = True) -> Run:
    """Run a part in a world under strace; the world is changed.

    check: false for a part that kills itself.
    """
    before = read_world(world)
    acks = world.with_name(f"{world.name}.acks")
    trace = world.with_name(f"{world.name}.trace")
    given = [part, str(world), str(acks), *filter(None, [sabotage])]
    subprocess.run(
        [
            *("strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", str(TEXT_LIMIT)),
            # A "?" lets strace pass over calls that this processor does not have.
            *("-e", "trace=" + ",".join(f"?{name}" for name in TRACED)),
            *("-o", str(trace)),
            *(sys.executable, "-m", "tests.crash.recorded", *given),
        ],
        check=check,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    text = trace.read_text(encoding="ascii")
    recording = read_recording(text, place=world, acks=acks, before=before)
    said = (line.split() for line in acks.read_text().splitlines())
    trace.unlink()
    acks.unlink()
    return Run(recording, tuple((int(serial), digest) for serial, digest in said))


class Experiment:
    """The states of one run, and what they are judged by.

    allowed: codes that a recovery may tell. suspect: see judge.Case. cap: so many states
    are drawn, all when it is 0.
    """

    def __init__(
        self,
        run: Run,
        *,
        models: Sequence[str] = MODELS,
        seed: int = 0,
        allowed: Iterable[str] = AFTER_A_CRASH,
        suspect: bool = False,
        cap: int = 0,
    ) -> None:
        self.figures = Figures()
        self._run = run
        self._allowed = sorted(allowed)
        self._suspect = suspect
        self._states = CrashStates(run.recording, seed=seed)
        listed = list(self._states.enumerate(models))
        self.figures.states.update(state.model for state in listed)
        for model in models:
            own = unique_states(state for state in listed if state.model == model)
            self.figures.unique[model] = len(own)
        every = unique_states(listed).values()
        self.unique = _drawn(every, cap or len(listed), random.Random(seed))

    def case(self, state: CrashState, place: Path, *, goes_on: bool) -> Case:
        """Lay out a state; how it is to be judged."""
        for path, key in state.files:
            target = place / path
            if key == "":
                target.mkdir(mode=0o700)
            else:
                target.write_bytes(self._states.contents[key])
        acked = int(state.acked.split()[0]) if state.acked else self._run.acks[0][0]
        return Case(
            str(place),
            self._run.states,
            acked,
            self._allowed,
            self._suspect,
            goes_on,
        )


def _drawn(
    states: Iterable[CrashState], cap: int, draw: random.Random
) -> list[CrashState]:
    """At most so many states of each model, in no order."""
    by_model: dict[str, list[CrashState]] = {}
    for state in states:
        by_model.setdefault(state.model, []).append(state)
    drawn = [
        state
        for group in by_model.values()
        for state in draw.sample(group, min(cap, len(group)))
    ]
    draw.shuffle(drawn)
    return drawn


class Judges:
    """Warm children that judge, as many as there are cores; end them with `close`."""

    def __init__(self, place: Path, *, count: int = 2) -> None:
        self._place = place
        self._count = count
        self._number = 0
        self._lock = threading.Lock()
        self._idle: list[_Child] = []

    def close(self) -> None:
        """End the children."""
        while self._idle:
            self._idle.pop().close()

    def judge(
        self,
        experiment: Experiment,
        *,
        stop_at_first: bool = False,
        goes_on_each: int = 1,
    ) -> Figures:
        """Judge every unique state; with `stop_at_first` only until one is not right.

        goes_on_each: after every so many-th state a save and a checkpoint are tried.
        """
        waiting: queue.SimpleQueue[tuple[int, CrashState]] = queue.SimpleQueue()
        for one in enumerate(experiment.unique):
            waiting.put(one)
        over = threading.Event()

        def work() -> None:
            child = self._take_child()
            with contextlib.suppress(queue.Empty):
                while not over.is_set():
                    number, state = waiting.get_nowait()
                    child = child if child.is_fit else self._replaced(child)
                    place = self._next_place()
                    goes_on = number % goes_on_each == 0
                    case = experiment.case(state, place, goes_on=goes_on)
                    verdict = child.judge(case)
                    shutil.rmtree(place, ignore_errors=True)
                    with self._lock:
                        experiment.figures.note(state, verdict)
                    if stop_at_first and verdict.verdict != RIGHT:
                        over.set()
            self._idle.append(child)

        threads = [threading.Thread(target=work) for _ in range(self._count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return experiment.figures

    def _take_child(self) -> "_Child":
        with self._lock:
            return self._idle.pop() if self._idle else _Child()

    def _replaced(self, child: "_Child") -> "_Child":
        child.close()
        return _Child()

    def _next_place(self) -> Path:
        with self._lock:
            self._number += 1
            place = self._place / f"state-{self._number}"
        place.mkdir()
        return place


class _Child:
    """One warm child."""

    def __init__(self) -> None:
        self._judged = 0
        self._is_dead = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.judge"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    @property
    def is_fit(self) -> bool:
        """Whether it should judge one more."""
        return not self._is_dead and self._judged < CHILD_STATES

    def judge(self, case: Case) -> Verdict:
        """The verdict; of a state that ends the child, that it did."""
        self._judged += 1
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(case._asdict()) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            self._is_dead = True
            code = self._process.wait()
            return Verdict(WRONG, f"the process died with {code}", [], 0.0)
        return Verdict(**json.loads(line))

    def close(self) -> None:
        """End the child."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
