"""From our words to LSP's JSON: symbols, outlines and places.

Invariant: everything is built of dicts, lists, strings and numbers: answers of
hundreds of symbols are encoded in less than a millisecond.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from codanna_lsp.model.container import join_container
from codanna_lsp.model.span import Span
from codanna_lsp.model.symbol import SymbolFlag, SymbolKind
from codanna_lsp.server.client import Client
from codanna_lsp.server.texts.positions import Encoding, SourceText

if TYPE_CHECKING:
    from codanna_lsp.queries.definition import Target
    from codanna_lsp.queries.outline import OutlineNode
    from codanna_lsp.queries.symbol_search import SymbolMatch
    from codanna_lsp.server.texts.sources import Sources

Json = dict[str, Any]

_DEPRECATED = int(SymbolFlag.DEPRECATED)
_WIDE = int(SymbolFlag.WIDE)
_DEPRECATED_TAGS = [1]

# Our kinds that LSP has not, and what stands for LSP's later kinds in old clients.
_LSP_KINDS = {
    int(SymbolKind.TRAIT): int(SymbolKind.INTERFACE),
    int(SymbolKind.TYPE_ALIAS): int(SymbolKind.TYPE_PARAMETER),
    int(SymbolKind.MACRO): int(SymbolKind.CONSTANT),
}
_OLD_KINDS = {
    int(SymbolKind.OBJECT): int(SymbolKind.VARIABLE),
    int(SymbolKind.KEY): int(SymbolKind.PROPERTY),
    int(SymbolKind.NULL): int(SymbolKind.CONSTANT),
    int(SymbolKind.ENUM_MEMBER): int(SymbolKind.CONSTANT),
    int(SymbolKind.STRUCT): int(SymbolKind.CLASS),
    int(SymbolKind.EVENT): int(SymbolKind.FIELD),
    int(SymbolKind.OPERATOR): int(SymbolKind.METHOD),
    int(SymbolKind.TYPE_PARAMETER): int(SymbolKind.CLASS),
}
_SCOPE_MARKS = {"c": "::", "cpp": "::", "rust": "::"}
_MAX_COLUMN = 65_535  # where the index's columns saturate


def to_kind(kind: int, known: frozenset[int]) -> int:
    """The LSP kind that a client shows for one of ours."""
    kind = _LSP_KINDS.get(kind, kind)
    if kind in known:
        return kind
    return _OLD_KINDS.get(kind, int(SymbolKind.VARIABLE))


def to_container(names: Sequence[str], language: str) -> str:
    """The enclosing names as one, joined as the language writes it."""
    return join_container(names, _SCOPE_MARKS.get(language, "."))


def to_range(start: tuple[int, int], end: tuple[int, int]) -> Json:
    """An LSP range of two positions that are LSP's already."""
    return {
        "start": {"line": start[0], "character": start[1]},
        "end": {"line": end[0], "character": end[1]},
    }


def to_symbol(
    row: "SymbolMatch", sources: "Sources", client: Client, *, score: float
) -> Json:
    """A symbol as workspace/symbol answers it.

    Fits WorkspaceSymbol and SymbolInformation alike; `score` is what eglot sorts by.
    """
    line, start, end = row.line, row.column, row.end_column
    flags = row.flags
    if flags & _WIDE or end >= _MAX_COLUMN:
        line, start, end = sources.columns(
            row.path, line, start, end, encoding=client.encoding
        )
    kind = row.kind
    answer: Json = {
        "name": row.name,
        "kind": kind
        if kind in client.symbol_kinds
        else to_kind(kind, client.symbol_kinds),
        "location": {
            "uri": sources.uri_of(row.path),
            "range": {
                "start": {"line": line, "character": start},
                "end": {"line": line, "character": end},
            },
        },
        "score": score,
    }
    container = row.container
    if container:
        answer["containerName"] = to_container(container, row.language)
    if flags & _DEPRECATED and client.symbol_tags:
        answer["tags"] = _DEPRECATED_TAGS
    return answer


def to_outline(
    nodes: Sequence["OutlineNode"], text: SourceText, client: Client
) -> list[Json]:
    """An outline as a tree of DocumentSymbol."""
    answer: list[Json] = []
    waiting = [(nodes, answer)]
    while waiting:
        level, into = waiting.pop()
        for node in level:
            item = _to_node(node, text, client)
            into.append(item)
            if node.children:
                below: list[Json] = []
                item["children"] = below
                waiting.append((node.children, below))
    return answer


def to_flat_outline(
    nodes: Sequence["OutlineNode"],
    text: SourceText,
    client: Client,
    *,
    uri: str,
    language: str,
) -> list[Json]:
    """An outline as SymbolInformation, for clients that know no trees."""
    answer: list[Json] = []
    waiting: list[tuple[OutlineNode, tuple[str, ...]]] = [
        (node, ()) for node in reversed(nodes)
    ]
    while waiting:
        node, container = waiting.pop()
        item = _to_node(node, text, client)
        del item["selectionRange"]
        item.pop("detail", None)
        item["location"] = {"uri": uri, "range": item.pop("range")}
        if container:
            item["containerName"] = to_container(container, language)
        answer.append(item)
        inner = (*container, node.symbol.name)
        waiting.extend((child, inner) for child in reversed(node.children))
    return answer


def to_location(target: "Target", sources: "Sources", client: Client) -> Json:
    """A definition's name as an LSP Location."""
    return {
        "uri": sources.uri_of(target.path),
        "range": _range_in(target.path, target.span, sources, client),
    }


def to_location_link(
    target: "Target", sources: "Sources", client: Client, *, origin: Json | None
) -> Json:
    """A definition as an LSP LocationLink; `origin` is what was asked about."""
    name = _range_in(target.path, target.span, sources, client)
    whole = _range_in(target.path, target.full, sources, client)
    # LSP wants the name inside the whole, whatever the text has become meanwhile.
    for end, wider in (("start", min), ("end", max)):
        whole[end] = wider(whole[end], name[end], key=_place_of)
    link: Json = {
        "targetUri": sources.uri_of(target.path),
        "targetRange": whole,
        "targetSelectionRange": name,
    }
    return link if origin is None else {"originSelectionRange": origin, **link}


def _place_of(position: Json) -> tuple[int, int]:
    return position["line"], position["character"]


def _range_in(path: str, span: Span, sources: "Sources", client: Client) -> Json:
    text = sources.text(path)
    if text is None:
        return to_range(
            (span.start_line, span.start_column), (span.stop_line, span.stop_column)
        )
    return to_text_range(span, text, client.encoding)


def to_text_range(
    span: tuple[int, int, int, int], text: SourceText, encoding: Encoding
) -> Json:
    """Our span as an LSP range in this text."""
    start = text.to_client(span[0], span[1], encoding)
    return to_range(start, max(start, text.to_client(span[2], span[3], encoding)))


def _to_node(node: "OutlineNode", text: SourceText, client: Client) -> Json:
    symbol = node.symbol
    name_span = (symbol.line, symbol.column, symbol.line, symbol.end_column)
    item: Json = {
        "name": symbol.name,
        "kind": to_kind(symbol.kind, client.outline_kinds),
        "range": to_text_range(node.span, text, client.encoding),
        "selectionRange": to_text_range(name_span, text, client.encoding),
    }
    if symbol.signature:
        item["detail"] = symbol.signature
    if symbol.flags & _DEPRECATED and client.outline_tags:
        item["tags"] = _DEPRECATED_TAGS
    return item
