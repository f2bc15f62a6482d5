"""Client: what the editor at the other end can do, as it said in `initialize`.

Invariant: unknown or misshapen capabilities are taken as absent, never as an error.
"""

from typing import Any, NamedTuple

from codanna_lsp.server.from_lsp import dig, is_list
from codanna_lsp.server.texts.positions import Encoding, choose_encoding
from codanna_lsp.settings import DEFINITION, DOCUMENT_SYMBOL, WORKSPACE_SYMBOL

# What every client can show: File to Array.
_FIRST_KINDS = frozenset(range(1, 19))

# They offer to watch files and do not see all: Helix tells of what it saves itself and
# of nothing else; Eglot (1.9 to 1.17 at least) drops the events of renamed files, for
# its watcher compares with a quoted symbol. A watcher of our own is worth more.
_WATCHES_BADLY = frozenset({"Eglot", "helix"})

_PLACES = {
    WORKSPACE_SYMBOL: ("workspace", "symbol"),
    DEFINITION: ("textDocument", "definition"),
    DOCUMENT_SYMBOL: ("textDocument", "documentSymbol"),
}


class Client(NamedTuple):
    """The capabilities that change our answers.

    lazy_ranges: a symbol may come without its range and be resolved later.
    committed: it is to hear by codanna/committed what has become durable.
    registers: our features that it takes later than in the answer to `initialize`.
    symbol_kinds, outline_kinds: LSP kinds that the client can show.
    """

    name: str = ""
    process_id: int | None = None
    encoding: Encoding = "utf-16"
    definition_links: bool = False
    outline_trees: bool = False
    lazy_ranges: bool = False
    symbol_tags: bool = False
    outline_tags: bool = False
    symbol_kinds: frozenset[int] = _FIRST_KINDS
    outline_kinds: frozenset[int] = _FIRST_KINDS
    progress: bool = False
    server_status: bool = False
    committed: bool = False
    configuration: bool = False
    configuration_changes: bool = False
    watches: bool = False
    watches_relative: bool = False
    workspace_folders: bool = False
    registers: frozenset[str] = frozenset()


def read_client(params: Any) -> Client:
    """The client that sent these params of `initialize`."""
    given = dig(params, "capabilities")
    symbol = dig(given, "workspace", "symbol")
    outline = dig(given, "textDocument", "documentSymbol")
    watched = dig(given, "workspace", "didChangeWatchedFiles")
    lazy = dig(symbol, "resolveSupport", "properties")
    process_id = dig(params, "processId")
    given_name = dig(params, "clientInfo", "name")
    name = given_name if isinstance(given_name, str) else ""
    return Client(
        name=name,
        process_id=process_id if type(process_id) is int and process_id > 0 else None,
        encoding=choose_encoding(dig(given, "general", "positionEncodings")),
        definition_links=_is(given, "textDocument", "definition", "linkSupport"),
        outline_trees=_is(outline, "hierarchicalDocumentSymbolSupport"),
        lazy_ranges=is_list(lazy) and "location.range" in lazy,
        symbol_tags=_has_deprecated(symbol),
        outline_tags=_has_deprecated(outline),
        symbol_kinds=_kinds(symbol),
        outline_kinds=_kinds(outline),
        progress=_is(given, "window", "workDoneProgress"),
        server_status=_is(given, "experimental", "serverStatusNotification"),
        committed=_is(given, "experimental", "committedNotification"),
        configuration=_is(given, "workspace", "configuration"),
        configuration_changes=_is(
            given, "workspace", "didChangeConfiguration", "dynamicRegistration"
        ),
        watches=_is(watched, "dynamicRegistration") and name not in _WATCHES_BADLY,
        watches_relative=_is(watched, "relativePatternSupport"),
        workspace_folders=_is(given, "workspace", "workspaceFolders"),
        registers=frozenset(
            feature
            for feature, place in _PLACES.items()
            if _is(given, *place, "dynamicRegistration")
        ),
    )


def _is(value: Any, *keys: str) -> bool:
    return dig(value, *keys) is True


def _has_deprecated(feature: Any) -> bool:
    tags = dig(feature, "tagSupport", "valueSet")
    return is_list(tags) and 1 in tags


def _kinds(feature: Any) -> frozenset[int]:
    listed = dig(feature, "symbolKind", "valueSet")
    if not is_list(listed):
        return _FIRST_KINDS
    return frozenset(kind for kind in listed if isinstance(kind, int))
