"""A worker process: reads and extracts the files that its pool names, until the end.

Invariant: it ends with its parent, even in the middle of a parse: the life pipe's end
    sends SIGIO, and nobody catches that.
Invariant: a file that takes more processor time than FILE_SECONDS ends the process by
    SIGPROF; which file it was stands in the shared mark.
"""

import fcntl
import gc
import mmap
import os
import signal
import socket
import sys
import time

from codanna_lsp.indexing.frames import (
    MARK_BYTES,
    NO_FILE,
    pack_answer,
    receive_frame,
    unpack_chunk,
)
from codanna_lsp.indexing.records import Unread, read_record
from codanna_lsp.model.facts import FileRecord

FILE_SECONDS = 10.0

# An answer leaves early when it is this old or this large, so that the pool sees
# progress and holds little.
_ANSWER_SECONDS = 0.5
_ANSWER_BYTES = 4_000_000

# Facts are tuples without cycles: at the usual threshold the collector would look
# through each file's several times and find nothing.
_COLLECT_AFTER = 100_000


def main(arguments: list[str]) -> None:
    """Serve one pool.

    arguments: the numbers of the socket, of the mark's file and of the life pipe, the
        root, the limit in bytes, and the ids of the languages that are off.
    """
    connection = socket.socket(fileno=int(arguments[0]))
    with mmap.mmap(int(arguments[1]), MARK_BYTES) as mark:
        _end_with(int(arguments[2]))
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
        off = frozenset(arguments[5].split(",")) if arguments[5] else frozenset[str]()
        try:
            _serve(connection, mark, arguments[3], limit=int(arguments[4]), off=off)
        except ConnectionError:
            return  # the pool has ended: nobody waits for the answer


def _end_with(life_pipe: int) -> None:
    """Have the kernel end this process when the pipe's other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's; the pool decides
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    fcntl.fcntl(life_pipe, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(life_pipe, fcntl.F_GETFL)
    fcntl.fcntl(life_pipe, fcntl.F_SETFL, flags | os.O_ASYNC | os.O_NONBLOCK)
    try:
        closed = os.read(life_pipe, 1) == b""
    except BlockingIOError:
        return
    if closed:
        sys.exit(0)


def _serve(
    connection: socket.socket,
    mark: mmap.mmap,
    root: str,
    *,
    limit: int,
    off: frozenset[str],
) -> None:
    while (body := receive_frame(connection)) is not None:
        answer: list[tuple[int, FileRecord | Unread]] = []
        size, started = 0, time.monotonic()
        for number, path in enumerate(unpack_chunk(body)):
            mark[:] = number.to_bytes(MARK_BYTES, "little")
            signal.setitimer(signal.ITIMER_PROF, FILE_SECONDS)
            record = read_record(root, path, limit=limit, off=off)
            answer.append((number, record))
            size += len(record.facts) if isinstance(record, FileRecord) else 0
            if size > _ANSWER_BYTES or time.monotonic() - started > _ANSWER_SECONDS:
                connection.sendall(pack_answer(answer, done=False))
                answer, size, started = [], 0, time.monotonic()
        mark[:] = NO_FILE.to_bytes(MARK_BYTES, "little")
        signal.setitimer(signal.ITIMER_PROF, 0)
        connection.sendall(pack_answer(answer, done=True))
