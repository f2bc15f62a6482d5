"""The parent process: a server whose editor has died ends too.

Invariant: a process id that was not seen alive is not watched: it may belong to
another machine's or container's numbering.
"""

import asyncio
import os

PERIOD_S = 4.0  # with the time that closing takes, gone within ten seconds


async def wait_for_end(process_id: int) -> None:
    """Wait until a process that is alive now has ended."""
    while is_alive(process_id):  # noqa: ASYNC110 - nothing tells of a stranger's end
        await asyncio.sleep(PERIOD_S)


def is_alive(process_id: int) -> bool:
    """Whether a process runs; one that waits to be reaped does not."""
    try:
        with open(f"/proc/{process_id}/stat", "rb") as file:  # noqa: PTH123 - hot, small
            state = file.read().rpartition(b")")[2].split()[0]
    except FileNotFoundError:
        if os.path.isdir("/proc/self"):  # noqa: PTH112 - as above
            return False
    except (OSError, IndexError):
        return True
    else:
        return state not in (b"Z", b"X")
    return _answers_signals(process_id)


def _answers_signals(process_id: int) -> bool:
    if os.name == "nt":
        return True  # os.kill would end it; the end of stdin tells there
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
