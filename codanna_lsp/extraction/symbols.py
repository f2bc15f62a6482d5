"""Drafts to Symbols: names, kinds, flags, spans, signatures, docs.

Invariant: locals of a function are no symbols; its inner functions and classes are.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

from codanna_lsp.extraction import docs
from codanna_lsp.extraction.captures import Draft
from codanna_lsp.extraction.rules import Rules
from codanna_lsp.languages.language import Language
from codanna_lsp.model.symbol import Symbol, SymbolFlag, SymbolKind

SIGNATURE_LIMIT = 200  # characters
TYPE_LIMIT = 200  # characters
NAME_LIMIT = 512  # bytes; a longer "name" is data, not a name
_HEAD_LIMIT = 400  # bytes of a declaration without a body
_LONG_HEAD_LIMIT = 2_000  # bytes of a declaration with one

CALLABLE_KINDS = frozenset(
    (
        int(SymbolKind.FUNCTION),
        int(SymbolKind.METHOD),
        int(SymbolKind.CONSTRUCTOR),
        int(SymbolKind.PROPERTY),
        int(SymbolKind.OPERATOR),
    )
)
CLASS_KINDS = frozenset(
    (
        int(SymbolKind.CLASS),
        int(SymbolKind.ENUM),
        int(SymbolKind.INTERFACE),
        int(SymbolKind.STRUCT),
        int(SymbolKind.TRAIT),
    )
)
_VARIABLE_KINDS = frozenset((int(SymbolKind.VARIABLE), int(SymbolKind.CONSTANT)))
_EXPORTED = int(SymbolFlag.EXPORTED)
_DEPRECATED = int(SymbolFlag.DEPRECATED)

_ANNOTATIONS = re.compile(
    rb"(?:(?:@(?!interface\b)[\w.]+(?:\((?:[^()]|\([^()]*\))*\))?|#\[[^\]]*\])\s*)+"
)


def build_symbols(
    drafts: Sequence[Draft],
    source: bytes,
    lines: list[int],
    language: Language,
    rules: Rules,
    *,
    flags: int,
) -> list[Symbol]:
    """The symbols of the drafts; each draft gets its symbol's index.

    `lines` are the starts of the lines, `flags` what the file gives every symbol.
    """
    symbols: list[Symbol] = []
    assigned: set[tuple[int, str]] = set()
    first_assignment_defines = bool(language.self_receivers)
    doc_of = _docstring_of if language.doc_style == "docstring" else _comment_of
    classify, make, file_flags = rules.classify, tuple.__new__, flags
    for draft in drafts:
        parent = draft.parent
        container = draft.index = parent.index if parent is not None else -1
        if not draft.named:
            continue
        if draft.member:
            container = _place_member(draft, symbols, source, language)
        name_start, name_stop = draft.name_start, draft.name_stop
        if not 0 < name_stop - name_start <= NAME_LIMIT:
            continue
        owner, owner_flags = 0, _EXPORTED
        if container >= 0:
            owner, owner_flags = symbols[container][1:3]
        kind = draft.kind
        if owner in CALLABLE_KINDS and kind in _VARIABLE_KINDS:
            continue
        name = source[name_start:name_stop].decode("utf-8", "replace")
        if first_assignment_defines and draft.body_start < 0:
            if (container, name) in assigned:
                continue
            assigned.add((container, name))
        head = _head(draft, source)
        kind, flags = classify(kind, name, head, owner)
        if not owner_flags & _EXPORTED or owner in CALLABLE_KINDS:
            flags &= ~_EXPORTED
        doc, is_deprecated = doc_of(draft, source)
        if is_deprecated:
            flags |= _DEPRECATED
        draft.index, draft.kind, draft.is_symbol = len(symbols), kind, True
        line = bisect_right(lines, name_start) - 1
        line_start = lines[line]
        column = name_start - line_start
        start, stop = draft.full_start, draft.full_stop
        start_line = line if start >= line_start else bisect_right(lines, start) - 1
        stop_line = bisect_right(lines, stop, line) - 1
        symbols.append(
            make(
                Symbol,
                (
                    name,
                    kind,
                    flags | file_flags,
                    container,
                    _text(source, draft.scope_start, draft.scope_stop),
                    line,
                    column,
                    column + name_stop - name_start,
                    start_line,
                    start - lines[start_line],
                    stop_line,
                    stop - lines[stop_line],
                    _signature(draft, head),
                    doc,
                    _type_text(draft, source),
                ),
            )
        )
    return symbols


def _place_member(
    draft: Draft, symbols: list[Symbol], source: bytes, language: Language
) -> int:
    """Narrow `self.name` to its name; the class that it belongs to.

    What is no plain member of `self` inside a class loses its name instead.
    """
    text = source[draft.name_start : draft.name_stop]
    for receiver in language.self_receivers:
        if text.startswith(receiver.encode()) and b"." not in text[len(receiver) :]:
            draft.name_start += len(receiver)
            container = draft.index
            while container >= 0 and symbols[container].kind not in CLASS_KINDS:
                container = symbols[container].container
            if container >= 0:
                return container
    draft.name_stop = draft.name_start
    return -1


def _head(draft: Draft, source: bytes) -> bytes:
    start, body_start = draft.full_start, draft.body_start
    if body_start < 0:
        return source[start : min(draft.stop, draft.start + _HEAD_LIMIT)]
    if body_start - start > _LONG_HEAD_LIMIT:
        start = max(start, draft.start)
    return source[start : min(body_start, start + _LONG_HEAD_LIMIT)]


def _signature(draft: Draft, head: bytes) -> str:
    if head[:1] in b"@#" and head:
        skip = draft.start - draft.full_start
        found = _ANNOTATIONS.match(head, skip if 0 < skip < len(head) else 0)
        head = head[found.end() if found is not None else skip :]
    text = head[: 4 * SIGNATURE_LIMIT].decode("utf-8", "replace")
    if "\n" in text or "  " in text or "\t" in text or "\0" in text:
        text = " ".join(text.replace("\0", " ").split())
    return text[:SIGNATURE_LIMIT].rstrip(" \r:={;")


def _docstring_of(draft: Draft, source: bytes) -> tuple[str, bool]:
    if draft.body_start < 0:
        return "", False
    text = docs.docstring(source, draft.body_start)
    if not text:
        return "", False
    return docs.first_paragraph(text), docs.says_deprecated(text)


def _comment_of(draft: Draft, source: bytes) -> tuple[str, bool]:
    text = docs.comment_above(source, draft.full_start)
    if not text:
        return "", False
    return docs.first_comment_paragraph(text), docs.says_deprecated(text)


def _type_text(draft: Draft, source: bytes) -> str:
    if draft.type_start >= 0:
        return _text(source, draft.type_start, draft.type_stop)
    return _text(source, draft.made_start, draft.made_stop)


def _text(source: bytes, start: int, stop: int) -> str:
    if start < 0:
        return ""
    text = source[start : min(stop, start + 4 * TYPE_LIMIT)].decode("utf-8", "replace")
    return " ".join(text.split())[:TYPE_LIMIT]
