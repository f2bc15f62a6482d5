"""Watching: who tells us that files changed, as the client and the settings allow.

Invariant: exactly one of client, own watcher, or rescan tells a root of its changes.
"""

from typing import TYPE_CHECKING, Any

from codanna_lsp.server.texts import uris

if TYPE_CHECKING:
    from codanna_lsp.server.session import Session

_ALL_CHANGES = 7  # created, changed, deleted
_ID = "codanna-files"


def client_watches(session: "Session") -> bool:
    """Whether the client is asked to report changed files."""
    return session.client.watches and session.settings.watch in ("auto", "client")


def is_wanted(session: "Session") -> bool:
    """Whether the server itself is to look for changed files."""
    return session.settings.watch in ("auto", "server")


def register(session: "Session") -> None:
    """Ask the client for file events (anew when its folders changed)."""
    if not client_watches(session) or not session.roots:
        return
    options = {"watchers": _watchers(session)}
    registration = {
        "id": _ID,
        "method": "workspace/didChangeWatchedFiles",
        "registerOptions": options,
    }
    session.protocol.ask("client/registerCapability", {"registrations": [registration]})


def unregister(session: "Session") -> None:
    """Take back what `register` asked for."""
    if not client_watches(session):
        return
    taken_back = {"id": _ID, "method": "workspace/didChangeWatchedFiles"}
    # The misspelled key is LSP's own.
    session.protocol.ask(
        "client/unregisterCapability", {"unregisterations": [taken_back]}
    )


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
