"""Run a job in a child process of its own: `python -m` this module.

The child gets the job as one line of JSON on its stdin, answers with one line on its
stdout, and ends when its stdin closes: so it never outlives its parent, on any system.
It holds the writer's lock with its parent (the descriptor is inherited), so that where
it does outlive it for a moment, nobody else writes.

Invariant: a child that dies, whatever killed it, is a StoreError; nothing it may have
left is believed.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path

from codanna_lsp.errors import DiskError, StoreError
from codanna_lsp.store.checkpoints.jobs import Job

ANSWER_LIMIT_BYTES = 1 << 29
"""An answer is small but for one file's facts and the list of lost paths."""
ANSWER_LIMIT_S = 1800.0
"""How long a child may work: far more than the largest workspace takes. One that is
ended for it counts as one that somebody ended, and is tried again later."""
_FOR_CHECKPOINT = "--for-checkpoint"
_IMPORTED_AHEAD = (
    "codanna_lsp.index.building.column_arrays",
    "codanna_lsp.store.search.search_index",
)
_PR_SET_PDEATHSIG = 1
_SIGKILL = 9
_ENDED_BY_OTHERS = (1, 2, 9, 15)


def start_child(
    folder: Path, *, lock_descriptor: int | None, for_checkpoint: bool = False
) -> "subprocess.Popen[bytes]":
    """Start a child that waits for its job.

    for_checkpoint: it imports what a checkpoint needs while it waits.
    """
    inherited = (lock_descriptor,) if lock_descriptor is not None else ()
    windows = sys.platform == "win32"
    ahead = [_FOR_CHECKPOINT] if for_checkpoint else []
    return subprocess.Popen(
        # -P: what lies in the current folder is never imported.
        [sys.executable, "-P", "-m", __name__, str(folder), *ahead],
        env={**os.environ, "PYTHONPATH": _import_path()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=() if windows else inherited,
    )


def run_in_child(folder: Path, job: Job, child: "subprocess.Popen[bytes]") -> Job:
    """Have a child that waits for its job do this one, and wait for its answer.

    Raises:
        DiskError: somebody ended the child.
        StoreError: the child died or said something else than an answer.
    """
    said = b""
    # One that is stopped, or waits for a dead disk, would be waited for without end.
    patience = threading.Timer(ANSWER_LIMIT_S, child.kill)
    patience.daemon = True
    patience.start()
    try:
        # A child that has died breaks the pipe, at the latest when it is closed.
        with contextlib.suppress(BrokenPipeError), child:
            # stdin stays open until the answer is there: its end is the child's end.
            if child.stdin is not None and child.stdout is not None:
                child.stdin.write(json.dumps(job).encode() + b"\n")
                child.stdin.flush()
                said = child.stdout.readline(ANSWER_LIMIT_BYTES)
    finally:
        patience.cancel()
    return _parsed(said, child.returncode, folder)


def end_child(child: "subprocess.Popen[bytes]") -> None:
    """End a child that has no job."""
    child.kill()
    child.communicate()


def main(folder: Path, *ahead: str) -> None:
    """The child: one job from stdin, its answer to stdout."""
    _die_with_parent()
    if _FOR_CHECKPOINT in ahead:
        for module in _IMPORTED_AHEAD:
            import_module(module)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no part of the answer
    given = sys.stdin.buffer.readline()
    if not given.endswith(b"\n"):
        return
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    with contextlib.suppress(AttributeError, OSError):
        os.nice(5)

    from codanna_lsp.store.checkpoints.jobs import run_job, side_by_side
    from codanna_lsp.store.disk import RealDisk

    answer = run_job(RealDisk(), folder, side_by_side(json.loads(given)))
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()
    os._exit(0)  # Tantivy's threads have nothing left to say


def _import_path() -> str:
    """Where this package is, and then wherever its parent looks."""
    here = str(Path(__file__).parent.parent.parent)
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])


def _parsed(said: bytes, code: int, folder: Path) -> Job:
    if not said.endswith(b"\n") and -code in _ENDED_BY_OTHERS:
        # Out of memory, or a user: that says nothing about the bytes.
        raise DiskError(
            f"the process that saves the index was ended by signal {-code}",
            path=folder,
            advice="there may be too little memory",
        )
    if not said.endswith(b"\n"):
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        raise StoreError(f"the process that saves the index died ({how})")
    try:
        answer: Job = json.loads(said)
    except ValueError:
        raise StoreError("the process that saves the index said nonsense") from None
    return answer


def _end_with_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(1)


def _die_with_parent() -> None:
    if sys.platform != "linux":
        return
    import ctypes

    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
