"""The server: every request by its name, and the two ways of serving.

Invariant: nothing that the process prints reaches the client: fd 1 is stderr.
Invariant: however the session ends, the process ends within LAST_RESORT_S, also when
    a handler does not come back.
"""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from lsprotocol import types

from codanna_lsp.server.features import (
    codanna_status,
    definition,
    document_symbol,
    execute_command,
    initialize,
    text_sync,
    workspace_changes,
    workspace_symbol,
)
from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.server.protocol import STATUS_METHOD, Life
from codanna_lsp.server.wire.transport import (
    Outbox,
    read_stream,
    start_reader,
    write_all,
)
from codanna_lsp.settings import Settings

CLOSE_TIME_S = 2.0
SEND_TIME_S = 1.0
LAST_RESORT_S = 4.5
SWITCH_S = 0.0005  # each of a save's dozen system calls may cost it that, not 5 ms
COLLECT_AFTER = 20_000  # a save makes some thousand objects, and no garbage

_REQUESTS = (
    (types.INITIALIZE, initialize.initialize),
    (types.SHUTDOWN, initialize.shutdown),
    (types.WORKSPACE_SYMBOL, workspace_symbol.find),
    (types.TEXT_DOCUMENT_DEFINITION, definition.find),
    (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, document_symbol.find),
    (types.WORKSPACE_EXECUTE_COMMAND, execute_command.execute),
    (STATUS_METHOD, codanna_status.find),
)
_NOTIFICATIONS = (
    (types.INITIALIZED, initialize.initialized),
    (types.EXIT, initialize.leave),
    (types.SET_TRACE, initialize.ignore),
    (types.WINDOW_WORK_DONE_PROGRESS_CANCEL, initialize.ignore),
    (types.TEXT_DOCUMENT_DID_OPEN, text_sync.did_open),
    (types.TEXT_DOCUMENT_DID_CHANGE, text_sync.did_change),
    (types.TEXT_DOCUMENT_DID_SAVE, text_sync.did_save),
    (types.TEXT_DOCUMENT_DID_CLOSE, text_sync.did_close),
    (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, workspace_changes.watched_files),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, workspace_changes.configuration),
    (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, workspace_changes.folders),
    (types.WORKSPACE_DID_CREATE_FILES, workspace_changes.created),
    (types.WORKSPACE_DID_RENAME_FILES, workspace_changes.renamed),
    (types.WORKSPACE_DID_DELETE_FILES, workspace_changes.deleted),
)


def build_server(settings: Settings | None = None) -> CodannaServer:
    """A server with every handler registered, not serving yet."""
    server = CodannaServer(settings)
    for method, handler in _REQUESTS:
        server.protocol.register(method, handler, is_request=True)
    for method, handler in _NOTIFICATIONS:
        server.protocol.register(method, handler, is_request=False)
    return server


def serve_stdio(settings: Settings | None = None) -> int:
    """Serve one client on standard input and output; the process's exit code.

    The process may end inside of this call: threads that are still at work must not
    keep it.
    """
    source, sink = _private_pipes()
    server = build_server(settings)

    async def session() -> int:
        _end_at_signals(server)
        return await serve_pipes(
            server, source, sink, on_ending=lambda: _end_at_last(1)
        )

    return _run(session)


async def serve_pipes(
    server: CodannaServer,
    source: int,
    sink: int,
    *,
    on_ending: Callable[[], None] = lambda: None,
) -> int:
    """Serve the client at two file descriptors until it ends; the exit code.

    on_ending: called in a thread as soon as the stream from the client has ended, for
    the case that the loop does not get to it.
    """
    loop = asyncio.get_running_loop()
    server.protocol.outbox = Outbox(
        write_all(sink), on_broken=lambda: _end_from_thread(server, loop)
    )
    ended = _end_of(server)
    start_reader(source, server.protocol, loop, on_ending=on_ending)
    return await _finish(server, await ended)


def serve_tcp(host: str, port: int, settings: Settings | None = None) -> int:
    """Serve the first client that connects; the process's exit code.

    Raises:
        OSError: the address cannot be listened on.
    """
    server = build_server(settings)

    async def session() -> int:
        loop = asyncio.get_running_loop()
        _end_at_signals(server)
        ended = _end_of(server)
        first = True

        async def connected(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            nonlocal first
            if not first:
                writer.close()
                return
            first = False

            def write(frame: bytes) -> None:
                async def send() -> None:
                    writer.write(frame)
                    await writer.drain()

                asyncio.run_coroutine_threadsafe(send(), loop).result()

            server.protocol.outbox = Outbox(
                write, on_broken=lambda: _end_from_thread(server, loop)
            )
            await read_stream(reader, server.protocol)

        listening = await asyncio.start_server(connected, host, port)
        address = listening.sockets[0].getsockname()
        sys.stderr.write(f"codanna-lsp listens on {address[0]}:{address[1]}\n")
        sys.stderr.flush()
        return await _finish(server, await ended)

    return _run(session)


def _run(session: Callable[[], Coroutine[Any, Any, int]]) -> int:
    _log_to_stderr()
    # What has been imported stays; looking through it again and again for garbage
    # would hold an answer up by 15 ms and more.
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    sys.setswitchinterval(SWITCH_S)
    code = asyncio.Runner().run(session())
    sys.stderr.flush()
    os._exit(code)


async def _finish(server: CodannaServer, code: int) -> int:
    """Answer what waits, close the indexes, send what is unsent."""
    await server.protocol.refuse_what_waits()
    server.session.close(timeout_s=CLOSE_TIME_S)
    outbox = server.protocol.outbox
    if outbox is not None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, outbox.drain, SEND_TIME_S)
        outbox.stop()
    return code


def _end_of(server: CodannaServer) -> asyncio.Future[int]:
    """The future that every way of ending sets: exit, end of input, signals, orphans."""
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def end(code: int) -> None:
        server.protocol.life = Life.ENDED
        if not ended.done():
            ended.set_result(code)

    server.protocol.on_end = end
    return ended


def _end_at_signals(server: CodannaServer) -> None:
    loop = asyncio.get_running_loop()

    def on_signal(number: int, frame: object) -> None:
        # Not by the loop's own means: it loses a signal whose byte finds the wakeup
        # pipe full, as it is when thousands of messages wait.
        del frame
        _end_at_last(128 + number)
        loop.call_soon_threadsafe(server.protocol.on_end, 128 + number)

    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, on_signal)


def _end_from_thread(server: CodannaServer, loop: asyncio.AbstractEventLoop) -> None:
    """Nobody hears the answers any more: the session ends with 1."""
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(server.protocol.on_end, 1)


def _end_at_last(code: int) -> None:
    """End the process after LAST_RESORT_S, whatever the loop is held up by.

    What was acknowledged is in the journal already: a commit returns when it is synced.
    """
    timer = threading.Timer(LAST_RESORT_S, os._exit, (code,))
    timer.daemon = True
    timer.start()


def _private_pipes() -> tuple[int, int]:
    """Take stdin and stdout for the protocol alone.

    What else reads gets nothing, and what else prints goes to stderr: a stray print
    of a library would break the stream for good.
    """
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return source, sink


def _log_to_stderr() -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s"
    )
