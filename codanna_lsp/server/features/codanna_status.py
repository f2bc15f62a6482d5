"""codanna/status: everything that the server knows about itself."""

from typing import Any

from codanna_lsp.server.lsp_server import CodannaServer
from codanna_lsp.server.status import describe


def find(ls: CodannaServer, params: Any) -> dict[str, Any]:
    """The state of every workspace folder; `params` may be left out."""
    del params
    return describe(ls.session)
