"""Watching: who tells us that files changed, as the client and the settings allow.

Invariant: exactly one of client, own watcher, or rescan tells a root of its changes.
"""

from typing import TYPE_CHECKING, Any

from codanna_lsp.server.texts import uris

if TYPE_CHECKING:
    from codanna_lsp.server.session import Session

_ALL_CHANGES = 7  # created, changed, deleted
_ID = "codanna-files"
_METHOD = "workspace/didChangeWatchedFiles"


def is_ours(session: "Session") -> bool:
    """Whether the server itself is to look for changed files."""
    if _is_the_clients(session):
        return False
    return session.settings.watch in ("auto", "server")


def register(session: "Session") -> None:
    """Ask the client for file events, or anew when folders or settings changed."""
    if session.is_told_of_files:
        session.is_told_of_files = False
        taken_back = {"id": _ID, "method": _METHOD}
        # The misspelled key is LSP's own.
        session.protocol.ask(
            "client/unregisterCapability", {"unregisterations": [taken_back]}
        )
    if not _is_the_clients(session) or not session.roots:
        return
    session.is_told_of_files = True
    registration = {
        "id": _ID,
        "method": _METHOD,
        "registerOptions": {"watchers": _watchers(session)},
    }
    session.protocol.ask("client/registerCapability", {"registrations": [registration]})


def _is_the_clients(session: "Session") -> bool:
    return session.client.watches and session.settings.watch in ("auto", "client")


def _watchers(session: "Session") -> list[dict[str, Any]]:
    if not session.client.watches_relative:
        return [{"globPattern": "**/*", "kind": _ALL_CHANGES}]
    return [
        {
            "globPattern": {
                "baseUri": uris.from_path(root.sources.path),
                "pattern": "**/*",
            },
            "kind": _ALL_CHANGES,
        }
        for root in session.roots
    ]
