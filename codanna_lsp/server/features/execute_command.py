"""workspace/executeCommand: what a user can ask of the index by hand."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from codanna_lsp.server.from_lsp import invalid, read_object, read_text
from codanna_lsp.server.keeping.asked import clean
from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.server.status import describe

if TYPE_CHECKING:
    from codanna_lsp.store.index_store import IndexStore

Json = dict[str, Any]

COMMAND_WAIT_S = 30.0


async def _status(ls: CodannaServer) -> Any:
    return describe(ls.session)


async def _verify(ls: CodannaServer) -> Any:
    return await _in_each_root(ls, lambda store: {"problems": list(store.verify())})


async def _repair(ls: CodannaServer) -> Any:
    """Mend and write all anew: what was found damaged, and whether it was written."""
    answer = await _in_each_root(
        ls,
        lambda store: {"problems": list(store.verify()), "repaired": store.repair()},
    )
    for root in ls.session.roots:
        if root.keeper is not None:
            await asyncio.wrap_future(root.keeper.look_at_everything(hash_all=True))
    return answer


async def _rebuild(ls: CodannaServer) -> Any:
    answer: list[Json] = []
    for root in ls.session.roots:
        if root.keeper is not None:
            run = root.keeper.look_at_everything(force=True)
            summary = await asyncio.wrap_future(run)
            answer.append({"root": root.name, **summary._asdict()})
    return answer


async def _clean(ls: CodannaServer) -> Any:
    """Remove every root's index; what is open is indexed anew behind the answer."""
    await ls.session.wait_until_loaded(COMMAND_WAIT_S)
    answer: list[Json] = []
    for root in ls.session.roots:
        if root.keeper is not None and root.keeper.store is not None:
            removing = asyncio.wrap_future(clean(root, root.keeper.store))
            removed = await asyncio.wait_for(removing, COMMAND_WAIT_S)
            answer.append({"root": root.name, "removedBytes": removed})
    return answer


async def _in_each_root(
    ls: CodannaServer, job: "Callable[[IndexStore], Json]"
) -> list[Json]:
    await ls.session.wait_until_loaded(COMMAND_WAIT_S)
    answer: list[Json] = []
    for root in ls.session.roots:
        if root.keeper is not None:
            found = await asyncio.wrap_future(root.keeper.work(job))
            answer.append({"root": root.name, **found})
    return answer


COMMANDS: dict[str, Callable[[CodannaServer], Any]] = {
    "codanna.status": _status,
    "codanna.verify": _verify,
    "codanna.repair": _repair,
    "codanna.rebuild": _rebuild,
    "codanna.clean": _clean,
}


def execute(ls: CodannaServer, params: Any) -> Any:
    """Run one of our commands; arguments are taken and not needed."""
    name = read_text(read_object(params).get("command"), "command")
    command = COMMANDS.get(name)
    if command is None:
        known = ", ".join(COMMANDS)
        raise invalid(f"unknown command {name[:200]!r}; there are {known}")
    return command(ls)
