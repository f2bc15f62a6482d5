"""The distinct identifiers of a text, by one translate and one split.

What a comment or a string mentions counts too. Left out are numbers, keywords, words
of one ASCII character (every file has `i`) and words longer than 200 bytes.
"""

import re
from functools import cache

from codanna_lsp.languages.language import Language

_MAX_WORD = 200
_WORD = re.compile(r"[^\W\d]\w*")


def find_identifiers(source: bytes, language: Language) -> set[str]:
    """The identifiers that the text mentions."""
    words = set(source.translate(_table(language.identifier_extra)).split())
    if source.isascii():
        found = {
            word
            for word in b" ".join(words).decode("ascii").split()
            if word[0] > "9" and 1 < len(word) <= _MAX_WORD
        }
    else:
        found = _mixed(words)
    found -= language.keywords
    return found


def _mixed(words: set[bytes]) -> set[str]:
    found: set[str] = set()
    for word in words:
        if len(word) > _MAX_WORD:
            continue
        if word.isascii():
            if word[0] > 57 and len(word) > 1:
                found.add(word.decode("ascii"))
        else:
            text = word.decode("utf-8", "replace")
            found.update(
                part
                for part in _WORD.findall(text)
                if len(part) > 1 or not part.isascii()
            )
    return found


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
