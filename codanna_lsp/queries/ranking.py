"""How names match a pattern: the tiers of symbol search, defined plainly.

A name's tier is the first of these that holds; "in" and "starts" are of folded text:

    0 EXACT_CASE   the same
    1 EXACT        the same when folded
    2 PREFIX       it starts with the pattern
    3 HEADS        its acronym starts with the pattern (two letters or more), or the
                   pattern's humps each start one of its words, in order
    4 AT_HEAD      the pattern is in it, from a word head on
    5 SUBSTRING    the pattern is in it
    6 SUBSEQUENCE  the pattern's letters are in it in order, the first at a word head

Inside a tier: static rank (`index.rank`), nearness to open files, length, folded name,
name, path, line, column, place in the file. So the order is the same each time.

Invariant: `name_tier` is the definition; the fast search must agree with it.
"""

from collections.abc import Sequence
from enum import IntEnum

from codanna_lsp.index.names import acronym, fold, head_positions, words


class Tier(IntEnum):
    """How well a name matches, best first."""

    EXACT_CASE = 0
    EXACT = 1
    PREFIX = 2
    HEADS = 3
    AT_HEAD = 4
    SUBSTRING = 5
    SUBSEQUENCE = 6


MIN_ACRONYM = 2


def name_tier(name: str, pattern: str) -> Tier | None:
    """The best tier in which a name matches a pattern that is not empty."""
    folded, wanted = fold(name), fold(pattern)
    if name == pattern:
        return Tier.EXACT_CASE
    if folded == wanted:
        return Tier.EXACT
    if folded.startswith(wanted):
        return Tier.PREFIX
    if len(wanted) >= MIN_ACRONYM and acronym(name).startswith(wanted):
        return Tier.HEADS
    if any(humps_match(name, humps) for humps in pattern_humps(pattern)):
        return Tier.HEADS
    if wanted in folded:
        rests = folded_rests(name)
        if any(rest.startswith(wanted) for rest in rests):
            return Tier.AT_HEAD
        return Tier.SUBSTRING
    if any(_is_subsequence(wanted, rest) for rest in folded_rests(name)):
        return Tier.SUBSEQUENCE
    return None


def pattern_humps(pattern: str) -> list[tuple[str, ...]]:
    """The ways to read a pattern as two or more humps, folded.

    `fSI` is f + si, or f + s + i.
    """
    humps = tuple(
        "".join(letter for letter in word if letter.isalnum())
        for word in words(pattern)
    )
    ways: list[tuple[str, ...]] = []
    for way in (humps, tuple(part for hump in humps for part in _letters(hump))):
        folded = tuple(map(fold, way))
        if len(folded) > 1 and folded not in ways:
            ways.append(folded)
    return ways


def humps_match(name: str, humps: Sequence[str]) -> bool:
    """Whether each hump starts a word of the name, in order."""
    at = 0
    for word in words(name):
        if fold(word).startswith(humps[at]):
            at += 1
            if at == len(humps):
                return True
    return False


def folded_rests(name: str) -> list[str]:
    """The folded name from each of its word heads on."""
    return [fold(name[start:]) for start in head_positions(name)]


def _letters(word: str) -> tuple[str, ...]:
    return tuple(word) if len(word) > 1 and word.isupper() else (word,)


def _is_subsequence(wanted: str, text: str) -> bool:
    letters = iter(text)
    return all(letter in letters for letter in wanted)
