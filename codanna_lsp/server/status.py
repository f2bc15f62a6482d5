"""Status: what the server says of itself, in codanna/status and beside it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codanna_lsp.server.session import Session

MAX_LISTED = 100


def describe(session: "Session") -> dict[str, Any]:
    """The state of the session and of each of its roots."""
    return {"roots": []}
