"""URIs and paths: percent-encoding, drive letters, names that are no UTF-8.

Invariant: to_path(from_path(p)) is p for every absolute path, surrogates included.
"""

import os
import re
from urllib.parse import quote_from_bytes, unquote_to_bytes

_IS_WINDOWS = os.name == "nt"
_SAFE = b"/-._~!$&'()*+,;=:@"
_is_plain = re.compile("[A-Za-z0-9/_.-]*").fullmatch  # as nearly all paths are


def to_path(uri: str) -> str | None:
    """The absolute path that a `file:` URI names; None for any other URI.

    `file:///c:/x` and `file:///c%3A/x` are one path (on Windows its drive letter is
    put in lower case, for clients spell it both ways).
    Bytes that are no UTF-8 are kept by surrogateescape, as os.fsdecode does.
    """
    scheme, colon, rest = uri.partition(":")
    if not colon or scheme.lower() != "file":
        return None
    rest = rest.split("#", 1)[0].split("?", 1)[0]
    host = ""
    if rest.startswith("//"):
        host, slash, tail = rest[2:].partition("/")
        rest = slash + tail
    raw = unquote_to_bytes(rest.encode("utf-8", "surrogateescape"))
    if b"\0" in raw or not raw.startswith(b"/"):
        return None
    path = raw.decode("utf-8", "surrogateescape")
    if host and host.lower() != "localhost":
        return f"//{host}{path}" if _IS_WINDOWS else None
    if _IS_WINDOWS and path[2:3] == ":":
        return path[1].lower() + path[2:]
    return path


def from_path(path: str) -> str:
    """The `file:` URI of an absolute path."""
    if _IS_WINDOWS:
        path = path.replace("\\", "/")
    if path.startswith("//") and _IS_WINDOWS:
        return "file:" + _quoted(path)
    if not path.startswith("/"):
        path = "/" + path
    return "file://" + _quoted(path)


def _quoted(path: str) -> str:
    if _is_plain(path):
        return path
    return quote_from_bytes(path.encode("utf-8", "surrogateescape"), safe=_SAFE)
