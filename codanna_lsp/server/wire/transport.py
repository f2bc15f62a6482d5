"""The pipes: frames from the client to the loop, frames from anywhere to the client.

Invariant: a client that does not read never blocks the loop: a thread writes.
Invariant: what waits in either direction has a named limit.
"""

import asyncio
import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Protocol

from codanna_lsp.errors import FramingError
from codanna_lsp.server.wire.frames import FrameDecoder, encode_frame

MAX_WAITING_MESSAGES = 10_000
MAX_UNSENT_BYTES = 256 << 20
_CHUNK = 1 << 16


class Receiver(Protocol):
    """What the transport hands messages to."""

    def arrived(self, body: bytes) -> Callable[[], None]:
        """Look at a body in the reading thread; return what the loop is to do."""
        ...

    def ended(self, error: FramingError | None) -> None:
        """The stream has ended, cleanly or out of step; called on the loop."""
        ...


class Outbox:
    """Sends frames in order from a thread of its own."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._frames: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._unsent = 0
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self.is_broken = False
        self._thread = threading.Thread(
            target=self._run, name="codanna-writer", daemon=True
        )
        self._thread.start()

    def write(self, body: bytes) -> None:
        """Queue one message; dropped when the client is gone or hopelessly behind."""
        frame = encode_frame(body)
        with self._lock:
            if self.is_broken:
                return
            if self._unsent + len(frame) > MAX_UNSENT_BYTES:
                self.is_broken = True
                return
            self._unsent += len(frame)
        self._frames.put(frame)

    def close(self) -> None:
        """Pygls asks for it; nothing is closed before all is sent (see `drain`)."""

    def drain(self, timeout_s: float) -> bool:
        """Wait until everything queued is sent; False when that takes too long."""
        deadline = time.monotonic() + timeout_s
        with self._lock:
            while self._unsent and not self.is_broken:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._idle.wait(left)
            return not self.is_broken

    def _run(self) -> None:
        while (frame := self._frames.get()) is not None:
            try:
                self._write(frame)
            except (OSError, ValueError, RuntimeError):
                with self._lock:
                    self.is_broken = True
                    self._idle.notify_all()
                return
            with self._lock:
                self._unsent -= len(frame)
                if not self._unsent:
                    self._idle.notify_all()


def write_all(fd: int) -> Callable[[bytes], None]:
    """A function that writes all of its bytes to a file descriptor."""

    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]

    return write


def start_reader(
    fd: int, receiver: Receiver, loop: asyncio.AbstractEventLoop
) -> threading.Thread:
    """Read frames from a file descriptor in a thread until it ends."""
    room = threading.Semaphore(MAX_WAITING_MESSAGES)

    def deliver(jobs: list[Callable[[], None]]) -> None:
        for job in jobs:
            loop.call_soon(handle, job)

    def handle(job: Callable[[], None]) -> None:
        room.release()
        job()

    def end(error: FramingError | None) -> None:
        loop.call_soon(receiver.ended, error)  # after the messages before it

    def read() -> None:
        decoder = FrameDecoder()
        error: FramingError | None = None
        try:
            while data := os.read(fd, _CHUNK):
                jobs: list[Callable[[], None]] = []
                try:
                    for body in decoder.feed(data):
                        jobs.append(receiver.arrived(body))
                        room.acquire()
                finally:
                    if jobs:
                        loop.call_soon_threadsafe(deliver, jobs)
        except FramingError as broken:
            error = broken
        except OSError:
            pass  # the client is gone: as good as the end of the stream
        except RuntimeError:
            return  # the loop has ended before the stream did
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(end, error)

    thread = threading.Thread(target=read, name="codanna-reader", daemon=True)
    thread.start()
    return thread


async def read_stream(reader: asyncio.StreamReader, receiver: Receiver) -> None:
    """Read frames from a socket until it ends."""
    decoder = FrameDecoder()
    error: FramingError | None = None
    loop = asyncio.get_running_loop()
    try:
        while data := await reader.read(_CHUNK):
            for body in decoder.feed(data):
                loop.call_soon(receiver.arrived(body))
    except FramingError as broken:
        error = broken
    except OSError:
        pass  # as above
    loop.call_soon(receiver.ended, error)
