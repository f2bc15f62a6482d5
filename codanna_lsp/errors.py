"""The one tree of things that can go wrong in the world, and the call for our bugs.

CodannaError                 message, and advice that says what the user can do
├── SettingsError            key: a setting is unknown or has a bad value
├── WorkspaceError           path: a workspace that is missing or unreadable
├── IndexingError            the index cannot be brought up to date
├── CodecError               packed bytes that do not decode to what they should
├── QuestionError            a question that cannot be asked so (bad position, bad text)
├── FramingError             the bytes of a client are no sequence of messages
└── StoreError
    ├── DiskError            path, errno: the operating system refused
    ├── FolderError          path: the index folder cannot be made, owned or trusted
    ├── LockedError          holder: another process writes this index
    ├── FormatError          found: written by a newer codanna-lsp
    └── CorruptionError      part, reason: bytes are not what was written

Invariant: expected absence is None or (), never an exception of this tree.
Invariant: a lock, permission or I/O error is never a CorruptionError.
"""

import logging
import os
from pathlib import Path

_log = logging.getLogger("codanna_lsp")


class CodannaError(Exception):
    """Something in the world failed; `advice` says what the user can do."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} ({self.advice})" if self.advice else self.message


class SettingsError(CodannaError):
    """A setting is unknown or has a value that it cannot have."""

    def __init__(self, message: str, *, key: str, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.key = key


class WorkspaceError(CodannaError):
    """A workspace folder is missing or cannot be read."""

    def __init__(self, message: str, *, path: Path, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.path = path


class IndexingError(CodannaError):
    """The index cannot be brought up to date: worker processes do not start."""


class CodecError(CodannaError):
    """Packed bytes do not decode to the shape that they should have."""


class QuestionError(CodannaError):
    """A question cannot be asked in this form."""


class FramingError(CodannaError):
    """The byte stream of a client is no longer a sequence of framed messages."""


class StoreError(CodannaError):
    """The index on disk could not be used as asked."""


class DiskError(StoreError):
    """The operating system refused an operation on a file of the index."""

    def __init__(
        self, message: str, *, path: Path, errno: int = 0, advice: str = ""
    ) -> None:
        super().__init__(message, advice=advice)
        self.path = path
        self.errno = errno


class FolderError(StoreError):
    """The index folder cannot be made, is not ours, or cannot be trusted."""

    def __init__(self, message: str, *, path: Path, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.path = path


class LockedError(StoreError):
    """Another process writes this index."""

    def __init__(self, message: str, *, holder: int | None, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.holder = holder


class FormatError(StoreError):
    """The index was written in a format that this version does not read."""

    def __init__(self, message: str, *, found: int, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.found = found


class CorruptionError(StoreError):
    """Bytes on disk are not the bytes that were written.

    `part` names the file or the piece of it, as the user is told.
    """

    def __init__(self, message: str, *, part: str, reason: str) -> None:
        super().__init__(message)
        self.part = part
        self.reason = reason


class OurBug(AssertionError):  # noqa: N818 - it reads better where it is raised
    """An invariant of ours does not hold; only tests ever see it raised."""


def report_bug(what: str) -> None:
    """Record that we are wrong: raises in tests, logs with the stack in service."""
    if os.environ.get("CODANNA_RAISE_BUGS"):
        raise OurBug(what)
    _log.error("codanna-lsp has a bug: %s", what, stack_info=True)
