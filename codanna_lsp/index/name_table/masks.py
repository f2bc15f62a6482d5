"""Masks: 64-bit sets of letters, word heads and bigrams that sift names in bulk.

Each byte of a folded name has a bit of 63 (the last bit is for names that are not
ASCII, whose bytes are not what they fold to), and so has the first byte of each folded
word head; the commonest letters have a second bit, for being there twice. Each pair of
neighbouring bytes has a bit in each of two further sets. A name can only match where
all bits of the query are set in the name's.

The columns hold them bit by bit (`column_sections`): a bit costs a pass over an eighth
of a byte a name.

Invariant: the masks of a query and of a name are made by the same tables.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from codanna_lsp.index.name_table.names import acronym, encode, fold

MASKED_NAMES = 256  # fewer names are scanned plainly, without masks
NOT_ASCII = 1 << 63
_LETTERS, _DIGITS, _OTHERS = 26, 10, 8  # bits for bytes of ASCII, in this order
_FIRST_TWICE = _LETTERS + _DIGITS + _OTHERS
# The commonest letters of identifiers: a query of few letters has them more than once.
TWICE = {
    byte: 1 << _FIRST_TWICE + place for place, byte in enumerate(b"etarsnoilcdpumgh")
}
_FIRST_HIGH = _FIRST_TWICE + len(TWICE)
_HIGH = 63 - _FIRST_HIGH  # bits for bytes that are not ASCII
BIGRAM_FACTORS = (0x9E37_79B9, 0x85EB_CA6B)  # odd, of 32 bits: as Knuth hashes


class Masks(NamedTuple):
    """The four sets of one name or query."""

    letters: int = 0
    heads: int = 0
    bigrams: int = 0
    more_bigrams: int = 0


NO_MASKS = Masks()


class Sieve(NamedTuple):
    """What a name's masks must have: all the needed bits, and of each pair all the bits
    of one or of the other.
    """

    needed: Masks = NO_MASKS
    either: tuple[tuple[Masks, Masks], ...] = ()


def byte_bit(byte: int) -> int:
    """The number of the bit of a byte of folded UTF-8."""
    letter = byte - ord("a")
    if 0 <= letter < _LETTERS:
        return letter
    digit = byte - ord("0")
    if 0 <= digit < _DIGITS:
        return _LETTERS + digit
    if byte < 0x80:
        return _LETTERS + _DIGITS + byte % _OTHERS
    return _FIRST_HIGH + byte % _HIGH


def bigram_bits(pair: int) -> tuple[int, int]:
    """The numbers of the bits of two bytes, the first one times 256 plus the second."""
    first, second = BIGRAM_FACTORS
    return (pair * first & 0xFFFF_FFFF) >> 26, (pair * second & 0xFFFF_FFFF) >> 26


def name_masks(name: str) -> Masks:
    """The masks of one name."""
    folded = encode(fold(name))
    bigrams, more = bigram_masks(folded)
    letters = letter_mask(folded) | (0 if name.isascii() else NOT_ASCII)
    return Masks(letters, head_mask(acronym(name)), bigrams, more)


def letter_mask(folded: Iterable[int]) -> int:
    """The letters of folded bytes, and which are there twice."""
    mask = 0
    for byte in folded:
        bit = 1 << byte_bit(byte)
        if mask & bit:
            mask |= TWICE.get(byte, 0)
        mask |= bit
    return mask


def head_mask(heads: str) -> int:
    """The word heads, given as an acronym."""
    return letter_mask(encode(head)[0] for head in heads)


def bigram_masks(folded: bytes) -> tuple[int, int]:
    """Both sets of the neighbouring bytes of a folded text."""
    mask, more = 0, 0
    for left, right in pairwise(folded):
        first, second = bigram_bits(left << 8 | right)
        mask |= 1 << first
        more |= 1 << second
    return mask, more
