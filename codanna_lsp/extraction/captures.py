"""The query's captures, paired into drafts of symbols by their byte spans.

A language's `symbols.scm` speaks to this module by capture names alone:

| capture | the node is |
|---|---|
| `@def.<kind>` | a whole declaration; `<kind>` is a SymbolKind in lower case |
| `@name` | its name; a second one in the same declaration is a second symbol |
| `@assigned.<kind>` | an assignment that begins with the name, or a part of its left side |
| `@member` | an assignment that begins with `self.name`: a field of the class around |
| `@body` | where its head ends; names and types inside are not its own |
| `@type` | its declared or returned type |
| `@made` | the callee of the call that constructs its value |
| `@scope` | its owner as written, where nesting does not tell |
| `@wrap` | decorators, `export` ...: the span of the first declaration inside |
| `@call` | a callee, up to the end of the called name |
| `@receiver` | what stands before a `@call` that is a name alone (Java) |
| `@extends`, `@implements`, `@uses` | a type's name, or text that holds such |
| `@import` | a whole import statement, read by the language's rules |

A `@name`, `@scope`, `@type`, `@made` or `@body` belongs to the innermost
declaration that holds it and whose body has not begun; a `@type` may be the body (of
an alias). An `@assigned` in the body of a
function is a local and dropped, so that a query need not tell where it stands.

Invariant: no recursion; what nests 10,000 levels deep costs memory, not stack.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

import tree_sitter

from codanna_lsp.model.symbol import SymbolKind

# Tree-sitter counts depth in 16 bits: past 65,535 levels its matches never end and the
# query takes minutes. What stands deeper is not captured.
DEPTH_LIMIT = 60_000
# Behind each node a query looks for a named one among its later siblings. Where nothing
# but brackets follow, all are looked at each time: twice as many take four times as long.
CROWD_LIMIT = 10_000

# Among captures of one span the lower tag is read first. Tags from _ASSIGNED on are
# _ASSIGNED + kind, those below are a kind: whole declarations.
_BODY, _WRAP = -2, -1
_ASSIGNED = 32
_MEMBER = 64
_NAME, _TYPE, _MADE, _SCOPE = range(128, 132)
_TAGS = {
    "wrap": _WRAP,
    **{f"def.{kind.name.lower()}": int(kind) for kind in SymbolKind},
    **{f"assigned.{kind.name.lower()}": _ASSIGNED + kind for kind in SymbolKind},
    "member": _MEMBER,
    "name": _NAME,
    "body": _BODY,
    "type": _TYPE,
    "made": _MADE,
    "scope": _SCOPE,
}
_FIELD = int(SymbolKind.FIELD)
_FUNCTION_KINDS = frozenset(
    (
        int(SymbolKind.FUNCTION),
        int(SymbolKind.METHOD),
        int(SymbolKind.CONSTRUCTOR),
        int(SymbolKind.PROPERTY),
        int(SymbolKind.OPERATOR),
    )
)
_ASSIGNED_NAME = re.compile(rb"[\w$\x80-\xff]+")


# The spans that each capture's nodes have in the text, in bytes and half-open.
Captures = Mapping[str, Sequence[tuple[int, int]]]


class Draft:
    """A declaration on its way to a Symbol; offsets in bytes, -1 where unknown."""

    parent: "Draft | None" = None
    elder: "Draft | None" = None  # the name before it in the same declaration
    index = -1  # among the file's symbols, or the nearest named container's
    is_symbol = False  # it became one
    is_owner = False  # relations can start from it
    is_assigned = False
    is_member = False
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


def pair_captures(
    captures: Captures,
    source: bytes,
    self_receivers: Sequence[str],
) -> list[Draft]:
    """The declarations in source order, containers before what they contain.

    A draft without a name is kept: its children find their container through it.
    """
    member_name = _member_pattern(tuple(self_receivers))
    drafts: list[Draft] = []
    wrap_start = wrap_stop = -1
    draft: Draft | None = None
    stop = -1  # of `draft`, the innermost open declaration
    for start, minus_end, tag in _events(captures):
        while stop <= start and draft is not None:
            draft = draft.parent
            stop = draft.stop if draft is not None else -1
        if tag >= _NAME or tag == _BODY:
            begun = draft is not None and 0 <= draft.body_start < start + (tag != _TYPE)
            if draft is not None and not begun:
                more = _fill(draft, tag, start, -minus_end)
                if more is not None:
                    drafts.append(more)
                    draft = more
        elif tag == _WRAP:
            if start >= wrap_stop:
                wrap_start, wrap_stop = start, -minus_end
        elif draft is not None and start == draft.start and stop == -minus_end:
            pass  # the same declaration, found by two patterns
        elif tag >= _ASSIGNED:
            if tag != _MEMBER and draft is not None and draft.kind in _FUNCTION_KINDS:
                continue  # a local
            pattern = member_name if tag == _MEMBER else _ASSIGNED_NAME
            found = pattern.match(source, start)
            if found is None:
                continue
            inner = Draft(
                _FIELD if tag == _MEMBER else tag - _ASSIGNED, start, -minus_end
            )
            inner.is_assigned, inner.is_member = True, tag == _MEMBER
            inner.name_start, inner.name_stop = found.span(found.lastindex or 0)
            # In `a = b = 1` neither name contains the other.
            inner.parent = draft
            if draft is not None and draft.is_assigned:
                inner.parent = draft.parent
            drafts.append(inner)
            draft, stop = inner, -minus_end
        else:
            inner = Draft(tag, start, -minus_end)
            inner.parent = draft
            if start < wrap_stop:
                inner.full_start, inner.full_stop = wrap_start, wrap_stop
                wrap_stop = -1
            drafts.append(inner)
            draft, stop = inner, -minus_end
    return drafts


def _events(captures: Captures) -> list[tuple[int, int, int]]:
    """(start, -stop, tag) of what makes symbols; outer before inner."""
    events: list[tuple[int, int, int]] = []
    for capture, spans in captures.items():
        tag = _TAGS.get(capture)
        if tag is not None:
            events += [(start, -stop, tag) for start, stop in spans]
    events.sort()
    return events


@cache
def _member_pattern(self_receivers: tuple[str, ...]) -> re.Pattern[bytes]:
    """`self.name` where an assignment begins: not `self.name.more`, not a call."""
    names = "|".join(re.escape(receiver) for receiver in self_receivers) or r"(?!)"
    return re.compile(
        rb"(?:%s)([\w$\x80-\xff]+)(?=\s*(?:[=:,)\]]|\Z))" % names.encode()
    )


def _fill(draft: Draft, tag: int, start: int, stop: int) -> Draft | None:
    """Give the draft one more part; a sibling draft for one more name."""
    if tag == _NAME:
        sibling = None
        if draft.name_start >= 0:
            sibling = Draft(draft.kind, draft.start, draft.stop)
            sibling.parent, sibling.elder = draft.parent, draft
            sibling.full_start, sibling.full_stop = draft.full_start, draft.full_stop
            sibling.type_start, sibling.type_stop = draft.type_start, draft.type_stop
            draft = sibling
        draft.name_start, draft.name_stop = start, stop
        return sibling
    if tag == _BODY:
        draft.body_start = start
    elif tag == _TYPE:
        one: Draft | None = draft
        while one is not None:  # `x, y float`: of all the names before it
            one.type_start, one.type_stop = start, stop
            one = one.elder
    elif tag == _MADE:
        draft.made_start, draft.made_stop = start, stop
    else:
        draft.scope_start, draft.scope_stop = start, stop
    return None


# ---- what a query cannot go through in reasonable time


def reaches_depth(root: tree_sitter.Node, depth: int) -> bool:
    """Whether anything stands this many levels below a node.

    Only nodes that hold enough others to be so deep are looked into: hardly ever any.
    """
    pending = [(root, depth)]
    while pending:
        node, missing = pending.pop()
        if not missing:
            return True
        if node.descendant_count > missing:
            pending += [(child, missing - 1) for child in node.children]
    return False


def is_crowded(root: tree_sitter.Node) -> bool:
    """Whether a node has thousands of children that have no name: open brackets, mostly.

    Only a tree with an error in it is looked into.
    """
    pending = [root] if root.has_error else []
    while pending:
        node = pending.pop()
        if node.child_count - 2 * node.named_child_count > CROWD_LIMIT:
            return True
        if node.descendant_count > CROWD_LIMIT:
            pending += node.children
    return False
