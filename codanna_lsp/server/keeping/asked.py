"""Asked: what commands beside this server ask of it, as holder of the index's lock.

Invariant: each request that was taken is finished with an exit code, whatever happens.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from codanna_lsp.errors import (
    CodannaError,
    CodecError,
    CorruptionError,
    LockedError,
    StoreError,
    WorkspaceError,
)
from codanna_lsp.server import guard

if TYPE_CHECKING:
    from codanna_lsp.indexing.progress import RunSummary
    from codanna_lsp.server.keeping.keeper import Keeper
    from codanna_lsp.server.root import Root
    from codanna_lsp.store.index_store import IndexStore
    from codanna_lsp.store.requests import TakenRequest

# The exit codes of the commands (cli/exit_codes.py), for the cli is above this room.
OK, WORKSPACE, DAMAGED, BUSY, FOLDER, FAILED, INTERRUPTED = 0, 3, 4, 5, 6, 70, 130
_BY_ERROR = (
    (WorkspaceError, WORKSPACE),
    (LockedError, BUSY),
    (CorruptionError, DAMAGED),
    (CodecError, DAMAGED),
    (StoreError, FOLDER),
)

LOCK_WAIT_S = 10.0  # for a checkpoint's process, which holds the lock as well
_LOOK_S = 0.05


def take_over_requests(root: "Root") -> None:
    """Take what lies in the root's index folder and begin to carry it out."""
    from codanna_lsp.store.disk import RealDisk
    from codanna_lsp.store.requests import take_requests

    store = None if root.keeper is None else root.keeper.store
    if store is None or store.folder is None or store.mode != "writer":
        return
    for request in take_requests(RealDisk(), store.folder):
        request.say(f"the server of this workspace does it (process {os.getpid()})")
        if request.command == "clean":
            _begin_anew(root, store.folder, request)
        elif root.keeper is not None:
            _begin(root.keeper, request)


def _begin(keeper: "Keeper", request: "TakenRequest") -> None:
    def run(store: "IndexStore") -> None:
        code, ended_well = guard.attempt(
            f"the command {request.command}", lambda: carry_out(keeper, store, request)
        )
        request.finish(code if ended_well and code is not None else FAILED)

    def done(future: "Future[None]") -> None:
        if future.cancelled():
            request.say("the server turned to another index; try again")
            request.finish(FAILED)

    keeper.work(run).add_done_callback(done)


def _begin_anew(root: "Root", folder: Path, request: "TakenRequest") -> None:
    """`clean`: the index goes, and is built anew as for a new workspace."""

    def remove() -> None:
        removed, _ = guard.attempt(
            "the command clean", lambda: _remove_index(folder, request.say)
        )
        if removed is not None:
            request.say(
                f"removed {removed / 1e6:.1f} MB in {folder}; the server, which goes "
                "on, indexes the workspace anew in the background"
            )
        request.finish(FAILED if removed is None else OK)

    root.start_over(remove)


def clean(root: "Root", store: "IndexStore") -> Future[int]:
    """Remove a root's index and begin another; the future has the bytes removed.

    Raises:
        LockedError: another process writes the index; from the future, too, where
            that one took it just now.
    """
    folder = store.folder if store.mode != "memory" else None
    if store.mode == "reader":
        raise LockedError(
            "another process writes this index, so it was not removed",
            holder=store.status().holder,
            advice="end that process, or clear the index there",
        )
    removed: Future[int] = Future()

    def remove() -> None:
        guard.fulfil(
            removed, lambda: 0 if folder is None else _remove_index(folder, _unsaid)
        )

    root.start_over(remove)
    return removed


def _unsaid(text: str) -> None:
    """Nobody listens: the error that follows says it."""
    del text


def _remove_index(folder: Path, say: Callable[[str], None]) -> int:
    """Empty an index folder that this server has let go of; how many bytes there were.

    Raises:
        LockedError: another process holds it for longer than LOCK_WAIT_S; said too.
    """
    from codanna_lsp.store.disk import RealDisk
    from codanna_lsp.store.holding.emptying import empty_index_folder
    from codanna_lsp.store.holding.lock import take_lock
    from codanna_lsp.store.store_status import bytes_on_disk

    until = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            lock = take_lock(folder)
            break
        except LockedError as error:
            if time.monotonic() > until:
                say(str(error))
                raise
            time.sleep(_LOOK_S)
    try:
        size = sum(bytes_on_disk(folder).values())
        empty_index_folder(RealDisk(), folder)
    finally:
        lock.release()
    return size


def carry_out(keeper: "Keeper", store: "IndexStore", request: "TakenRequest") -> int:
    """Do what a request asks for; the exit code that the command alone would have."""
    try:
        return _COMMANDS[request.command](keeper, store, request)
    except CodannaError as error:
        request.say(str(error))
        found = (code for kind, code in _BY_ERROR if isinstance(error, kind))
        return next(found, FAILED)


def _index(keeper: "Keeper", store: "IndexStore", request: "TakenRequest") -> int:
    del store
    return _say_summary(request, keeper.run_now())


def _rebuild(keeper: "Keeper", store: "IndexStore", request: "TakenRequest") -> int:
    del store
    return _say_summary(request, keeper.run_now(force=True))


def _repair(keeper: "Keeper", store: "IndexStore", request: "TakenRequest") -> int:
    mended = store.repair()
    request.say("both stores were written anew" if mended else "nothing was written")
    code = _say_summary(request, keeper.run_now(hash_all=True))
    return code if mended else FOLDER


def _verify(keeper: "Keeper", store: "IndexStore", request: "TakenRequest") -> int:
    del keeper
    problems = store.verify()
    for problem in problems:
        request.say(problem)
    if not problems:
        request.say("both stores are whole")
    return DAMAGED if problems else OK


_COMMANDS = {
    "index": _index,
    "rebuild": _rebuild,
    "repair": _repair,
    "verify": _verify,
}


def _say_summary(request: "TakenRequest", summary: "RunSummary") -> int:
    request.say(
        f"{summary.added} files added, {summary.changed} changed, "
        f"{summary.removed} removed, {summary.unchanged} unchanged"
    )
    for remark in filter(None, (summary.narrow, summary.hidden, summary.fallback)):
        request.say(remark)
    if not summary.durable:
        request.say("the index could not be written to disk")
        return FOLDER
    return INTERRUPTED if summary.cancelled else OK
