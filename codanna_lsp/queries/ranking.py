"""How names match a pattern: the tiers of symbol search.

A name's tier is the first of these that holds; "in" and "starts" are of folded text:

    0 EXACT_CASE   the same
    1 EXACT        the same when folded
    2 PREFIX       it starts with the pattern
    3 HEADS        its acronym starts with the pattern (two letters or more), or the
                   pattern's humps each start one of its words, in order
    4 AT_HEAD      the pattern is in it, from a word head on
    5 RUNS         the pattern (four letters or digits, or more) can be cut into runs
                   that each start one of its words, in order: `docsym` in
                   `DocumentSymbol`
    6 SUBSTRING    the pattern is in it
    7 SUBSEQUENCE  the pattern's letters are in it in order, the first at a word head

Runs and letters in order are looked for only while fewer than `ENOUGH` better symbols
were found.

`^pre` has the first three tiers, `suf$` and `'part` all but HEADS, RUNS and
SUBSEQUENCE. Words that are joined to one name have no HEADS, SUBSTRING and SUBSEQUENCE.

Inside a tier: static rank (`index.rank`), nearness to open files, length, folded name,
name, path, line, column, place in the file. So the order is the same each time.
"""

from enum import IntEnum

from codanna_lsp.index.name_table.names import (
    WORD_MARK,
    acronym,
    fold,
    head_positions,
    is_head,
    words,
    words_marked,
)

ENOUGH = 20
MIN_ACRONYM = 2
MIN_RUNS = 4  # of fewer letters, each may start a word nearly anywhere


class Tier(IntEnum):
    """How well a name matches, best first."""

    EXACT_CASE = 0
    EXACT = 1
    PREFIX = 2
    HEADS = 3
    AT_HEAD = 4
    RUNS = 5
    SUBSTRING = 6
    SUBSEQUENCE = 7


FUZZY = tuple(Tier)
CONTIGUOUS = tuple(set(Tier) - {Tier.HEADS, Tier.RUNS, Tier.SUBSEQUENCE})
LOOSE = frozenset({Tier.RUNS, Tier.SUBSEQUENCE})
STARTING = (Tier.EXACT_CASE, Tier.EXACT, Tier.PREFIX)
EQUAL = (Tier.EXACT_CASE, Tier.EXACT)
ONE_NAME = (*STARTING, Tier.AT_HEAD, Tier.RUNS)  # for words that were written apart


class NamePattern:
    """What a name must match, worked out once for a question.

    text: "" matches every name, as a prefix. tiers: those that count. ends: the name
    must end with the text. runs: whether it may match as runs.
    """

    __slots__ = (
        "_letters",
        "_places",
        "ends",
        "folded",
        "humps",
        "runs",
        "text",
        "tiers",
    )

    def __init__(
        self, text: str, *, tiers: tuple[Tier, ...] = FUZZY, ends: bool = False
    ) -> None:
        self.text = text
        self.folded = fold(text)
        self._letters = [letter for letter in self.folded if letter.isalnum()]
        self.tiers = tiers
        self.ends = ends
        self.humps = pattern_humps(text) if Tier.HEADS in tiers else []
        self.runs = (
            Tier.RUNS in tiers
            and len(self.folded) >= MIN_RUNS
            and self.folded.isalnum()
        )
        self._places = letter_places(self.folded) if self.runs else {}

    def tier_of(self, name: str) -> Tier | None:
        """The best tier in which a name matches."""
        tier = self._tier_of(name)
        return tier if tier in self.tiers else None

    def _tier_of(self, name: str) -> Tier | None:
        folded, wanted = fold(name), self.folded
        if not wanted:
            return Tier.PREFIX
        if folded == wanted:
            return Tier.EXACT_CASE if name == self.text else Tier.EXACT
        if self.ends and not folded.endswith(wanted):
            return None
        if folded.startswith(wanted):
            return Tier.PREFIX
        at = 0
        for letter in self._letters:  # whatever the tier; most names fail here
            at = folded.find(letter, at) + 1
            if not at:
                return None
        if Tier.HEADS in self.tiers and self._matches_heads(name):
            return Tier.HEADS
        inside = wanted in folded
        if inside and self.is_at_head(name):
            return Tier.AT_HEAD
        if self.runs and self.is_runs(name):
            return Tier.RUNS
        if inside:
            return Tier.SUBSTRING
        if Tier.SUBSEQUENCE in self.tiers and self.is_subsequence(name):
            return Tier.SUBSEQUENCE
        return None

    def _matches_heads(self, name: str) -> bool:
        wanted = self.folded
        if len(wanted) >= MIN_ACRONYM and acronym(name).startswith(wanted):
            return True
        return bool(self.humps) and self.is_humps(name)

    def is_humps(self, name: str) -> bool:
        """Whether the pattern's humps start words of the name, in order."""
        marked = words_marked(name)
        return any(_in_order(humps, marked) for humps in self.humps)

    def is_inside(self, name: str) -> bool:
        """Whether the pattern is in the name, but not where it starts."""
        folded, wanted = fold(name), self.folded
        if self.ends and not folded.endswith(wanted):
            return False
        return wanted in folded and not folded.startswith(wanted)

    def is_at_head(self, name: str) -> bool:
        """Whether the pattern is in the name, at a word head, but not where the name
        starts.
        """
        folded, wanted = fold(name), self.folded
        if folded.startswith(wanted) or (self.ends and not folded.endswith(wanted)):
            return False
        if len(name) != len(folded):  # places in one are not places in the other
            rests = (fold(name[start:]) for start in head_positions(name))
            return any(
                rest == wanted if self.ends else rest.startswith(wanted)
                for rest in rests
            )
        if self.ends:
            return is_head(name, len(name) - len(wanted))
        at = folded.find(wanted)
        while at >= 0:
            if is_head(name, at):
                return True
            at = folded.find(wanted, at + 1)
        return False

    def is_runs(self, name: str) -> bool:
        """Whether the pattern can be cut into runs that start words, in order."""
        places = self._places
        # Bit n of each: the pattern's first n letters have been found; in the words so
        # far, and in this word with all of its letters up to here.
        done, here = 1, 0
        for letter in words_marked(name):
            if letter == WORD_MARK:
                here = done
            elif here:
                here = (here & places.get(letter, 0)) << 1
                done |= here
        return bool(done >> len(self.folded))

    def is_subsequence(self, name: str) -> bool:
        """Whether the pattern's letters are in the name from a head on, but not as
        one piece.
        """
        wanted, marked = self.folded, fold(name)
        if wanted in marked:
            return False
        at = 1
        if not (marked.startswith(wanted[0]) and name.isascii() and name[0].isalnum()):
            marked = words_marked(name)
            at = marked.find(WORD_MARK + wanted[0]) + 2
            if at < 2:
                return False
        for letter in wanted[1:]:
            at = marked.find(letter, at) + 1
            if not at:
                return False
        return True


def letter_places(folded: str) -> dict[str, int]:
    """Of each letter, a number with the bits of the places where the text has it."""
    places: dict[str, int] = {}
    for place, letter in enumerate(folded):
        places[letter] = places.get(letter, 0) | 1 << place
    return places


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


def _letters(hump: str) -> tuple[str, ...]:
    return tuple(hump) if len(hump) > 1 and hump.isupper() else (hump,)


def _in_order(humps: tuple[str, ...], marked: str) -> bool:
    at = 0
    for hump in humps:
        at = marked.find(WORD_MARK + hump, at) + 1
        if not at:
            return False
    return True
