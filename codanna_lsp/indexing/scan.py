"""The scan: which files that are not indexed yet seem to define a name.

Invariant: no more files are read than the time allows.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator

from codanna_lsp.workspace.fingerprint import read_source

MAX_MENTIONS = 64  # files that only mention the name and are handed out all the same

# Words that stand before the name that they define, in the languages there are.
_DEFINERS = frozenset(
    b"def class func fn function struct union enum interface trait type typedef const"
    b" static let var mod module namespace package macro_rules! #define record".split()
)
_MAX_PLACES = 64  # of one file that are looked at
_MAX_BEFORE = 120  # bytes of a line before the name
_DECLARES = re.compile(rb"[\w*&: \t<>,\[\]]*")


def find_candidates(
    root: str,
    paths: Iterable[str],
    name: str,
    *,
    limit: int,
    cancelled: Callable[[], bool],
) -> Iterator[tuple[str, bool]]:
    """Paths of files that hold the name, and whether they seem to define it.

    Those that do come as soon as they are found, the others at the end, those first
    where a line begins with it like a declaration in C. name: an identifier, or the
    beginning of one. limit: the most bytes of a source.
    """
    wanted = name.encode("utf-8", "surrogatepass")
    likely: list[str] = []
    mentions: list[str] = []
    for path in paths:
        if cancelled():
            return
        source = read_source(root, path, limit=limit)
        if isinstance(source, str) or wanted not in source.text:
            continue
        befores = list(_lines_before(source.text, wanted))
        if any(map(_is_defined, befores)):
            yield path, True
        elif any(map(_is_declared, befores)):
            likely.append(path)
        else:
            mentions.append(path)
    for path in [*likely, *mentions][:MAX_MENTIONS]:
        yield path, False


def _lines_before(text: bytes, wanted: bytes) -> Iterator[bytes]:
    """What stands before the name on its line, for its first places in a text."""
    start = text.find(wanted)
    for _ in range(_MAX_PLACES):
        if start < 0:
            return
        yield text[max(0, start - _MAX_BEFORE) : start].rpartition(b"\n")[2]
        start = text.find(wanted, start + len(wanted))


def _is_defined(before: bytes) -> bool:
    words = before.replace(b"*", b" ").split()
    if not words or (not before[-1:].isspace() and before[-1:] != b"*"):
        return False
    # Go writes `func (receiver) Name`.
    return words[-1] in _DEFINERS or (words[0] == b"func" and words[-1].endswith(b")"))


def _is_declared(before: bytes) -> bool:
    return not before[:1].isspace() and _DECLARES.fullmatch(before) is not None


class Patience:
    """How long to look: until a time, and not much longer than the first find."""

    def __init__(self, *, until: float, after_find_seconds: float) -> None:
        self._until = until
        self._after_find_seconds = after_find_seconds
        self._found = False

    def found(self) -> None:
        """Something was found; only what comes soon is waited for."""
        if not self._found:
            self._found = True
            soon = time.monotonic() + self._after_find_seconds
            self._until = min(self._until, soon)

    @property
    def is_over(self) -> bool:
        """Whether to stop."""
        return time.monotonic() > self._until
