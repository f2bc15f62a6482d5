"""Relations: calls, bases and mentioned types, each with the symbol it stands in.

Invariant: a relation's source is a function or a type, never a variable or a field.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence

import tree_sitter

from codanna_lsp.extraction.captures import Draft
from codanna_lsp.extraction.symbols import CALLABLE_KINDS, CLASS_KINDS
from codanna_lsp.languages.language import Language
from codanna_lsp.model.relation import Relation, RelationKind
from codanna_lsp.model.symbol import SymbolKind

RECEIVER_LIMIT = 80  # characters
_CALLEE_LIMIT = 600  # bytes; of a longer chain of calls both ends are kept
_NAME_LIMIT = 200  # bytes

_CALLS = int(RelationKind.CALLS)
_USES = int(RelationKind.USES)
_SOURCE_KINDS = (
    CALLABLE_KINDS | CLASS_KINDS | {int(SymbolKind.MODULE), int(SymbolKind.NAMESPACE)}
)
_FOR_EVER = 1 << 62

_NAME_BYTES = bytes(
    byte if byte >= 128 or chr(byte).isalnum() or byte in b"_$~" else 32
    for byte in range(256)
)
_TYPE_NAME = re.compile(
    rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff]*(?:(?:\.|::)[\w$\x80-\xff]+)*"
)


def mark_owners(drafts: Sequence[Draft]) -> None:
    """Mark the drafts from which relations can start; symbols must be built."""
    for draft in drafts:
        draft.is_owner = draft.is_symbol and draft.kind in _SOURCE_KINDS


class Owners:
    """Which symbol an offset stands in; cheapest when asked in rising order."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._owners = [draft for draft in drafts if draft.is_owner]
        self._starts = [draft.full_start for draft in self._owners]
        # The last answer holds for every offset in [from, to).
        self._from = self._to = 0
        self._index = -1

    def find(self, offset: int) -> int:
        """The index of the innermost function or type around the offset, or -1."""
        if self._from <= offset < self._to:
            return self._index
        at = bisect_right(self._starts, offset)
        begin = self._starts[at - 1] if at else 0
        end = self._starts[at] if at < len(self._starts) else _FOR_EVER
        owner: Draft | None = self._owners[at - 1] if at else None
        while owner is not None and not (owner.is_owner and offset < owner.full_stop):
            if owner.is_owner:
                begin = max(begin, owner.full_stop)
            owner = owner.parent
        self._index = -1 if owner is None else owner.index
        self._from = begin
        self._to = end if owner is None else min(end, owner.full_stop)
        return self._index


def find_relations(
    captures: Mapping[str, Sequence[tree_sitter.Node]],
    source: bytes,
    lines: list[int],
    drafts: Sequence[Draft],
    language: Language,
) -> list[Relation]:
    """The file's relations: bases first, then calls, then mentioned types."""
    relations: list[Relation] = []
    ignored = language.keywords | language.builtin_types
    for capture, kind in (
        ("extends", RelationKind.EXTENDS),
        ("implements", RelationKind.IMPLEMENTS),
    ):
        nodes = captures.get(capture)
        if nodes:
            _add_types(
                relations, nodes, int(kind), source, lines, Owners(drafts), ignored
            )
    calls = captures.get("call")
    if calls:
        _add_calls(relations, calls, source, lines, Owners(drafts), language)
    uses = captures.get("uses")
    if uses:
        _add_types(relations, uses, _USES, source, lines, Owners(drafts), ignored)
    return relations


def _add_calls(
    relations: list[Relation],
    nodes: Sequence[tree_sitter.Node],
    source: bytes,
    lines: list[int],
    owners: Owners,
    language: Language,
) -> None:
    separators = tuple(s.encode() for s in language.call_separators)
    known: dict[bytes, tuple[str, str, int]] = {}
    find, make, append = owners.find, tuple.__new__, relations.append
    for begin, stop in sorted([(n.start_byte, n.end_byte) for n in nodes]):
        callee = source[begin:stop]
        parts = known.get(callee)
        if parts is None:
            parts = known[callee] = _split_callee(callee, separators)
        target, receiver, width = parts
        if not width:
            continue
        start = stop - width
        line = bisect_right(lines, start) - 1
        append(
            make(
                Relation,
                (_CALLS, find(start), target, receiver, line, start - lines[line]),
            )
        )


def _split_callee(callee: bytes, separators: tuple[bytes, ...]) -> tuple[str, str, int]:
    """(target, receiver, the target's bytes); no bytes when there is no name."""
    if len(callee) > _CALLEE_LIMIT:
        callee = callee[: _CALLEE_LIMIT // 2] + callee[-_CALLEE_LIMIT // 2 :]
    last = callee.translate(_NAME_BYTES).rpartition(b" ")[2]
    if not last or len(last) > _NAME_LIMIT:
        return "", "", 0
    before = callee[: len(callee) - len(last)].rstrip()
    for separator in separators:
        if before.endswith(separator):
            before = before[: -len(separator)]
            break
    receiver = before.decode("utf-8", "replace")
    if "\n" in receiver or len(receiver) > RECEIVER_LIMIT:
        receiver = " ".join(receiver.split())[:RECEIVER_LIMIT]
    return last.decode("utf-8", "replace"), receiver, len(last)


def _add_types(
    relations: list[Relation],
    nodes: Sequence[tree_sitter.Node],
    kind: int,
    source: bytes,
    lines: list[int],
    owners: Owners,
    ignored: frozenset[str],
) -> None:
    done = 0
    for start, minus_stop in sorted([(n.start_byte, -n.end_byte) for n in nodes]):
        stop = -minus_stop
        if start < done:
            continue  # inside a type that was read as a whole
        done = stop
        for found in _TYPE_NAME.finditer(source, start, stop):
            path = found[0]
            last = path[max(path.rfind(b"."), path.rfind(b":")) + 1 :]
            target = last.decode("utf-8", "replace")
            if target in ignored or len(last) > _NAME_LIMIT:
                continue
            at = found.end() - len(last)
            begin = found.start()
            if (
                begin == at
                and begin > start
                and source[begin - 1] in b"\"'"
                and not target[0].isupper()
            ):
                continue  # text of a `Literal`, no type's name
            line = bisect_right(lines, at) - 1
            receiver = path[: at - begin].rstrip(b".:").decode("utf-8", "replace")
            relations.append(
                Relation(
                    kind,
                    owners.find(at),
                    target,
                    receiver[:RECEIVER_LIMIT],
                    line,
                    at - lines[line],
                )
            )
