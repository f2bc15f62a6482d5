"""From our words to LSP's JSON: symbols, outlines and places.

Invariant: everything is built of dicts, lists, strings and numbers: answers of
hundreds of symbols are encoded in less than a millisecond.
"""

from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as _quoted
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


class JsonText(str):
    """An answer that is JSON already, in ASCII."""

    __slots__ = ()


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


def to_symbols(
    found: "Sequence[tuple[SymbolMatch, Sources]]", client: Client
) -> JsonText:
    """Symbols, best first, as workspace/symbol answers them.

    Fits WorkspaceSymbol and SymbolInformation alike; `score` is what eglot sorts by.
    Written by hand: building and dumping hundreds of dictionaries takes thrice as long.
    """
    known_kinds = client.symbol_kinds
    uris: dict[tuple[int, str], str] = {}
    texts: list[str] = []
    step, score = 1 / (len(found) + 1), 1.0
    for row, sources in found:
        name, kind, flags, container, language, path, line, start, end, *_ = row
        if flags & _WIDE or end >= _MAX_COLUMN:
            line, start, end = sources.columns(
                path, line, start, end, encoding=client.encoding
            )
        uri = uris.get((id(sources), path))
        if uri is None:
            uri = uris[id(sources), path] = _quoted(sources.uri_of(path))
        more = ""
        if container:
            more = f',"containerName":{_quoted(to_container(container, language))}'
        if flags & _DEPRECATED and client.symbol_tags:
            more += ',"tags":[1]'
        texts.append(
            f'{{"name":{_quoted(name)},'
            f'"kind":{kind if kind in known_kinds else to_kind(kind, known_kinds)},'
            f'"location":{{"uri":{uri},"range":{{'
            f'"start":{{"line":{line},"character":{start}}},'
            f'"end":{{"line":{line},"character":{end}}}}}}},'
            f'"score":{score:.6f}{more}}}'
        )
        score -= step
    return JsonText(f"[{','.join(texts)}]")


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
