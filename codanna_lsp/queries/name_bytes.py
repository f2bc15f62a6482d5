"""Matchers over the bytes of ASCII names: each lets all names of one tier through.

Invariant: no name of the tier is missed; names that are let through are looked at.
Invariant: text of a query is escaped, byte by byte.
Invariant: gaps never backtrack (possessive and atomic groups).
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, compress, count

from codanna_lsp.index.name_table.masks import Matcher

_SEPARATOR = b"\n"
_GAP = rb"(?s:.*?)"


def inside_matcher(parts: Sequence[bytes]) -> Matcher:
    """The (one) folded part anywhere."""
    part = parts[0]

    def places(texts: Sequence[memoryview]) -> Iterator[int]:
        joined = _SEPARATOR.join(texts).lower()
        return _places_in(texts, lambda start: joined.find(part, start))

    return places


def at_head_matcher(parts: Sequence[bytes]) -> Matcher:
    """The (one) folded part at a word head."""
    search = re.compile(_at_head(parts[0])).search

    def places(texts: Sequence[memoryview]) -> Iterator[int]:
        joined = _SEPARATOR.join(texts)

        def find(start: int) -> int:
            found = search(joined, start)
            return found.start() if found else -1

        return _places_in(texts, find)

    return places


def _places_in(
    texts: Sequence[memoryview], find: Callable[[int], int]
) -> Iterator[int]:
    """The texts in which `find` finds something from a start on, once they are joined
    with `_SEPARATOR`, of which no query has any.
    """
    at = find(0)
    if at < 0:
        return
    starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
    while at >= 0:
        place = bisect_right(starts, at) - 1
        yield place
        at = find(starts[place + 1])


def humps_matcher(parts: Sequence[bytes]) -> Matcher:
    """The folded parts in order, all but the first at a word head.

    Taking each where it comes first is never wrong, so the groups are atomic.
    """
    first, *others = parts
    groups = (b"(?>%b%b)" % (_GAP, _at_head(part)) for part in others)
    return _each(re.compile(_any_case(first) + b"".join(groups)).search)


def subsequence_matcher(parts: Sequence[bytes]) -> Matcher:
    """The letters of the (one) folded part in order."""
    classes = [_cases(byte) for byte in parts[0]]
    gaps = (b"[^%b]*+[%b]" % (cases, cases) for cases in classes)
    return _each(re.compile(b"".join(gaps)).match)


def _each(match: Callable[[memoryview], object]) -> Matcher:
    return lambda texts: compress(count(), map(match, texts))


def _any_case(part: bytes) -> bytes:
    # A class a letter: faster than ignoring case, as the first one is skipped to.
    return b"".join(b"[%b]" % _cases(byte) for byte in part)


def _at_head(part: bytes) -> bytes:
    """A part whose first letter is a word head (see `index.names`), told by looking
    behind from its end.
    """
    rest = len(part) - 1
    if part[:1].isdigit():
        return b"%b(?<![0-9](?s:.{%d}))" % (_any_case(part), rest + 1)
    if not part[:1].isalpha():
        return b"(?!)"
    after_upper = (
        b"(?<=[A-Z][a-z](?s:.{%d}))" % (rest - 1) if rest else b"(?<=[A-Z])(?=[a-z])"
    )
    return b"%b(?:(?<![A-Za-z0-9](?s:.{%d}))|(?<=[^A-Z][A-Z](?s:.{%d}))|%b)" % (
        _any_case(part),
        rest + 1,
        rest,
        after_upper,
    )


def _cases(byte: int) -> bytes:
    letter = bytes((byte,))
    cases = sorted({*letter.lower(), *letter.upper()})
    return b"".join(b"\\x%02x" % case for case in cases)
