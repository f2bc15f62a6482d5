"""Drafts to Symbols: names, kinds, flags, spans, signatures, docs.

Invariant: locals of a function are no symbols; its inner functions and classes are.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, cast

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

_BESIDE_BRACKETS = (
    *(("( ", "("), ("[ ", "["), (", )", ")"), (", ]", "]"), (" )", ")"), (" ]", "]")),
)
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
    listed = None if rules.exported_names is None else rules.exported_names(source)
    assigned: set[tuple[int, str]] = set()
    below = _declared_below(drafts, source)
    doc_of, first_paragraph = _docstring_of, docs.first_paragraph
    if language.doc_style == "comment":
        doc_of, first_paragraph = _comment_of, docs.first_comment_paragraph
    classify, file_flags = rules.classify, flags
    make = cast(
        "Any", tuple
    ).__new__  # Symbol(...) checks its arguments' names: twice as slow
    for draft in drafts:
        parent = draft.parent
        container = draft.index = -1 if parent is None else parent.index
        name_start, name_stop = draft.name_start, draft.name_stop
        if not 0 < name_stop - name_start <= NAME_LIMIT:
            continue
        if draft.is_member:
            container = _enclosing_class(container, symbols)
            if container < 0 or (below and _is_below(draft, source, below)):
                continue
        kind = draft.kind
        owner, owner_flags = 0, _EXPORTED
        if container >= 0:
            holder = symbols[container]
            owner, owner_flags = holder[1], holder[2]
            if owner in CALLABLE_KINDS:
                owner_flags = 0
                if kind in _VARIABLE_KINDS:
                    continue
        if parent is not None and parent.scope_start >= 0 > parent.name_start:
            # What holds this is no symbol but tells its owner: Rust's `impl`.
            owner, owner_flags = parent.kind, _EXPORTED
            draft.scope_start, draft.scope_stop = parent.scope_start, parent.scope_stop
        name = source[name_start:name_stop].decode("utf-8", "replace")
        if name == language.blank:
            continue
        if draft.is_assigned:
            if (container, name) in assigned:
                continue  # the first assignment defines
            assigned.add((container, name))
        start, stop = draft.full_start, draft.full_stop
        head_start, head_stop = start, draft.body_start
        if head_stop < 0:
            head_stop = min(draft.stop, draft.start + _HEAD_LIMIT)
        elif head_stop - start > _LONG_HEAD_LIMIT:
            head_start = draft.start  # without its long decorators
            head_stop = min(head_stop, head_start + _LONG_HEAD_LIMIT)
        head = source[head_start:head_stop]
        kind, flags = classify(kind, name, head, owner)
        if not owner_flags & _EXPORTED:
            flags &= ~_EXPORTED
        elif container < 0 and listed is not None:
            flags = flags & ~_EXPORTED | (_EXPORTED if name in listed else 0)
        doc = doc_of(draft, source)
        if doc and b"eprecated" in doc and docs.says_deprecated(doc):
            flags |= _DEPRECATED
        draft.index, draft.kind, draft.is_symbol = len(symbols), kind, True
        line = bisect_right(lines, name_start) - 1
        column = name_start - lines[line]
        start_line = line if start >= lines[line] else bisect_right(lines, start) - 1
        stop_line = bisect_right(lines, stop, line) - 1
        type_start, type_stop = draft.type_start, draft.type_stop
        if type_start < 0 <= draft.made_start:
            type_start, type_stop = draft.made_start, draft.made_stop
        scope = ""
        if draft.scope_start >= 0:
            scope = _text(source, draft.scope_start, draft.scope_stop)
        symbols.append(
            make(
                Symbol,
                (
                    name,
                    kind,
                    flags | file_flags,
                    container,
                    scope,
                    line,
                    column,
                    column + name_stop - name_start,
                    start_line,
                    start - lines[start_line],
                    stop_line,
                    stop - lines[stop_line],
                    _signature(draft, head),
                    first_paragraph(doc) if doc else "",
                    _text(source, type_start, type_stop) if type_start >= 0 else "",
                ),
            )
        )
    return symbols


def _declared_below(drafts: Sequence[Draft], source: bytes) -> set[tuple[int, bytes]]:
    """Fields that a body annotates below a method that assigns to its object: the
    class's draft and the name.
    """
    found: set[tuple[int, bytes]] = set()
    is_below = False
    for draft in drafts:
        if draft.is_member:
            is_below = True
        elif is_below and draft.is_assigned and draft.type_start >= 0:
            found.add((id(draft.parent), source[draft.name_start : draft.name_stop]))
    return found


def _is_below(draft: Draft, source: bytes, below: set[tuple[int, bytes]]) -> bool:
    owner = draft.parent
    while owner is not None and owner.kind not in CLASS_KINDS:
        owner = owner.parent
    return (id(owner), source[draft.name_start : draft.name_stop]) in below


def _enclosing_class(container: int, symbols: list[Symbol]) -> int:
    while container >= 0 and symbols[container].kind not in CLASS_KINDS:
        container = symbols[container].container
    return container


def _signature(draft: Draft, head: bytes) -> str:
    if head.startswith((b"@", b"#")):
        skip = draft.start - draft.full_start
        found = _ANNOTATIONS.match(head, skip if 0 < skip < len(head) else 0)
        head = head[found.end() if found is not None else skip :]
    text = head[: 4 * SIGNATURE_LIMIT].decode("utf-8", "replace")
    # What is printable holds no line feed, tab or NUL: one look instead of four.
    if "  " in text or not text.isprintable():
        text = _one_line(text)
    return text[:SIGNATURE_LIMIT].rstrip(" \r:={;")


def _docstring_of(draft: Draft, source: bytes) -> bytes:
    return b"" if draft.body_start < 0 else docs.docstring(source, draft.body_start)


def _comment_of(draft: Draft, source: bytes) -> bytes:
    return docs.comment_above(source, draft.full_start)


def _text(source: bytes, start: int, stop: int) -> str:
    text = source[start : min(stop, start + 4 * TYPE_LIMIT)].decode("utf-8", "replace")
    if "\n" in text or "  " in text or len(text) > TYPE_LIMIT:
        if "/" in text:  # on one line a comment would swallow what stands behind it
            text = _COMMENT.sub(" ", text)
        return _one_line(text)[:TYPE_LIMIT]
    return text


_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def _one_line(text: str) -> str:
    """Without line ends, and without what a formatter puts beside brackets."""
    plain = " ".join(text.replace("\0", " ").split())
    # Replacing six times takes a tenth of what one pattern does.
    for beside, alone in _BESIDE_BRACKETS:
        plain = plain.replace(beside, alone)
    return plain
