"""Matchers over the bytes of ASCII names: each lets all names of one tier through.

Names stand one after the other without anything between. Looking behind at a name's
first byte would see the name before, so nothing is asked of what may stand there.

Invariant: no name of the tier is missed; names that are let through are looked at.
Invariant: text of a query is escaped, byte by byte.
Invariant: gaps never backtrack (possessive and atomic groups).
"""

import re
from collections.abc import Sequence

from codanna_lsp.index.masks import Matcher

_GAP = rb"(?s:.*?)"


def inside_matcher(parts: Sequence[bytes]) -> Matcher:
    """The (one) folded part anywhere."""
    return re.compile(_any_case(parts[0])).search


def at_head_matcher(parts: Sequence[bytes]) -> Matcher:
    """The (one) folded part at a word head past the name's start."""
    return re.compile(_at_head(parts[0])).search


def humps_matcher(parts: Sequence[bytes]) -> Matcher:
    """The folded parts in order, all but the first at a word head.

    Taking each where it comes first is never wrong, so the groups are atomic.
    """
    first, *others = parts
    groups = (b"(?>%b%b)" % (_GAP, _at_head(part)) for part in others)
    return re.compile(_any_case(first) + b"".join(groups)).search


def subsequence_matcher(parts: Sequence[bytes]) -> Matcher:
    """The letters of the (one) folded part in order."""
    classes = [_cases(byte) for byte in parts[0]]
    gaps = (b"[^%b]*+[%b]" % (cases, cases) for cases in classes)
    return re.compile(b"".join(gaps)).match


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
