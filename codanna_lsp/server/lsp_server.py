"""CodannaServer: pygls's server with our protocol, and the session that it serves."""

from typing import Any

from pygls.lsp.server import LanguageServer

from codanna_lsp.server.protocol import Protocol
from codanna_lsp.server.session import Session
from codanna_lsp.settings import Settings

NAME = "codanna-lsp"
VERSION = "0.1.0"  # importlib.metadata would cost the start 15 ms


class CodannaServer(LanguageServer):
    """What handlers are given: the session, and the protocol to speak to the client."""

    protocol: Protocol  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            NAME,
            VERSION,
            protocol_cls=Protocol,
            converter_factory=_no_converter,
        )
        self.session = Session(self.protocol, settings or Settings())
        self.protocol.on_damage = self.session.suspect_damage


def _no_converter() -> Any:
    # Answers are JSON data already: cattrs would cost 60 ms before the first of them.
    return None
