"""Rust in the live tree: values that blocks give, and those among a macro's tokens."""

from collections.abc import Callable, Sequence

from tree_sitter import Node

from codanna_lsp.extraction.live.python_syntax import text_of
from codanna_lsp.extraction.live.words import Expression

_MAX_ARMS = 8  # of a match that are looked at

BRANCHES = frozenset({"block", "unsafe_block", "if_expression", "match_expression"})

# What gives its one argument wrapped up, which a receiver's type does not tell apart.
_WRAPPERS = frozenset(
    "Some Ok Box::new Rc::new Arc::new Cell::new RefCell::new Mutex::new RwLock::new"
    " Pin::new Box::pin Cow::Borrowed Cow::Owned Arc::clone Rc::clone".split()
)


def branches_in(node: Node, read: Callable[[Node], Expression]) -> Expression | None:
    """What a block, an `if` or a `match` gives: one of what its ends give."""
    ends = [one for one in _ends_of(node) if one is not None]
    known = tuple(one for one in map(read, ends) if one.kind != "unknown")
    return Expression("choice", "", *node.start_point, known) if known else None


def _ends_of(node: Node) -> list[Node | None]:
    if node.type == "if_expression":
        other = node.child_by_field_name("alternative")
        ends = [node.child_by_field_name("consequence")]
        return ends + list(other.named_children[-1:] if other is not None else [])
    if node.type == "match_expression":
        body = node.child_by_field_name("body")
        arms = body.named_children if body is not None else []
        return [one.child_by_field_name("value") for one in arms[:_MAX_ARMS]]
    last = node.named_children[-1] if node.named_children else None
    if last is not None and last.type == "expression_statement":
        last = None if text_of(last).endswith(";") else last.named_children[0]
    return [last]


def wrapped_in(node: Node) -> Node | None:
    """What `Some(x)` and `Box::new(x)` hold."""
    given = node.child_by_field_name("arguments")
    if given is None or given.named_child_count != 1:
        return None
    callee = node.child_by_field_name("function")
    return given.named_children[0] if text_of(callee) in _WRAPPERS else None


def of_tokens(before: Sequence[Node]) -> Expression:
    """What stands before a dot among a macro's tokens: `a.b(c)[0].`."""
    rest = list(before)
    place = rest[-1].start_point if rest else (0, 0)
    chain: list[tuple[Node, str]] = []  # names, and what is done to each: "(" and "["
    while len(rest) >= 2 and text_of(rest[-1]) in (".", "::"):
        rest.pop()
        done = ""
        while rest and (rest[-1].type == "token_tree" or text_of(rest[-1]) == "?"):
            done = text_of(rest.pop())[:1] + done  # `?` gives what it is of
        if not rest:
            return Expression("unknown", "", *place)
        chain.append((rest.pop(), done))
    if not chain or any(node.type not in _CHAINED for node, _ in chain):
        return Expression("unknown", "", *place)
    made: Expression | None = None
    for node, done in reversed(chain):
        place = node.start_point
        if made is None:
            made = Expression("name", text_of(node), *place)
        else:
            made = Expression("member", text_of(node), *place, (made,))
        for sign in done:
            if sign == "(":
                made = Expression("call", "", made.line, made.column, (made,))
            elif sign == "[":
                made = Expression("item", "0", made.line, made.column, (made,))
    return made or Expression("unknown", "", *place)


_CHAINED = frozenset({"identifier", "self", "super", "crate", "type_identifier"})


def is_formatted(node: Node, line: bytes, column: int) -> bool:
    """Whether a word of a text is a name: `println!("{name:?}")`."""
    if node.type not in ("string_content", "string_literal", "raw_string_literal"):
        return False
    while node.parent is not None and node.type != "token_tree":
        node = node.parent
    opened = line[:column].endswith(b"{") and not line[:column].endswith(b"{{")
    return node.type == "token_tree" and opened


def is_path_head(node: Node) -> bool:
    """Whether a name is what a path begins with, which no variable is."""
    above = node.parent
    if above is None or not above.type.startswith("scoped_"):
        return False
    return above.child_by_field_name("path") == node
