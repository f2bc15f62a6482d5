"""Asked: what commands beside this server ask of it, as holder of the index's lock.

Invariant: each request that was taken is finished with an exit code, whatever happens.
"""

from typing import TYPE_CHECKING

from codanna_lsp.errors import CodannaError
from codanna_lsp.server import guard

if TYPE_CHECKING:
    from codanna_lsp.indexing.progress import RunSummary
    from codanna_lsp.server.keeping.keeper import Keeper
    from codanna_lsp.store.index_store import IndexStore
    from codanna_lsp.store.requests import TakenRequest

# The exit codes of the commands (cli/exit_codes.py), for the cli is above this room.
OK, DAMAGED, FAILED = 0, 4, 70


def take_over_requests(keeper: "Keeper", store: "IndexStore") -> None:
    """Take what lies in the index folder and begin to carry it out."""
    from codanna_lsp.store.disk import RealDisk
    from codanna_lsp.store.requests import take_requests

    if store.folder is None or store.mode != "writer":
        return
    for request in take_requests(RealDisk(), store.folder):
        _begin(keeper, request)


def _begin(keeper: "Keeper", request: "TakenRequest") -> None:
    def run(store: "IndexStore") -> None:
        code, ended_well = guard.attempt(
            f"the command {request.command}", lambda: _carry_out(keeper, store, request)
        )
        request.finish(code if ended_well and code is not None else FAILED)

    request.say(f"the server of this workspace does it (process {_process()})")
    keeper.work(run)


def _carry_out(keeper: "Keeper", store: "IndexStore", request: "TakenRequest") -> int:
    try:
        return _COMMANDS[request.command](keeper, store, request)
    except CodannaError as error:
        request.say(str(error))
        return DAMAGED


def _index(keeper: "Keeper", store: "IndexStore", request: "TakenRequest") -> int:
    del store
    request.say(_told(keeper.run_now()))
    return OK


def _clean(keeper: "Keeper", store: "IndexStore", request: "TakenRequest") -> int:
    del store
    request.say("the server needs an index, so it is built anew in its place")
    request.say(_told(keeper.run_now(force=True)))
    return OK


def _repair(keeper: "Keeper", store: "IndexStore", request: "TakenRequest") -> int:
    mended = store.repair()
    request.say("both stores were written anew" if mended else "nothing was written")
    request.say(_told(keeper.run_now(hash_all=True)))
    return OK if mended else DAMAGED


def _verify(keeper: "Keeper", store: "IndexStore", request: "TakenRequest") -> int:
    del keeper
    problems = store.verify()
    for problem in problems:
        request.say(problem)
    if not problems:
        request.say("both stores are whole")
    return DAMAGED if problems else OK


_COMMANDS = {"index": _index, "clean": _clean, "repair": _repair, "verify": _verify}


def _told(summary: "RunSummary") -> str:
    return (
        f"{summary.added} files added, {summary.changed} changed, "
        f"{summary.removed} removed, {summary.unchanged} unchanged"
    )


def _process() -> int:
    import os

    return os.getpid()
