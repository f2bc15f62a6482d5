"""What a command's exit code says; the README shows this table.

| code | means |
|---|---|
| 0 | done; for a question: something was found |
| 1 | nothing was found, or what was compared differs |
| 2 | the command line is wrong: unknown option, bad position, bad filter |
| 3 | the workspace or a setting: a folder that is missing or cannot be read |
| 4 | the index is damaged and was not repaired |
| 5 | another process holds the index and does not answer |
| 6 | the index folder cannot be made, read or written |
| 70 | a bug in codanna-lsp: please report it |
| 130 | interrupted |
"""

from codanna_lsp.errors import (
    CodannaError,
    CodecError,
    CorruptionError,
    LockedError,
    QuestionError,
    SettingsError,
    StoreError,
    WorkspaceError,
)

OK = 0
NOTHING = 1
USAGE = 2
WORKSPACE = 3
DAMAGED = 4
BUSY = 5
FOLDER = 6
BUG = 70
INTERRUPTED = 130

_BY_ERROR: tuple[tuple[type[CodannaError], int], ...] = (
    (SettingsError, WORKSPACE),
    (WorkspaceError, WORKSPACE),
    (QuestionError, USAGE),
    (LockedError, BUSY),
    (CorruptionError, DAMAGED),
    (CodecError, DAMAGED),
    (StoreError, FOLDER),
)


def exit_code_of(error: CodannaError) -> int:
    """The exit code that tells of this error."""
    for kind, code in _BY_ERROR:
        if isinstance(error, kind):
            return code
    return NOTHING
