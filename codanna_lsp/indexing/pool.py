"""The pool: worker processes that turn files into records, batch by batch.

A thread of the pool gives out chunks and reads answers, so that workers go on while
the caller commits a batch; each worker has one chunk waiting behind the one it is at.

Invariant: every path that went in comes out once, as a record or as Unread.
Invariant: a file that ends its worker twice, the second time alone, or that takes all
    the processor time it is allowed, becomes a record without facts and with the
    reason; the others of its chunk are given to another worker.
Invariant: no more than MAX_WAITING_BYTES of answers wait for the caller.
"""

import queue
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from codanna_lsp.errors import IndexingError
from codanna_lsp.indexing.frames import (
    DONE,
    BadFrame,
    receive_frame,
    unpack_answer,
)
from codanna_lsp.indexing.records import Unread, bare_record
from codanna_lsp.indexing.worker_process import (
    SILENCE_SECONDS,
    Chunk,
    LifePipe,
    WorkerProcess,
)
from codanna_lsp.model.facts import FileRecord, Reason
from codanna_lsp.settings import Settings

MAX_WAITING_BATCHES = 16
MAX_USELESS_STARTS = 5
CHUNKS_AHEAD = 2  # the one a worker is at, and a spare one
_LAST_CHUNKS = 8  # what is left is given out in so many chunks at least
_LAST_FILES = 32  # of a chunk near the end

WORKER_MODULE = "codanna_lsp.indexing.worker"

Batch = list[FileRecord | Unread]
_Made = TypeVar("_Made")
_POLL_SECONDS = 0.25


