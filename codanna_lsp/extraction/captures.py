"""The query's captures, paired into drafts of symbols by their byte spans.

A language's `symbols.scm` speaks to this module by capture names alone:

| capture | the node is |
|---|---|
| `@def.<kind>` | a whole declaration; `<kind>` is a SymbolKind in lower case |
| `@name` | its name; a second one in the same declaration is a second symbol |
| `@member` | `self.name` or `this.name`: a field of the enclosing class |
| `@body` | where its head ends; names and types inside are not its own |
| `@type` | its declared or returned type |
| `@made` | the callee of the call that constructs its value |
| `@scope` | its owner as written, where nesting does not tell |
| `@wrap` | decorators, `export` ...: the span of the first declaration inside |
| `@call` | a callee, up to the end of the called name |
| `@extends`, `@implements`, `@uses` | a type's name, or text that holds such |
| `@import` | a whole import statement, read by the language's rules |

A `@name`, `@member`, `@scope`, `@type`, `@made` or `@body` belongs to the innermost
declaration that holds it and whose body has not begun.

Invariant: no recursion; what nests 10,000 levels deep costs memory, not stack.
"""

from collections.abc import Mapping, Sequence

import tree_sitter

from codanna_lsp.model.symbol import SymbolKind

# Among captures of one span the lower tag is read first; kinds stand between.
_BODY, _WRAP = -2, -1
_NAME, _MEMBER, _TYPE, _MADE, _SCOPE = range(64, 69)
_TAGS = {
    "wrap": _WRAP,
    **{f"def.{kind.name.lower()}": int(kind) for kind in SymbolKind},
    "name": _NAME,
    "member": _MEMBER,
    "body": _BODY,
    "type": _TYPE,
    "made": _MADE,
    "scope": _SCOPE,
}


class Draft:
    """A declaration on its way to a Symbol; offsets in bytes, -1 where unknown."""

    parent: "Draft | None" = None
    index = -1  # among the file's symbols, or the nearest named container's
    named = False
    is_symbol = False  # it became one
    is_owner = False  # relations can start from it
    member = False
    name_start = -1
    name_stop = -1
    body_start = -1
    type_start = -1
    type_stop = -1
    made_start = -1
    made_stop = -1
    scope_start = -1
    scope_stop = -1

    def __init__(self, kind: int, start: int, stop: int) -> None:
        self.kind = kind
        self.start = start
        self.stop = stop
        self.full_start = start
        self.full_stop = stop


def pair_captures(captures: Mapping[str, Sequence[tree_sitter.Node]]) -> list[Draft]:
    """The declarations in source order, containers before what they contain.

    A draft without a name is kept: its children find their container through it.
    """
    events: list[tuple[int, int, int]] = []
    for capture, nodes in captures.items():
        tag = _TAGS.get(capture)
        if tag is not None:
            events += [(node.start_byte, -node.end_byte, tag) for node in nodes]
    events.sort()
    drafts: list[Draft] = []
    wrap_start = wrap_stop = -1
    draft: Draft | None = None
    stop = -1  # of `draft`, the innermost open declaration
    for event in events:
        start, minus_end, tag = event
        while draft is not None and stop <= start:
            draft = draft.parent
            stop = draft.stop if draft is not None else -1
        if tag >= _NAME or tag == _BODY:
            if draft is not None and (draft.body_start < 0 or start < draft.body_start):
                more = _fill(draft, tag, start, -minus_end)
                if more is not None:
                    drafts.append(more)
                    draft = more
        elif tag == _WRAP:
            if start >= wrap_stop:
                wrap_start, wrap_stop = start, -minus_end
        else:
            end = -minus_end
            if draft is not None and draft.start == start and stop == end:
                continue  # the same declaration, found by two patterns
            inner = Draft(tag, start, end)
            inner.parent = draft
            if start < wrap_stop:
                inner.full_start, inner.full_stop = wrap_start, wrap_stop
                wrap_stop = -1
            drafts.append(inner)
            draft, stop = inner, end
    return drafts


def _fill(draft: Draft, tag: int, start: int, stop: int) -> Draft | None:
    """Give the draft one more part; a sibling draft for one more name."""
    if tag == _NAME or tag == _MEMBER:
        if draft.named:
            sibling = Draft(draft.kind, draft.start, draft.stop)
            sibling.parent = draft.parent
            sibling.full_start, sibling.full_stop = draft.full_start, draft.full_stop
            sibling.type_start, sibling.type_stop = draft.type_start, draft.type_stop
            draft = sibling
        else:
            sibling = None
        draft.named = True
        draft.member = tag == _MEMBER
        draft.name_start, draft.name_stop = start, stop
        return sibling
    if tag == _BODY:
        draft.body_start = start
    elif tag == _TYPE:
        draft.type_start, draft.type_stop = start, stop
    elif tag == _MADE:
        draft.made_start, draft.made_stop = start, stop
    else:
        draft.scope_start, draft.scope_stop = start, stop
    return None
