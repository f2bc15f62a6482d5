"""The scan: which files that are not indexed yet seem to define a name.

Invariant: no more files are read than the time allows; the best are handed out first.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator

from codanna_lsp.workspace.fingerprint import read_source

MAX_CANDIDATES = 256

# Words that stand before the name that they define, in the languages there are.
_DEFINERS = (
    rb"def|class|func|fn|function\*?|struct|union|enum|interface|trait|type|typedef|"
    rb"const|static|let|var|val|mod|module|namespace|package|macro_rules!|\#define|"
    rb"record|@interface|export|default"
)
_DEFINED = 0
_BEGINS_LIKE_ONE = 1
_MENTIONED = 2


def find_candidates(
    root: str,
    paths: Iterable[str],
    name: str,
    *,
    limit: int,
    until: float,
    cancelled: Callable[[], bool],
) -> Iterator[str]:
    """Paths of files that hold the name, those that seem to define it first.

    name: an identifier, or the beginning of one. limit: the most bytes of a source.
    until: when to stop reading, in `time.monotonic` seconds.
    """
    wanted = name.encode("utf-8", "surrogatepass")
    definition = re.compile(
        rb"(?:^|[^\w])(?:%b)[ \t*&]+(?:\([^()\n]{0,80}\)[ \t]*)?%b"
        % (_DEFINERS, re.escape(wanted))
    )
    head = re.compile(
        rb"^[\w*&: \t<>,\[\]]*\b%b\w*[ \t]*[(={:;]" % re.escape(wanted), re.MULTILINE
    )
    ranked: tuple[list[str], list[str], list[str]] = ([], [], [])
    for path in paths:
        if cancelled() or time.monotonic() > until:
            break
        source = read_source(root, path, limit=limit)
        if isinstance(source, str) or wanted not in source.text:
            continue
        if definition.search(source.text):
            rank = _DEFINED
        elif len(ranked[_BEGINS_LIKE_ONE]) < MAX_CANDIDATES and head.search(
            source.text
        ):
            rank = _BEGINS_LIKE_ONE
        else:
            rank = _MENTIONED
        ranked[rank].append(path)
    found = [path for group in ranked for path in group]
    yield from found[:MAX_CANDIDATES]