class Pool:
    """Workers for one run over one root; started by `start`, ended by `close`.

    suspected: paths of files that have ended a worker, which may be why it ended.

    Raises:
        IndexingError: there are too few descriptors for one.
    """

    def __init__(
        self,
        root: str,
        settings: Settings,
        *,
        workers: int = 0,
        module: str = WORKER_MODULE,
    ) -> None:
        self._root = root
        self._limit = settings.max_file_size_bytes
        self._off = ",".join(settings.languages_off)
        self._count = workers
        self._module = module
        self._life = _opened(LifePipe)
        self._workers: list[WorkerProcess] = []
        try:
            self._selector = _opened(selectors.DefaultSelector)
        except IndexingError:
            self._life.close()
            raise
        self.suspected: set[str] = set()
        self._useless_starts = 0
        self._stopped = threading.Event()
        self._again: deque[Chunk] = deque()
        self._batches: queue.Queue[Batch | BaseException | None] = queue.Queue(
            MAX_WAITING_BATCHES
        )

    def start(self, workers: int = 0) -> None:
        """Start the processes, so that they are up when the chunks are known.

        workers: how many at least, if more than were asked for before; where the
        system gives fewer, those.

        Raises:
            IndexingError: no process can be started.
        """
        self._count = max(self._count, workers)
        while len(self._workers) < self._count:
            try:
                self._start_one()
            except IndexingError:
                if not self._workers:
                    raise
                break  # those that are up do it

    def run(self, chunks: Iterable[Sequence[str]]) -> Iterator[Batch]:
        """The records of all files of the chunks, in batches, in no set order.

        Raises:
            IndexingError: workers end again and again before they read a file.
        """
        self.start(workers=1)
        thread = threading.Thread(
            target=self._guarded, args=(iter(chunks),), name="pool", daemon=True
        )
        thread.start()
        try:
            while (batch := self._batches.get()) is not None:
                if isinstance(batch, BaseException):
                    raise batch
                yield batch
        finally:
            self._stopped.set()
            self._drain(thread)

    def _drain(self, thread: threading.Thread) -> None:
        while thread.is_alive():
            try:
                self._batches.get(timeout=0.05)
            except queue.Empty:
                continue

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.connection.close()
        self._life.close()
        for worker in self._workers:
            worker.end(at_once=False)
        self._workers.clear()
        self._selector.close()

    def _start_one(self) -> None:
        worker = _opened(
            lambda: WorkerProcess(
                self._root,
                self._life,
                module=self._module,
                limit=self._limit,
                off=self._off,
            )
        )
        self._workers.append(worker)
        self._selector.register(worker.connection, selectors.EVENT_READ, worker)

    def _guarded(self, chunks: Iterator[Sequence[str]]) -> None:
        result: BaseException | None = None
        try:
            self._dispatch(chunks)
        except BaseException as error:  # noqa: BLE001 - it is raised by `run`
            result = error
        self._put(result)

    def _put(self, batch: Batch | BaseException | None) -> None:
        while not self._stopped.is_set():
            try:
                self._batches.put(batch, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return

    def _dispatch(self, chunks: Iterator[Sequence[str]]) -> None:
        for ahead in range(1, CHUNKS_AHEAD + 1):
            for worker in self._workers:
                self._feed(worker, chunks, ahead=ahead)
        while any(worker.chunks for worker in self._workers):
            if self._stopped.is_set():
                return
            for key, _ in self._selector.select(_POLL_SECONDS):
                self._hear(key.data, chunks)
            self._end_silent(chunks)

    def _feed(
        self,
        worker: WorkerProcess,
        chunks: Iterator[Sequence[str]],
        *,
        ahead: int = CHUNKS_AHEAD,
    ) -> None:
        while len(worker.chunks) < ahead:
            if self._again:
                worker.give(self._again.popleft())
                continue
            paths = next(chunks, None)
            if not paths:
                return
            worker.give(Chunk(paths))

    def _hear(self, worker: WorkerProcess, chunks: Iterator[Sequence[str]]) -> None:
        try:
            body = receive_frame(worker.connection)
            done = body is not None and self._take(worker, body)
        except (OSError, BadFrame):
            body, done = None, False
        worker.heard = time.monotonic()
        if body is None:
            self._bury(worker, chunks, silent=False)
        elif done:
            worker.chunks.popleft()
            self._feed(worker, chunks)

    def _take(self, worker: WorkerProcess, body: bytes) -> bool:
        """Hand an answer's records on; true when it ends its chunk."""
        if not worker.chunks:
            raise BadFrame("an answer that nobody asked for")
        chunk = worker.chunks[0]
        batch: Batch = []
        done = False
        for number, record in unpack_answer(body, chunk.paths):
            if record is None:
                done = number == DONE
            elif number in chunk.open:
                chunk.open.discard(number)
                batch.append(record)
        if batch:
            self._useless_starts = 0
            self._put(batch)
        return done

    def _end_silent(self, chunks: Iterator[Sequence[str]]) -> None:
        now = time.monotonic()
        for worker in list(self._workers):
            if not worker.chunks or worker.heard == 0.0:
                worker.heard = now
            elif now - worker.heard > SILENCE_SECONDS:
                self._bury(worker, chunks, silent=True)

    def _bury(
        self, worker: WorkerProcess, chunks: Iterator[Sequence[str]], *, silent: bool
    ) -> None:
        """A worker died: judge the file it was at, and give its chunks to another."""
        self._selector.unregister(worker.connection)
        self._workers.remove(worker)
        out_of_time = worker.end(at_once=silent)
        culprit = worker.find_culprit()
        left = list(worker.chunks)
        if culprit is not None:
            first = left.pop(0)
            path = first.paths[culprit]
            first.open.discard(culprit)
            if silent:
                self._put([Unread(path, Reason.UNREADABLE)])
            elif out_of_time:
                self._put([self._bare(path, Reason.PARSER_TIMEOUT)])
            elif first.alone:
                self._put([self._bare(path, Reason.PARSER_CRASHED)])
            else:
                self.suspected.add(path)
                self._again.append(Chunk([path], alone=True))
            rest = [first.paths[number] for number in sorted(first.open)]
            self._again.extend([Chunk(rest)] if rest else [])
        else:
            self._useless_starts += 1
        for chunk in left:
            self._again.append(
                Chunk([chunk.paths[n] for n in sorted(chunk.open)], alone=chunk.alone)
            )
        if self._useless_starts >= MAX_USELESS_STARTS:
            raise IndexingError(
                "worker processes end before they read a file",
                advice="their own message is in the server's log (stderr)",
            )
        try:
            self._start_one()
        except IndexingError:
            if not self._workers:
                raise
        for other in self._workers:
            self._feed(other, chunks)

    def _bare(self, path: str, reason: str) -> FileRecord | Unread:
        return bare_record(self._root, path, limit=self._limit, reason=reason)


def _opened(make: Callable[[], _Made]) -> _Made:
    try:
        return make()
    except OSError as error:
        raise IndexingError(
            f"no worker process can be started: {error.strerror}",
            advice="files are indexed in this process instead, which is slower",
        ) from error


def chunks_of(
    sizes: Sequence[tuple[str, int]],
    *,
    chunk_bytes: int,
    chunk_files: int,
    first_bytes: int,
) -> Iterator[list[str]]:
    """Paths (with sizes in bytes), in their order, in chunks for the pool.

    The first chunks are small, so that the first answers come soon; the last ones are,
    so that no worker stands idle while another is at a large one.
    """
    chunk: list[str] = []
    filled, wanted = 0, first_bytes
    left = sum(size for _, size in sizes)
    for number, (path, size) in enumerate(sizes):
        chunk.append(path)
        filled += size
        left -= size
        files_left = len(sizes) - number
        least_bytes = min(wanted, max(left // _LAST_CHUNKS, first_bytes))
        most_files = min(chunk_files, max(files_left // _LAST_CHUNKS, _LAST_FILES))
        if filled >= least_bytes or len(chunk) >= most_files:
            yield chunk
            chunk, filled = [], 0
            wanted = min(wanted * 2, chunk_bytes)
    if chunk:
        yield chunk
