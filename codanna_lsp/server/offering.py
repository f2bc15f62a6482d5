"""Offering: the features that the client is told of, also those that settings allow later.

Invariant: a feature is declared once, in the answer to `initialize` or by a registration.
What is declared and no longer allowed is answered with nothing.
"""

from typing import TYPE_CHECKING, Any

from codanna_lsp.settings import DEFINITION, DOCUMENT_SYMBOL, FEATURES, WORKSPACE_SYMBOL

if TYPE_CHECKING:
    from codanna_lsp.server.session import Session

_METHODS = {
    WORKSPACE_SYMBOL: "workspace/symbol",
    DEFINITION: "textDocument/definition",
    DOCUMENT_SYMBOL: "textDocument/documentSymbol",
}


def declare(session: "Session") -> dict[str, bool]:
    """The part of our capabilities that settings decide."""
    session.offered = set(filter(session.settings.may_answer, FEATURES))
    return {f"{feature}Provider": feature in session.offered for feature in FEATURES}


def register(session: "Session") -> None:
    """Declare what other settings allow now, where the client takes that."""
    if session.offered is None:
        return
    missing = session.client.registers - session.offered
    added = sorted(filter(session.settings.may_answer, missing))
    if not added:
        return
    session.offered.update(added)
    registrations = [_registration(feature) for feature in added]
    session.protocol.ask("client/registerCapability", {"registrations": registrations})


def _registration(feature: str) -> dict[str, Any]:
    method = _METHODS[feature]
    # null: in all documents that the client opens for us.
    options = {} if feature == WORKSPACE_SYMBOL else {"documentSelector": None}
    return {"id": f"codanna-{feature}", "method": method, "registerOptions": options}
