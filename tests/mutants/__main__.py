"""Ten thousand mutants of recorded sessions: `python -m tests.mutants`.

Most are played to servers inside of a few child processes, a sample (`--real`) to
server processes of their own. Prints the figures, and ends with 1 when anything
was wrong. The same seed makes the same mutants.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from tests.mutants.play import Arena, play_here, play_in_process, to_json

CHUNK = 200
MUTANT_S = 120.0
KINDS = ("missing", "double", "wrong", "hangs", "troubles")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument(
        "--real", type=int, default=200, help="in processes of their own"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--child", choices=("here", "real"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.count)
    if options.child:
        play_all(numbers, options.seed, is_real=options.child == "real")
        return 0
    started = time.monotonic()
    real = range(numbers.start, numbers.start + min(options.real, options.count))
    work = [
        *((chunk, "real") for chunk in chunks(real)),
        *((chunk, "here") for chunk in chunks(range(real.stop, numbers.stop))),
    ]
    with ThreadPoolExecutor(options.jobs) as pool:
        found = pool.map(partial(outcomes, seed=options.seed), work)
        outcome_list = [outcome for chunk in found for outcome in chunk]
    return report(outcome_list, time.monotonic() - started, seed=options.seed)


def chunks(numbers: range) -> Iterator[range]:
    for first in range(numbers.start, numbers.stop, CHUNK):
        yield range(first, min(first + CHUNK, numbers.stop))


def play_all(numbers: range, seed: int, *, is_real: bool) -> None:
    """In a child: one line of JSON for each mutant."""
    play = play_in_process if is_real else play_here
    with tempfile.TemporaryDirectory(prefix="codanna-mutants-") as place:
        os.environ["CODANNA_RAISE_BUGS"] = "1"
        os.environ["XDG_CACHE_HOME"] = f"{place}/cache"
        os.environ["XDG_STATE_HOME"] = f"{place}/state"
        arena = Arena.make(Path(place))
        for number in numbers:
            print(to_json(play(arena, seed, number)), flush=True)


def outcomes(work: tuple[range, str], *, seed: int) -> list[dict[str, Any]]:
    """Have a child play these; a mutant that ends the child is a death."""
    numbers, kind = work
    found: list[dict[str, Any]] = []
    while numbers:
        command = [sys.executable, "-m", "tests.mutants", "--child", kind]
        command += ["--first", str(numbers.start), "--count", str(len(numbers))]
        here, errors, how = played([*command, "--seed", str(seed)])
        found += here
        numbers = range(numbers.start + len(here), numbers.stop)
        if numbers:
            print(f"mutant {numbers.start}: {how}\n{errors[-2000:]}")
            found.append({"number": numbers.start, "session": "", "death": how})
            numbers = numbers[1:]
    return found


def played(command: list[str]) -> tuple[list[dict[str, Any]], str, str]:
    """What a child found, what it wrote to stderr, and how it ended.

    It is ended when one mutant takes longer than MUTANT_S: a busy machine is slow with
    all of them.
    """
    found: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as child,
    ):
        assert child.stdout is not None
        hung = threading.Event()

        def give_up() -> None:
            hung.set()
            child.kill()

        while True:
            watch = threading.Timer(MUTANT_S, give_up)
            watch.start()
            line = child.stdout.readline()
            watch.cancel()
            if not line.endswith(b"\n"):
                break
            found.append(json.loads(line))
        code = child.wait()
        errors.seek(0)
        return found, errors.read(), "hangs" if hung.is_set() else f"ended with {code}"


def trouble_of(outcome: dict[str, Any]) -> str:
    """What was wrong with one mutant's session, "" when nothing was."""
    is_wrong = "death" in outcome or any(outcome.get(kind) for kind in KINDS)
    return json.dumps(outcome) if is_wrong else ""


def report(found: list[dict[str, Any]], took_s: float, *, seed: int) -> int:
    """Print the figures; 1 when any is wrong."""
    counts: Counter[str] = Counter()
    for outcome in found:
        counts["requests"] += outcome.get("requests", 0)
        counts["deaths"] += "death" in outcome
        counts[f"exit {outcome.get('code')}"] += 1
        for kind in KINDS:
            counts[kind] += len(outcome.get(kind, ()))
        if trouble_of(outcome):
            print(trouble_of(outcome)[:2000])
    sessions = Counter(outcome["session"] for outcome in found if outcome["session"])
    print(
        f"seed {seed}: {len(found)} mutants of {len(sessions)} sessions, "
        f"{counts['requests']} well-formed requests, in {took_s:.0f} s\n"
        f"replies missing {counts['missing']}, double {counts['double']}, "
        f"wrong {counts['wrong']}\n"
        f"deaths {counts['deaths']}, hangs {counts['hangs']}, "
        f"losses or damage on disk and errors on the loop {counts['troubles']}\n"
        f"ended with 0: {counts['exit 0']}, with 1: {counts['exit 1']}"
    )
    return int(any(counts[kind] for kind in ("deaths", *KINDS)))


if __name__ == "__main__":
    sys.exit(main())
