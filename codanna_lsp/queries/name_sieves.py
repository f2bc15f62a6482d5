"""What the masks of a name must have for each tier of symbol search.

Invariant: no name of the tier is sifted out.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from codanna_lsp.index.name_table.masks import (
    Masks,
    Sieve,
    bigram_masks,
    head_mask,
    letter_mask,
)
from codanna_lsp.index.name_table.names import encode


def inside_sieve(folded: str) -> Sieve:
    """Names with the text in them."""
    text = encode(folded)
    return Sieve(Masks(letter_mask(text), 0, *bigram_masks(text)))


def at_head_sieve(folded: str) -> Sieve:
    """Names with the text in them, from a word head on."""
    inside = inside_sieve(folded).needed
    return Sieve(inside._replace(heads=head_mask(folded[:1])))


def subsequence_sieve(folded: str) -> Sieve:
    """Names with the letters of the text, of which the first is a word head."""
    return Sieve(Masks(letter_mask(encode(folded)), head_mask(folded[:1])))


def humps_sieve(humps: Sequence[str]) -> Sieve:
    """Names with words that start with the humps."""
    texts = [encode(hump) for hump in humps]
    bigrams = [bigram_masks(text) for text in texts]
    return Sieve(
        Masks(
            letter_mask(b"".join(texts)),
            head_mask("".join(hump[:1] for hump in humps)),
            _union(first for first, _second in bigrams),
            _union(second for _first, second in bigrams),
        )
    )


def runs_sieve(folded: str) -> Sieve:
    """Names with the text as runs: each next letter stands beside the one before it,
    or is a word head.
    """
    letters = [encode(letter) for letter in folded]
    inner = [bigram_masks(letter) for letter in letters]
    either = [
        (
            Masks(0, 0, *bigram_masks(before[-1:] + after[:1])),
            Masks(heads=letter_mask(after[:1])),
        )
        for before, after in pairwise(letters)
    ]
    return Sieve(
        Masks(
            letter_mask(b"".join(letters)),
            head_mask(folded[:1]),
            _union(first for first, _second in inner),
            _union(second for _first, second in inner),
        ),
        tuple(dict.fromkeys(either)),
    )


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union
