"""What changes around the documents: files, folders, settings."""

from typing import Any

from codanna_lsp.server import watching
from codanna_lsp.server.from_lsp import read_list, read_object, read_text
from codanna_lsp.server.lsp_server import CodannaServer


def watched_files(ls: CodannaServer, params: Any) -> None:
    """The client saw files change on disk."""
    changes = read_list(read_object(params).get("changes"), "changes")
    _changed(ls, [_uri(change, "changes[]", "uri") for change in changes])


def created(ls: CodannaServer, params: Any) -> None:
    """The user created files in the editor."""
    _changed(ls, [_uri(file, "files[]", "uri") for file in _files(params)])


def deleted(ls: CodannaServer, params: Any) -> None:
    """The user deleted files or folders in the editor."""
    _changed(ls, [_uri(file, "files[]", "uri") for file in _files(params)])


def renamed(ls: CodannaServer, params: Any) -> None:
    """The user renamed files or folders in the editor."""
    files = _files(params)
    _changed(ls, [_uri(file, "files[]", "oldUri") for file in files])
    _changed(ls, [_uri(file, "files[]", "newUri") for file in files])


def folders(ls: CodannaServer, params: Any) -> None:
    """Workspace folders were added or removed."""
    event = read_object(read_object(params).get("event"), "event")
    added = read_list(event.get("added", []), "event.added")
    removed = read_list(event.get("removed", []), "event.removed")
    session = ls.session
    for folder in removed:
        session.remove_root(_uri(folder, "event.removed[]", "uri"))
    for folder in added:
        name = read_object(folder, "event.added[]").get("name", "")
        session.add_root(_uri(folder, "event.added[]", "uri"), name=str(name))
    watching.register(session)


def configuration(ls: CodannaServer, params: Any) -> None:
    """Settings changed: they come along, or the client is asked for them."""
    if ls.session.client.configuration:
        ls.session.ask_for_settings()
    else:
        ls.session.change_settings(read_object(params).get("settings"))


def _changed(ls: CodannaServer, uris: list[str]) -> None:
    ls.session.files_changed(uris)


def _files(params: Any) -> list[Any]:
    return read_list(read_object(params).get("files"), "files")


def _uri(value: Any, name: str, key: str) -> str:
    return read_text(read_object(value, name).get(key), f"{name}.{key}")
