"""A server in a thread of this process, at real pipes: many sessions a second."""

import asyncio
import os
import threading
import time
from types import TracebackType
from typing import Any

from codanna_lsp.server.app import build_server, serve_pipes
from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.settings import Settings
from tests.lsp.raw_client import DEADLINE_S, PipeClient

_AWAITED = tuple(
    f"codanna-{what} "
    for what in ("reader", "runs", "saves", "writes", "hunts", "closing")
)


class InProcessClient(PipeClient):
    """The client of one server in this process.

    troubles: what went wrong on the server's loop without ending it; has to be empty.
    """

    def __init__(
        self, settings: Settings | None = None, *, server: CodannaServer | None = None
    ) -> None:
        self.server = server or build_server(settings)
        self.troubles: list[str] = []
        self.code: int | None = None
        self._ended = threading.Event()
        self._before = frozenset(threading.enumerate())
        self._source, to_server = os.pipe()
        from_server, sink = os.pipe()
        super().__init__(
            os.fdopen(to_server, "wb", buffering=0), os.fdopen(from_server, "rb")
        )
        self._thread = threading.Thread(
            target=self._serve, args=(sink,), name="server", daemon=True
        )
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.to_server.closed:
            self.to_server.close()
        self._ended.wait(DEADLINE_S)
        # The end of a process ends these with it: a late one still holds the lock.
        deadline = time.monotonic() + DEADLINE_S
        for thread in set(threading.enumerate()) - self._before:
            if thread.name.startswith(_AWAITED):
                thread.join(max(0.0, deadline - time.monotonic()))
        os.close(self._source)  # not before: its number may be another file's then
        super().__exit__(kind, error, trace)

    def wait_for_exit(self, timeout_s: float = DEADLINE_S) -> int | None:
        """Wait for the end of the session; None when it did not end, or died."""
        self._ended.wait(timeout_s)
        return self.code

    def _serve(self, sink: int) -> None:
        try:
            self.code = asyncio.run(self._session(sink))
        finally:
            os.close(sink)  # the client reads the end of the stream
            self._ended.set()

    async def _session(self, sink: int) -> int:
        def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            del loop
            self.troubles.append(f"{context['message']}: {context.get('exception')!r}")

        asyncio.get_running_loop().set_exception_handler(handle)
        return await serve_pipes(self.server, self._source, sink)
