"""Teller: what one root has to say to the user, each thing once.

Invariant: damage and repair reach the user in words: what was damaged, what was done,
and what was lost, if anything.
"""

import asyncio
import threading
from typing import TYPE_CHECKING

from codanna_lsp.errors import CodannaError

if TYPE_CHECKING:
    from codanna_lsp.server.root import Root
    from codanna_lsp.server.session import Session
    from codanna_lsp.store.incident import Incident
    from codanna_lsp.store.index_store import IndexStore
    from codanna_lsp.store.transaction import Durable

ERROR, WARNING, INFO, LOG = 1, 2, 3, 4  # LSP's MessageType
MAX_INCIDENTS = 100
MAX_COMMITTED_FILES = 100
"""Of a transaction with more files (a batch of an index run) only their count is told."""

ENDING_S = 3.0
"""How long another writer may be one that is ending: an editor that restarts its server
starts the new one before the old one, or its checkpoint's child, has gone."""

_KINDS = {"error": ERROR, "warning": WARNING, "info": INFO}
# Of what is only worth knowing, these change what the user can expect.
_SHOWN = frozenset({"NEWER_FORMAT", "READER"})
_SHOWN_IF_IT_STAYS = frozenset({"READER"})


class Teller:
    """The voice of one root; may be called from any thread."""

    def __init__(self, session: "Session", root: "Root") -> None:
        self._session = session
        self._root = root
        self._lock = threading.Lock()
        self._incidents: list[Incident] = []
        self._troubles: dict[str, str] = {}
        self._waiting: asyncio.TimerHandle | None = None  # of the loop's thread

    @property
    def incidents(self) -> "tuple[Incident, ...]":
        """The last incidents, oldest first."""
        with self._lock:
            return tuple(self._incidents)

    @property
    def trouble(self) -> str:
        """What was told last and is not mended yet, "" when all is well."""
        with self._lock:
            return next(reversed(self._troubles.values()), "")

    def tell_incident(self, incident: "Incident") -> None:
        """Show an incident, or log it when the user has nothing to do with it."""
        kind = _KINDS[incident.severity]
        text = to_text(incident)
        with self._lock:
            self._incidents.append(incident)
            del self._incidents[:-MAX_INCIDENTS]
            if kind < INFO:
                self._troubles.pop(incident.code, None)
                self._troubles[incident.code] = text
        shown, after_s = showing(incident)
        if incident.code == "TOOK_OVER":
            self._session.on_loop(self._drop_waiting)
        if after_s:
            self._session.on_loop(self._say_unless_it_ends, text, kind, after_s)
        elif kind < INFO:
            self._session.on_loop(self._show, text, kind)
        else:
            self._session.on_loop(self._say, text, kind, shown)

    def tell_durable(self, durable: "Durable") -> None:
        """Send codanna/committed to a client that asked for it in `initialize`."""
        if self._session.client.committed:
            self._session.on_loop(self._send_durable, durable)

    def _send_durable(self, durable: "Durable") -> None:
        sources = self._root.sources
        few = durable.paths if len(durable.paths) <= MAX_COMMITTED_FILES else ()
        said = {
            "uri": sources.base_uri,
            "serial": durable.serial,
            "generation": durable.generation,
            "fileCount": len(durable.paths),
            "files": [sources.uri_of(path) for path in few],
        }
        self._session.protocol.notify("codanna/committed", said)

    def tell_error(self, error: BaseException) -> None:
        """Show what the world refused; our own bugs are in the log only."""
        if isinstance(error, CodannaError):
            self._session.on_loop(self._say, str(error), WARNING, True)

    def tell_failure(self, text: str) -> None:
        """Show that something of ours did not work, and that answers go on."""
        self._session.on_loop(self._say, f"{text}; see the log", ERROR, True)

    def settle(self, store: "IndexStore") -> None:
        """Forget what the store has mended for good."""
        with self._lock:  # what it tells now, it knew before
            left = store.troubles
            for code in [code for code in self._troubles if code not in left]:
                del self._troubles[code]

    def _say_unless_it_ends(self, text: str, kind: int, after_s: float) -> None:
        """Show that another process writes, if it still does after a while."""
        self._drop_waiting()
        loop = asyncio.get_running_loop()
        self._waiting = loop.call_later(after_s, self._say, text, kind, True)

    def _drop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _show(self, text: str, kind: int) -> None:
        """Show it also when the same was shown before: this is another of its kind."""
        self._session.show(self._named(text), kind)

    def _say(self, text: str, kind: int, shown: bool) -> None:  # noqa: FBT001
        text = self._named(text)
        if shown:
            self._session.say_once(text, kind)
        else:
            self._session.log(text, kind)

    def _named(self, text: str) -> str:
        if len(self._session.roots) > 1:
            text = f"{self._root.name}: {text}"
        return f"codanna-lsp: {text}"


def showing(incident: "Incident") -> tuple[bool, float]:
    """Whether the user is shown it, or it is only logged; and after how many seconds."""
    shown = _KINDS[incident.severity] < INFO or incident.code in _SHOWN
    return shown, ENDING_S if incident.code in _SHOWN_IF_IT_STAYS else 0.0


def to_text(incident: "Incident") -> str:
    """An incident in one sentence for the user."""
    text = f"{incident.damaged}: {incident.done}"
    if not incident.lost and not incident.was_damage:
        return text
    return f"{text}; {incident.lost or 'nothing'} was lost"
