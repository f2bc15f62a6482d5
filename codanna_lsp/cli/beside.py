"""Beside a running server: the work is left to it, and what it says is passed on."""

import os
import time
from pathlib import Path

from rich.text import Text

from codanna_lsp.cli.terminal import talk_console
from codanna_lsp.errors import LockedError
from codanna_lsp.store.disk import Disk, RealDisk
from codanna_lsp.store.holding.lock import find_holder
from codanna_lsp.store.requests import (
    LeftRequest,
    Progress,
    forget_request,
    leave_request,
    read_progress,
)

TAKEN_WITHIN_S = 10.0
"""How long a request may lie there; a server looks each second."""
_LOOK_EVERY_S = 0.1


def let_holder_run(folder: Path, command: str) -> int:
    """Have the process that holds an index carry out a command; its exit code.

    command: one of `store.requests.COMMANDS`.

    Raises:
        LockedError: it does not answer, or ended in the middle.
        DiskError: the request cannot be written.
    """
    disk = RealDisk()
    request = leave_request(disk, folder, command)
    try:
        return _follow(disk, request)
    finally:
        forget_request(disk, request)


def _follow(disk: Disk, request: LeftRequest) -> int:
    console = talk_console()
    said = 0
    waited_since = time.monotonic()
    while True:
        progress = read_progress(disk, request)
        for line in progress.lines[said:] if progress else ():
            console.print(Text(line))
        said = len(progress.lines) if progress else 0
        if progress is not None and progress.exit_code is not None:
            return progress.exit_code
        _check_holder(request.folder, progress, time.monotonic() - waited_since)
        time.sleep(_LOOK_EVERY_S)


def _check_holder(folder: Path, progress: Progress | None, waited_s: float) -> None:
    if progress is None and waited_s > TAKEN_WITHIN_S:
        raise _busy(folder, "does not answer", "end it, and try again")
    holder = find_holder(folder)
    if holder is not None and not _is_alive(holder):
        raise _busy(folder, "ended before it was done", "try again")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _busy(folder: Path, what: str, advice: str) -> LockedError:
    holder = find_holder(folder)
    who = f"process {holder}" if holder else "another process"
    return LockedError(
        f"{who} writes this index and {what}", holder=holder, advice=advice
    )
