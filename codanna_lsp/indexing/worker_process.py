"""One worker process as its pool sees it: started, given chunks, read, ended."""

import mmap
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import codanna_lsp
from codanna_lsp.indexing.frames import MARK_BYTES, NO_FILE, pack_chunk

# A worker that says nothing for so long is stopped or waits for a dead disk: it did
# not use its processor time, or the kernel would have ended it (see worker).
SILENCE_SECONDS = 120.0

_END_SECONDS = 2.0

# The package is found where it was found for us, and never in the current folder,
# which may be somebody's workspace; the standard library comes first as it should.
_START = """\
import sys
place = next((i for i, p in enumerate(sys.path) if p.endswith("-packages")), len(sys.path))
sys.path.insert(place, sys.argv.pop(1))
from importlib import import_module
import_module(sys.argv.pop(1)).main(sys.argv[1:])
"""


@dataclass(slots=True)
class Chunk:
    """Files that go to a worker together; `open` are the numbers without an answer.

    alone: the one file is suspected to have ended a worker.
    """

    paths: Sequence[str]
    alone: bool = False
    open: set[int] = field(init=False)

    def __post_init__(self) -> None:
        self.open = set(range(len(self.paths)))


class LifePipe:
    """A pipe whose closing end, in this process, ends every worker at once."""

    def __init__(self) -> None:
        self.read_end, self._write_end = os.pipe()

    def close(self) -> None:
        """End the workers that are left."""
        os.close(self._write_end)
        os.close(self.read_end)


class WorkerProcess:
    """A running worker; its chunks are answered in the order they were given."""

    def __init__(
        self, root: str, life: LifePipe, *, module: str, limit: int, off: str
    ) -> None:
        with tempfile.TemporaryFile() as file:
            file.write(NO_FILE.to_bytes(MARK_BYTES, "little"))
            file.flush()
            self._mark = mmap.mmap(file.fileno(), MARK_BYTES)
            self.connection, theirs = socket.socketpair()
            with theirs:
                numbers = (theirs.fileno(), file.fileno(), life.read_end)
                place = str(Path(codanna_lsp.__file__).parent.parent)
                command = [sys.executable, "-P", "-c", _START, place, module]
                command += [*map(str, numbers), root, str(limit), off]
                try:
                    self._process = subprocess.Popen(
                        command,
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        pass_fds=numbers,
                    )
                except OSError:
                    self.connection.close()
                    raise
        self.connection.settimeout(SILENCE_SECONDS)
        self.chunks: deque[Chunk] = deque()
        self.heard = 0.0

    @property
    def id(self) -> int:
        """The process's number."""
        return self._process.pid

    def give(self, chunk: Chunk) -> None:
        """Send a chunk; that a dead worker takes none shows when it is read."""
        self.chunks.append(chunk)
        try:
            self.connection.sendall(pack_chunk(chunk.paths))
        except OSError:
            return

    def find_culprit(self) -> int | None:
        """After its death: the number, in the first chunk, of the file it was at."""
        number = int.from_bytes(self._mark[:], "little")
        return number if self.chunks and number in self.chunks[0].open else None

    def end(self, *, at_once: bool) -> bool:
        """End it and wait; true when it was the processor time that had ended it."""
        self.connection.close()
        if at_once:
            self._process.kill()
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        return code == -signal.SIGPROF

    def __repr__(self) -> str:
        return f"WorkerProcess({self.id}, {len(self.chunks)} chunks)"
