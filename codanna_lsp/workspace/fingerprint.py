"""Reading a source file: its bytes and what identifies them, or why there are none.

Invariant: only regular files are read, never through a link that leads out of the
    root, never more than the limit, and a FIFO is never waited for.
"""

import codecs
import errno
import os
import stat
from typing import NamedTuple

import xxhash

from codanna_lsp.model.facts import Fingerprint, Reason

BINARY_HEAD_BYTES = 8_192

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WIDE_MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_GONE = (errno.ENOENT, errno.ENOTDIR)
_AS_LATIN_1 = "codanna-as-latin-1"


class Source(NamedTuple):
    """One file as it was read.

    text: what extraction gets, always UTF-8: the bytes, or what was made of UTF-16 or
        of bytes that are no UTF-8; b"" for a reason.
    fingerprint: of the bytes on disk.
    reason: "" or Reason.BINARY, when there is no text in the bytes.
    guessed: "" or Reason.NOT_UTF8, when the text is a guess at what the bytes mean.
    """

    text: bytes
    fingerprint: Fingerprint
    reason: str = ""
    guessed: str = ""


def read_source(root: str, path: str, *, limit: int) -> Source | str:
    """The file at `path` (relative to `root`, a real path), or the Reason why not.

    `limit` is in bytes. Never raises for anything that a file can be.
    """
    try:
        descriptor = _open(root, path)
    except (OSError, ValueError) as error:
        code = error.errno if isinstance(error, OSError) else None
        if code in _GONE:
            return Reason.VANISHED
        return Reason.OUTSIDE if code == errno.ELOOP else Reason.UNREADABLE
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return Reason.NOT_A_FILE
        if found.st_size > limit:
            return Reason.TOO_LARGE
        data = _read(descriptor, min(found.st_size, limit) + 1, limit)
    except OSError:
        return Reason.UNREADABLE
    finally:
        os.close(descriptor)
    if len(data) > limit:
        return Reason.TOO_LARGE
    return to_source(data, mtime_ns=found.st_mtime_ns)


def _open(root: str, path: str) -> int:
    """A descriptor of the file; ELOOP for a link that leads out of the root."""
    try:
        return os.open(f"{root}/{path}", _FLAGS)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
    target = os.path.realpath(f"{root}/{path}", strict=True)
    if not target.startswith(f"{root.rstrip('/')}/"):
        raise OSError(errno.ELOOP, "leads out of the workspace", path)
    return os.open(target, _FLAGS)


def _read(descriptor: int, wanted: int, limit: int) -> bytes:
    """All bytes, also of a file that grows meanwhile, up to one over the limit."""
    data = os.read(descriptor, wanted)
    if len(data) < wanted:
        return data
    parts = [data]
    size = len(data)
    while size <= limit and (more := os.read(descriptor, 1 << 20)):
        parts.append(more)
        size += len(more)
    return b"".join(parts)


def to_source(data: bytes, *, mtime_ns: int) -> Source:
    """The Source that these bytes on disk make."""
    fingerprint = Fingerprint(len(data), mtime_ns, digest(data))
    for mark, encoding in _WIDE_MARKS:
        if data.startswith(mark):
            text = data[2:].decode(encoding, "replace").encode("utf-8", "replace")
            return _checked(text, fingerprint)
    return _checked(data, fingerprint)


def _checked(text: bytes, fingerprint: Fingerprint) -> Source:
    if b"\0" in text[:BINARY_HEAD_BYTES]:
        return Source(b"", fingerprint, Reason.BINARY)
    if text.isascii():
        return Source(text, fingerprint)
    try:
        text.decode()
    except UnicodeDecodeError:
        guessed = text.decode(errors=_AS_LATIN_1).encode()
        return Source(guessed, fingerprint, guessed=Reason.NOT_UTF8)
    return Source(text, fingerprint)


def _to_latin_1(error: UnicodeError) -> tuple[str, int]:
    """What stands for bytes that are no UTF-8: one letter for each of them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(_AS_LATIN_1, _to_latin_1)


def digest(data: bytes) -> bytes:
    """The xxh3-128 of some bytes, 16 bytes."""
    return xxhash.xxh3_128_digest(data)
