"""Saves and checkpoints on an index, in a process of which one system call will fail.

Run under strace, which makes the n-th call of one kind fail in each thread: so what is
counted runs in a thread of its own, after a run elsewhere that has imported everything.
The last line on stdout is JSON: what was durable, what was told, and whether all of it
works again once the calls do.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from tests.recovery.saved_index import Opened, commit, settle
from tests.unit.store.sample_records import sample_record

ROUNDS = 3
FIRST = 20
"""Files from here on are saved once, in the version that their number tells."""


def run(folder: Path) -> dict[str, Any]:
    """Two saves and a checkpoint, three times; what was told of it."""
    said: dict[str, Any] = {"durable": [], "codes": [], "mode": "", "raised": ""}
    try:
        one = Opened(folder)
    except Exception as failure:  # noqa: BLE001 - told to the test, which fails
        said["raised"] = repr(failure)
        return said
    try:
        said["mode"] = one.store.mode
        one.store.check_search_index()
        for number in range(ROUNDS):
            for version in (2 * number + 1, 2 * number + 2):
                if commit(one.store, [number, FIRST + version], version=version):
                    said["durable"].append(version)
            one.store.checkpoint()
    except Exception as failure:  # noqa: BLE001 - likewise
        said["raised"] = repr(failure)
    said["codes"] = one.codes
    said["one"] = one
    return said


def again(said: dict[str, Any]) -> bool:
    """The calls work again: what waits is written, and a checkpoint succeeds."""
    one: Opened | None = said.pop("one", None)
    if one is None:
        return True
    fine = True
    if one.store.mode == "writer":
        fine = one.store.make_durable()
        settle(one)
        fine = one.store.checkpoint() and fine
        fine = fine and not one.store.verify()
    view = one.store.view()
    for version in range(1, 2 * ROUNDS + 1):
        wanted = sample_record(FIRST + version, version=version)
        fine = fine and bool(view.record(wanted.path) == wanted)
    one.store.close()
    return fine


def _be_untraced() -> None:
    """End our tracer: from here on no call is made to fail, in no new thread either."""
    if tracer := _tracer():
        os.kill(tracer, signal.SIGTERM)
        while _tracer():
            os.sched_yield()


def _tracer() -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("TracerPid:")).split()[1])


def main(folder: Path, elsewhere: Path) -> None:
    """Warm up, run in a thread, go on without it, and say how it went."""
    again(run(elsewhere))
    results: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: results.append(run(folder)))
    thread.start()
    thread.join()
    died: dict[str, Any] = {"raised": "the thread died", "durable": []}
    said = results[0] if results else died
    _be_untraced()
    said["again"] = again(said)
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
