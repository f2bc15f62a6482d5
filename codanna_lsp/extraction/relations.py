"""Relations: calls, bases and mentioned types, each with the symbol it stands in.

Invariant: a relation's source is a function or a type, never a variable or a field.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, cast

from codanna_lsp.extraction.captures import Captures, Draft
from codanna_lsp.extraction.symbols import CALLABLE_KINDS, CLASS_KINDS
from codanna_lsp.languages.language import Language
from codanna_lsp.model.relation import Relation, RelationKind
from codanna_lsp.model.symbol import Symbol, SymbolKind

RECEIVER_LIMIT = 80  # characters
KNOWN_LIMIT = 8_192  # callees or types of a language that are kept from file to file
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


def mark_owners(
    drafts: Sequence[Draft], symbols: Sequence[Symbol], source: bytes
) -> None:
    """Mark the drafts from which relations can start; symbols must be built.

    A block that belongs to a type by scope (Rust's `impl`) speaks for that type, where
    the file declares it.
    """
    types: dict[str, list[int]] | None = None
    for draft in drafts:
        if draft.is_symbol:
            draft.is_owner = draft.kind in _SOURCE_KINDS
        elif draft.scope_start >= 0:
            if types is None:
                types = _types_by_name(symbols)
            scope = source[draft.scope_start : draft.scope_stop]
            found = types.get(scope.decode("utf-8", "replace"), [])
            beside = [i for i in found if symbols[i].container == draft.index]
            if found:
                draft.index, draft.is_owner = (beside or found)[0], True


def _types_by_name(symbols: Sequence[Symbol]) -> dict[str, list[int]]:
    types: dict[str, list[int]] = {}
    for index, symbol in enumerate(symbols):
        if symbol.kind in CLASS_KINDS:
            types.setdefault(symbol.name, []).append(index)
    return types


class Text(NamedTuple):
    """A file's bytes and where its lines start."""

    source: bytes
    lines: list[int]


class Owners:
    """Which function or type an offset stands in."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._owners = [draft for draft in drafts if draft.is_owner]
        self._starts = [draft.full_start for draft in self._owners]

    def find(self, offset: int) -> tuple[int, int, int]:
        """The index of the innermost function or type around the offset, or -1.

        With it the half-open stretch of offsets around that have the same answer.
        """
        at = bisect_right(self._starts, offset)
        begin = self._starts[at - 1] if at else 0
        end = self._starts[at] if at < len(self._starts) else _FOR_EVER
        owner: Draft | None = self._owners[at - 1] if at else None
        while owner is not None and not (owner.is_owner and offset < owner.full_stop):
            if owner.is_owner:
                begin = max(begin, owner.full_stop)
            owner = owner.parent
        if owner is None:
            return -1, begin, end
        return owner.index, begin, min(end, owner.full_stop)


def find_relations(
    captures: Captures,
    source: bytes,
    lines: list[int],
    drafts: Sequence[Draft],
    language: Language,
) -> list[Relation]:
    """The file's relations: bases first, then calls, then mentioned types."""
    relations: list[Relation] = []
    text, owners = Text(source, lines), Owners(drafts)
    for capture, kind in (
        ("extends", RelationKind.EXTENDS),
        ("implements", RelationKind.IMPLEMENTS),
    ):
        spans = captures.get(capture)
        if spans:
            _add_types(relations, spans, text, owners, language, kind=int(kind))
    calls = captures.get("call")
    if calls:
        spans = sorted(calls)
        receivers = captures.get("receiver")
        if receivers:
            spans = _with_receivers(spans, receivers, source)
        _add_calls(relations, spans, text, owners, language)
    uses = captures.get("uses")
    if uses:
        _add_types(relations, uses, text, owners, language, kind=_USES)
    return relations


def _add_calls(
    relations: list[Relation],
    spans: Sequence[tuple[int, int]],
    text: Text,
    owners: Owners,
    language: Language,
) -> None:
    source, lines = text
    separators, known = _known_callees(language)
    if len(known) > KNOWN_LIMIT:
        known.clear()
    make = cast("Any", tuple).__new__  # as in build_symbols
    append = relations.append
    source_index = begin_of = end_of = -1
    for begin, stop in spans:
        callee = source[begin:stop]
        parts = known.get(callee)
        if parts is None:
            parts = _split_callee(callee, separators)
            if stop - begin <= _NAME_LIMIT:
                known[callee] = parts
        target, receiver, width = parts
        if not width:
            continue
        start = stop - width
        if not begin_of <= start < end_of:
            source_index, begin_of, end_of = owners.find(start)
        line = bisect_right(lines, start) - 1
        column = start - lines[line]
        append(make(Relation, (_CALLS, source_index, target, receiver, line, column)))


@cache
def _known_callees(
    language: Language,
) -> tuple[tuple[bytes, ...], dict[bytes, tuple[str, str, int]]]:
    """A language's separators, and its callees that were split already.

    Kept from file to file: a project calls the same few thousand things everywhere.
    """
    return tuple(s.encode() for s in language.call_separators), {}


def _with_receivers(
    spans: Sequence[tuple[int, int]],
    receivers: Sequence[tuple[int, int]],
    source: bytes,
) -> list[tuple[int, int]]:
    """The callees widened to the receiver that ends right before their name.

    In order of their names, so that owners are asked in rising order.
    """
    starts = {stop: start for start, stop in receivers}
    widened: list[tuple[int, int]] = []
    for begin, stop in spans:
        before = source[max(0, begin - _NAME_LIMIT) : begin].rstrip()
        if before.endswith(b"."):
            end = begin - min(begin, _NAME_LIMIT) + len(before[:-1].rstrip())
            begin = starts.get(end, begin)  # noqa: PLW2901
        widened.append((begin, stop))
    return widened


def _split_callee(callee: bytes, separators: tuple[bytes, ...]) -> tuple[str, str, int]:
    """(target, receiver, the target's bytes); no bytes when there is no name."""
    if len(callee) > _CALLEE_LIMIT:
        callee = callee[: _CALLEE_LIMIT // 2] + callee[-_CALLEE_LIMIT // 2 :]
    receiver, _, target = callee.decode("utf-8", "replace").rpartition(".")
    width = len(target)
    if not (callee.isascii() and target.isidentifier()):
        last = callee.translate(_NAME_BYTES).rpartition(b" ")[2]
        target, width = last.decode("utf-8", "replace"), len(last)
        before = callee[: len(callee) - width].rstrip()
        for separator in separators:
            if before.endswith(separator):
                before = before[: -len(separator)]
                break
        receiver = before.decode("utf-8", "replace")
    elif receiver.endswith("?"):  # `a?.b` of JavaScript
        receiver = receiver[:-1]
    if width > _NAME_LIMIT:
        return "", "", 0
    if "\n" in receiver or len(receiver) > RECEIVER_LIMIT:
        receiver = " ".join(receiver.split())[:RECEIVER_LIMIT]
    return target, receiver, width


def _add_types(
    relations: list[Relation],
    spans: Sequence[tuple[int, int]],
    text: Text,
    owners: Owners,
    language: Language,
    *,
    kind: int,
) -> None:
    source, lines = text
    known = _known_types(language)
    if len(known) > KNOWN_LIMIT:
        known.clear()
    make = cast("Any", tuple).__new__  # as in build_symbols
    done = 0
    source_index = begin_of = end_of = -1
    for start, minus_stop in sorted([(start, -stop) for start, stop in spans]):
        if start < done:
            continue  # inside a type that was read as a whole
        done = -minus_stop
        written = source[start:done]
        names = known.get(written)
        if names is None:
            names = tuple(_type_names(written, language))
            if len(written) <= _NAME_LIMIT:
                known[written] = names
        for offset, target, receiver in names:
            at = start + offset
            if not begin_of <= at < end_of:
                source_index, begin_of, end_of = owners.find(at)
            line = bisect_right(lines, at) - 1
            row = (kind, source_index, target, receiver, line, at - lines[line])
            relations.append(make(Relation, row))


@cache
def _known_types(language: Language) -> dict[bytes, tuple[tuple[int, str, str], ...]]:
    """The names in a language's types that were read already; as `_known_callees`."""
    del language
    return {}


def _type_names(written: bytes, language: Language) -> Iterator[tuple[int, str, str]]:
    """(offset, last name, what stands before it) of the names in a type's text."""
    if language.type_labels:
        labels = _label_pattern(language.type_labels)
        written = labels.sub(lambda found: b" " * len(found[0]), written)
    for found in _TYPE_NAME.finditer(written):
        path = found[0]
        last = path[max(path.rfind(b"."), path.rfind(b":")) + 1 :]
        target = last.decode("utf-8", "replace")
        if target in language.keywords or target in language.builtin_types:
            continue
        if len(last) > _NAME_LIMIT:
            continue
        at, begin = found.end() - len(last), found.start()
        is_quoted = begin > 0 and written[begin - 1] in b"\"'"
        if begin == at and is_quoted and not target[0].isupper():
            continue  # text of a `Literal`, no type's name
        receiver = path[: at - begin].rstrip(b".:").decode("utf-8", "replace")
        yield at, target, receiver[:RECEIVER_LIMIT]


@cache
def _label_pattern(text: str) -> re.Pattern[bytes]:
    return re.compile(text.encode())
