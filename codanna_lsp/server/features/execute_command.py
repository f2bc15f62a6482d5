"""workspace/executeCommand: what a user can ask of the index by hand."""

from collections.abc import Callable
from typing import Any

from codanna_lsp.server.from_lsp import invalid, read_object, read_text
from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.server.status import describe


async def _status(ls: CodannaServer) -> Any:
    return describe(ls.session)


async def _verify(ls: CodannaServer) -> Any:
    return [await root.verify() for root in ls.session.roots]


async def _repair(ls: CodannaServer) -> Any:
    return [await root.repair() for root in ls.session.roots]


async def _rebuild(ls: CodannaServer) -> Any:
    return [await root.rebuild() for root in ls.session.roots]


COMMANDS: dict[str, Callable[[CodannaServer], Any]] = {
    "codanna.status": _status,
    "codanna.verify": _verify,
    "codanna.repair": _repair,
    "codanna.rebuild": _rebuild,
}


def execute(ls: CodannaServer, params: Any) -> Any:
    """Run one of our commands; arguments are taken and not needed."""
    name = read_text(read_object(params).get("command"), "command")
    command = COMMANDS.get(name)
    if command is None:
        known = ", ".join(COMMANDS)
        raise invalid(f"unknown command {name[:200]!r}; there are {known}")
    return command(ls)
