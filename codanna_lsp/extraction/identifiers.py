"""The distinct identifiers of a text, by one translate and one split.

What a comment or a string mentions counts too. Left out are numbers, keywords, words
of one ASCII character (every file has `i`) and words longer than 200 characters.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache

from codanna_lsp.languages.language import Language

_MAX_WORD = 200
_ONE_LETTER = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$")
_WORD = re.compile(r"[^\W\d]\w*")


def find_words(source: bytes, language: Language) -> set[str]:
    """The distinct words and numbers of a text."""
    text = source.translate(_table(language.identifier_extra))
    if source.isascii():
        return set(text.decode("ascii").split())
    return _mixed_words(text)


def find_identifiers(
    words: set[str], language: Language, named: Iterable[str]
) -> tuple[str, ...]:
    """The identifiers among a text's words that are not named already; sorted.

    Takes `words` for its own: they are fewer afterwards.
    """
    words -= _ONE_LETTER
    words -= language.keywords
    words.difference_update(named)
    if not words:
        return ()
    found = sorted(words)
    if max(map(len, found)) > _MAX_WORD:
        found = [word for word in found if len(word) <= _MAX_WORD]
    if language.identifier_extra:
        return tuple([word for word in found if not word[0].isdigit()])
    return tuple(found[bisect_left(found, ":") :])  # numbers sort first


def _mixed_words(text: bytes) -> set[str]:
    words: set[str] = set()
    for word in set(text.split()):
        if word.isascii():
            words.add(word.decode("ascii"))
        elif len(word) <= 4 * _MAX_WORD:
            words.update(_WORD.findall(word.decode("utf-8", "replace")))
    return words


@cache
def _table(extra: str) -> bytes:
    """Identifier bytes as they are, all others a space."""
    keep = {ord(c) for c in extra}
    return bytes(
        byte
        if byte >= 128 or byte in keep or chr(byte).isalnum() or byte == ord("_")
        else 32
        for byte in range(256)
    )
