"""Status: what the server says of itself, in codanna/status and beside it.

Invariant: nothing is hidden: fallbacks, skipped files and partial answers stand here.
"""

from typing import TYPE_CHECKING, Any

from codanna_lsp.server.keeping.telling import to_text

if TYPE_CHECKING:
    from codanna_lsp.server.keeping.keeper import Keeper
    from codanna_lsp.server.root import Root
    from codanna_lsp.server.session import Session

MAX_LISTED_SKIPPED = 200
MAX_LISTED_INCIDENTS = 20

# The state of several roots is the first of these that one of them has.
_ORDER = ("CORRUPTED", "LOADING", "INDEXING", "SAVING", "READY", "EMPTY")

# What is said of a root whose index is not there yet.
_UNKNOWN: dict[str, Any] = {
    "state": "LOADING",
    "reason": "",
    "mode": "",
    "folder": "",
    "generation": 0,
    "serial": 0,
    "files": 0,
    "symbols": 0,
    "pendingFiles": 0,
    "verified": "",
    "bytesOnDisk": {},
    "holder": None,
    "watch": "off",
    "watchTrouble": "",
    "skippedCount": 0,
    "skipped": [],
    "narrow": "",
    "hidden": "",
    "fallback": "",
    "incidents": [],
}


def describe(session: "Session") -> dict[str, Any]:
    """The state of the session and of each of its roots."""
    from codanna_lsp.server.lsp_server import NAME, VERSION

    roots = [_describe_root(root) for root in session.roots]
    return {
        "name": NAME,
        "version": VERSION,
        "state": _shown_state([root["state"] for root in roots]),
        "files": sum(root["files"] for root in roots),
        "symbols": sum(root["symbols"] for root in roots),
        "partial": any(root["partial"] for root in roots),
        "openDocuments": len(session.documents),
        "positionEncoding": session.client.encoding,
        "roots": roots,
    }


def publish(session: "Session", *, now_ms: int) -> None:
    """Tell the client of states that have held long enough."""
    moved = False
    for root in session.roots:
        keeper = root.keeper
        if keeper is not None and keeper.store is not None:
            shown = keeper.store.state.next_to_publish(now_ms=now_ms)
            moved = moved or shown is not None
    if session.client.server_status:
        _publish_health(session)
    if moved:
        session.log(f"the index is {_shown_state(_states(session))}", 4)


def _publish_health(session: "Session") -> None:
    health, messages = "ok", list[str]()
    for root in session.roots:
        worse, message = _health(root)
        if message:
            messages.append(message)
        health = max(health, worse, key=("ok", "warning", "error").index)
    quiescent = not any(_is_partial(root) for root in session.roots)
    told: dict[str, Any] = {"health": health, "quiescent": quiescent}
    if messages:
        told["message"] = "\n".join(messages)
    if told != session.told_health:
        session.told_health = told
        session.protocol.notify("experimental/serverStatus", told)


def _health(root: "Root") -> tuple[str, str]:
    keeper = root.keeper
    if keeper is None or keeper.store is None:
        return "ok", ""
    shown = keeper.store.state.shown()
    if shown.state == "CORRUPTED":
        return "error", f"{root.name}: {shown.reason}"
    if keeper.teller.trouble:
        return "warning", f"{root.name}: {keeper.teller.trouble}"
    return "ok", ""


def _is_partial(root: "Root") -> bool:
    """True while answers may miss what the sources hold."""
    keeper = root.keeper
    if keeper is None:
        return False
    return keeper.store is None or keeper.last_run is None or keeper.is_indexing


def _states(session: "Session") -> list[str]:
    return [_state(root.keeper) for root in session.roots if root.keeper is not None]


def _state(keeper: "Keeper") -> str:
    return "LOADING" if keeper.store is None else keeper.store.state.shown().state


def _shown_state(states: list[str]) -> str:
    return min(states, key=_ORDER.index, default="EMPTY")


def _describe_root(root: "Root") -> dict[str, Any]:
    """One root, with the same keys in every state."""
    keeper = root.keeper
    known = _UNKNOWN | {
        "name": root.name,
        "uri": root.sources.base_uri,
        "partial": _is_partial(root),
    }
    if keeper is None:
        return known
    known |= {"watch": keeper.watcher.who, "watchTrouble": keeper.watcher.failure}
    if keeper.store is None:
        return known
    status = keeper.store.status()
    skipped = keeper.skipped
    run = keeper.last_run
    return known | {
        "state": status.state,
        "reason": status.reason,
        "mode": status.mode,
        "folder": status.folder,
        "generation": status.generation,
        "serial": status.serial,
        "files": status.file_count,
        "symbols": status.symbol_count,
        "pendingFiles": status.pending_files,
        "verified": status.verified,
        "bytesOnDisk": status.bytes_on_disk,
        "holder": status.holder,
        "skippedCount": len(skipped),
        "skipped": [
            {"path": item.path, "reason": item.reason}
            for item in skipped[:MAX_LISTED_SKIPPED]
        ],
        "narrow": run.narrow if run is not None else "",
        "hidden": run.hidden if run is not None else "",
        "fallback": run.fallback if run is not None else "",
        "incidents": [
            {
                "code": incident.code,
                "severity": incident.severity,
                "message": to_text(incident),
            }
            for incident in status.incidents[-MAX_LISTED_INCIDENTS:]
        ],
    }
