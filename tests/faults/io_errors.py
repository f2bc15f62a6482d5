"""The n-th write, sync, rename, removal or open fails, for n = 1, 2, ... until none does."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.faults.io_scenario import FIRST, ROUNDS
from tests.faults.rot.harm import Verdict
from tests.recovery.saved_index import opened, settle, state_of, write_history
from tests.unit.store.sample_records import sample_record

STRACE = shutil.which("strace")
ROOT = Path(__file__).parents[2]
CALLS = {
    "write": "write,pwrite64,writev",
    "sync": "fdatasync,fsync",
    "rename": "rename,renameat,renameat2",
    "unlink": "unlink,unlinkat,rmdir",
    "open": "openat",
    "mkdir": "mkdir",
}
ERRORS = {
    "write": ("EIO", "ENOSPC"),
    "sync": ("EIO", "ENOSPC"),
    "rename": ("EIO", "ENOSPC"),
    "unlink": ("EIO",),
    "open": ("EMFILE", "EIO", "ENOSPC"),
    "mkdir": ("ENOSPC",),
}
IN_A_ROW = 10
MOST = 120
"""Calls of one kind in one thread; none comes near it."""
TOLD = {"NOT_DURABLE", "CHECKPOINT_FAILED", "IN_MEMORY", "SEARCH_REBUILT"}


class IoError(NamedTuple):
    """The `at`-th call of a kind fails with an error; `stays`: and some after it."""

    call: str
    error: str
    at: int
    stays: bool

    def __str__(self) -> str:
        return f"{self.call} {self.error} at {self.at}{'+' if self.stays else ''}"


def series() -> Iterator[tuple[str, str, bool]]:
    """Each kind of call with each error, once or from then on."""
    for call, errors in ERRORS.items():
        for error in errors:
            yield call, error, False
            if error != "EIO":
                yield call, error, True


def run_one(fault: IoError, place: Path) -> Verdict | None:
    """Run the scenario with one fault; None when it did not come to that call."""
    assert STRACE is not None
    place.mkdir()
    folder, log = place / "index", place / "strace"
    write_history(folder)
    calls = CALLS[fault.call]
    when = f"{fault.at}..{fault.at + IN_A_ROW - 1}" if fault.stays else str(fault.at)
    ended = subprocess.run(
        [
            *(
                STRACE,
                "-D",
                "-I",
                "1",
                "-f",
                "-y",
                "-s",
                "300",
                "-o",
                log,
                "-e",
                f"trace={calls}",
            ),
            *("-e", f"inject={calls}:error={fault.error}:when={when}"),
            *(sys.executable, "-m", "tests.faults.io_scenario"),
            *(folder, place / "elsewhere"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    fired = _fired_in(log, folder)
    verdict = _verdict(ended, folder) if fired else None
    shutil.rmtree(place, ignore_errors=True)
    return verdict


def _fired_in(log: Path, folder: Path) -> bool:
    """Whether a call on the scenario's index failed, and not only on the other one."""
    with log.open(errors="replace") as lines:
        return any("(INJECTED)" in line and str(folder) in line for line in lines)


def _verdict(ended: subprocess.CompletedProcess[str], folder: Path) -> Verdict:
    if ended.returncode:
        trouble = f"ended with {ended.returncode}: {ended.stderr[-500:]}"
        return Verdict(False, False, False, True, False, trouble)
    said = json.loads(ended.stdout.splitlines()[-1])
    trouble = said["raised"]
    if not said["again"]:
        trouble += "; it did not work again"
    if not set(said["codes"]) <= TOLD:
        trouble += f"; told {said['codes']}"
    with opened(folder) as one:
        if one.codes:
            trouble += f"; the next load tells {one.codes}"
        found = state_of(one.store)
        settle(one)
    durable = (sample_record(FIRST + v, version=v) for v in said["durable"])
    lost = [record.path for record in durable if found.get(record.path) != record]
    refused = len(said["durable"]) < 2 * ROUNDS and said["mode"] == "writer"
    unseen = refused and not said["codes"]
    return Verdict(
        bool(said["codes"]), False, bool(lost), bool(trouble), unseen, trouble
    )
