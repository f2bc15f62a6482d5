"""Which files of an index folder may be believed at all, before a byte is read.

Invariant: nothing is opened through a link, and nothing that is no regular file of our
own user; such a file is a CorruptionError, never followed.
"""

import errno
import os
import stat
import sys
from pathlib import Path

from codanna_lsp.errors import CorruptionError

_READ_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def open_trusted(path: Path, *, limit: int) -> int | None:
    """A descriptor to read a file of at most `limit` bytes; None when it is missing.

    Raises:
        CorruptionError: a link, no regular file, not ours, or over the limit.
        OSError: the operating system refused.
    """
    try:
        descriptor = os.open(path, _READ_FLAGS)
    except FileNotFoundError:
        return None
    except OSError as failure:
        if failure.errno in (errno.ELOOP, errno.ENXIO):
            raise _untrusted(path, "is a link or no regular file") from None
        raise
    found = os.fstat(descriptor)
    # Group bits come from the umask under Tantivy; the folder keeps the group out.
    trouble = not_ours(found, forbidden=0o002)
    if not stat.S_ISREG(found.st_mode):
        trouble = "is no regular file"
    elif found.st_size > limit:
        trouble = f"has {found.st_size} bytes, more than the {limit} it may have"
    if trouble:
        os.close(descriptor)
        raise _untrusted(path, trouble)
    return descriptor


def not_ours(found: os.stat_result, *, forbidden: int) -> str:
    """Why a file or folder is not only ours to write, "" when it is.

    forbidden: the bits of its mode that must not be set.
    """
    if sys.platform == "win32":
        return ""
    if found.st_uid != os.geteuid():
        return "belongs to another user"
    if found.st_mode & forbidden:
        return "can be written by other users"
    return ""


def _untrusted(path: Path, trouble: str) -> CorruptionError:
    return CorruptionError(f"{path.name} {trouble}", part=path.name, reason=trouble)
