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
MAX_WAITING_BYTES = 64 << 20  # read and not handled yet
MAX_UNSENT_BYTES = 256 << 20
_CHUNK = 1 << 16


class Receiver(Protocol):
    """What the transport hands messages to."""

    def arrived(self, body: bytes) -> Callable[[], object]:
        """Look at a body in the reading thread; return what the loop is to do."""
        ...

    def ended(self, error: FramingError | None) -> None:
        """The stream has ended, cleanly or out of step; called on the loop."""
        ...


class Outbox:
    """Sends frames in order from a thread of its own."""

    def __init__(
        self, write: Callable[[bytes], None], *, on_broken: Callable[[], None]
    ) -> None:
        """`on_broken` is called once, in any thread, when no more can be sent."""
        self._write = write
        self._on_broken = on_broken
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
        """Queue one message; the outbox breaks when the client is hopelessly behind."""
        frame = encode_frame(body)
        with self._lock:
            if self.is_broken:
                return
            fits = self._unsent + len(frame) <= MAX_UNSENT_BYTES
            if fits:
                self._unsent += len(frame)
        if fits:
            self._frames.put(frame)
        else:
            self._break()

    def close(self) -> None:
        """Pygls asks for it; nothing is closed before all is sent (see `drain`)."""

    def stop(self) -> None:
        """Send nothing any more; what is queued behind this is dropped."""
        self._frames.put(None)

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
                self._break()
                return
            with self._lock:
                self._unsent -= len(frame)
                if not self._unsent:
                    self._idle.notify_all()

    def _break(self) -> None:
        with self._lock:
            was_broken, self.is_broken = self.is_broken, True
            self._idle.notify_all()
        if not was_broken:
            self._on_broken()


def write_all(fd: int) -> Callable[[bytes], None]:
    """A function that writes all of its bytes to a file descriptor."""

    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]

    return write


class Room:
    """How much the loop may still have to do: messages, and bytes of them."""

    def __init__(self) -> None:
        self._messages = 0
        self._bytes = 0
        self._changed = threading.Condition()

    def take(self, size: int, *, wait: bool) -> bool:
        """Count one message in; one that is larger than all of the room goes alone."""
        with self._changed:
            while not self._has(size):
                if not wait:
                    return False
                self._changed.wait()
            self._messages += 1
            self._bytes += size
        return True

    def give_back(self, size: int) -> None:
        """Count one message out: it is handled."""
        with self._changed:
            self._messages -= 1
            self._bytes -= size
            self._changed.notify()

    def _has(self, size: int) -> bool:
        if not self._messages:
            return True
        fits = self._bytes + size <= MAX_WAITING_BYTES
        return fits and self._messages < MAX_WAITING_MESSAGES


def start_reader(
    fd: int,
    receiver: Receiver,
    loop: asyncio.AbstractEventLoop,
    *,
    on_ending: Callable[[], None],
) -> threading.Thread:
    """Read frames from a file descriptor in a thread until it ends.

    on_ending: called in that thread, when the loop may still have a lot to do.
    """
    room = Room()

    def deliver(jobs: list[tuple[int, Callable[[], object]]]) -> None:
        for size, job in jobs:
            loop.call_soon(handle, size, job)

    def handle(size: int, job: Callable[[], object]) -> None:
        room.give_back(size)
        job()

    def end(error: FramingError | None) -> None:
        loop.call_soon(receiver.ended, error)  # after the messages before it

    def read_all() -> None:
        decoder = FrameDecoder()
        while data := os.read(fd, _CHUNK):
            jobs: list[tuple[int, Callable[[], object]]] = []
            try:
                for body in decoder.feed(data):
                    if not room.take(len(body), wait=False):
                        loop.call_soon_threadsafe(deliver, jobs)
                        jobs = []
                        room.take(len(body), wait=True)
                    jobs.append((len(body), receiver.arrived(body)))
            finally:
                if jobs:
                    loop.call_soon_threadsafe(deliver, jobs)
        if not decoder.is_between_frames:
            raise FramingError("the stream ends inside of a message")

    def read() -> None:
        error: FramingError | None = None
        try:
            read_all()
        except FramingError as broken:
            error = broken
        except MemoryError:
            error = FramingError("a message that does not fit into memory")
        except OSError:
            pass  # the client is gone: as good as the end of the stream
        except RuntimeError:
            return  # the loop has ended before the stream did
        on_ending()
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(end, error)

    thread = threading.Thread(target=read, name=f"codanna-reader {fd}", daemon=True)
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
        if not decoder.is_between_frames:
            error = FramingError("the stream ends inside of a message")
    except FramingError as broken:
        error = broken
    except MemoryError:
        error = FramingError("a message that does not fit into memory")
    except OSError:
        pass  # as above
    loop.call_soon(receiver.ended, error)
