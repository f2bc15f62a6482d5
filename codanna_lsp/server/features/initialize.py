"""initialize to exit: how a session begins and ends."""

import asyncio
from typing import Any

from codanna_lsp.server import offering, watching
from codanna_lsp.server.client import read_client
from codanna_lsp.server.features.execute_command import COMMANDS
from codanna_lsp.server.from_lsp import dig, read_list, read_object, read_text
from codanna_lsp.server.lsp_server import NAME, VERSION, CodannaServer
from codanna_lsp.server.protocol import Life
from codanna_lsp.server.texts import uris
from codanna_lsp.server.wire import parent

_INCREMENTAL = 2
_EVERY_FILE = {"filters": [{"scheme": "file", "pattern": {"glob": "**/*"}}]}


def initialize(ls: CodannaServer, params: Any) -> dict[str, Any]:
    """Answer at once; the indexes are loaded behind this answer."""
    given = read_object(params)
    folders = _folders(given)
    session = ls.session
    session.client = read_client(given)
    session.take_options(given.get("initializationOptions"))
    ls.protocol.life = Life.RUNNING
    session.loop = asyncio.get_running_loop()
    session.loop.call_soon(session.start, folders)
    _watch_parent(ls, session.client.process_id)
    return {
        "capabilities": {
            "positionEncoding": session.client.encoding,
            "textDocumentSync": {
                "openClose": True,
                "change": _INCREMENTAL,
                "save": {"includeText": False},
            },
            **offering.declare(session),
            "executeCommandProvider": {"commands": list(COMMANDS)},
            "workspace": {
                "workspaceFolders": {"supported": True, "changeNotifications": True},
                "fileOperations": {
                    "didCreate": _EVERY_FILE,
                    "didRename": _EVERY_FILE,
                    "didDelete": _EVERY_FILE,
                },
            },
        },
        "serverInfo": {"name": NAME, "version": VERSION},
    }


def initialized(ls: CodannaServer, params: Any) -> None:
    """Ask for what the client gives only now: settings, and file events."""
    del params
    watching.register(ls.session)
    ls.session.ask_for_settings()


def shutdown(ls: CodannaServer, params: Any) -> None:
    """Take no more requests; the journal holds all that was acknowledged."""
    del params
    ls.protocol.life = Life.SHUT_DOWN


def leave(ls: CodannaServer, params: Any) -> None:
    """End the process: with 0 after a shutdown, else with 1."""
    del params
    ls.protocol.on_end(0 if ls.protocol.life is Life.SHUT_DOWN else 1)


def ignore(ls: CodannaServer, params: Any) -> None:
    """Take a notification that changes nothing here."""
    del ls, params


def _watch_parent(ls: CodannaServer, process_id: int | None) -> None:
    if process_id is None or not parent.is_alive(process_id):
        return

    async def watch() -> None:
        await parent.wait_for_end(process_id)
        ls.protocol.on_end(1)

    ls.session.keep(asyncio.ensure_future(watch()))


def _folders(given: Any) -> list[tuple[str, str]]:
    """The URIs and names of the workspace folders, from the newest way of saying it."""
    listed = given.get("workspaceFolders")
    if listed is not None:
        folders = [
            read_object(folder, "workspaceFolders[]")
            for folder in read_list(listed, "workspaceFolders")
        ]
        return [
            (read_text(folder.get("uri"), "workspaceFolders[].uri"), _name(folder))
            for folder in folders
        ]
    uri = given.get("rootUri")
    if uri is not None:
        return [(read_text(uri, "rootUri"), "")]
    path = given.get("rootPath")
    if path is not None:
        return [(uris.from_path(read_text(path, "rootPath")), "")]
    return []


def _name(folder: Any) -> str:
    name = dig(folder, "name")
    return name if isinstance(name, str) else ""
