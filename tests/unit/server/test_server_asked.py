"""What a command asks of the server ends with the exit code that it has alone."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from codanna_lsp.cli.exit_codes import exit_code_of
from codanna_lsp.errors import (
    CodannaError,
    CodecError,
    CorruptionError,
    DiskError,
    LockedError,
    WorkspaceError,
)
from codanna_lsp.indexing.progress import RunSummary
from codanna_lsp.server.keeping.asked import carry_out

if TYPE_CHECKING:
    from codanna_lsp.server.keeping.keeper import Keeper
    from codanna_lsp.store.index_store import IndexStore
    from codanna_lsp.store.requests import TakenRequest

ERRORS = (
    WorkspaceError("the workspace is gone", path=Path("gone")),
    DiskError("no room", path=Path("index"), errno=28),
    LockedError("another one has it", holder=1),
    CorruptionError("bad", part="columns", reason="bad"),
    CodecError("bad"),
)


class Asked:
    """A request, the store and the keeper in one, as far as a command needs them."""

    def __init__(
        self, command: str, found: RunSummary | CodannaError, *, writes: bool = True
    ) -> None:
        self.command = command
        self.said: list[str] = []
        self._found = found
        self._writes = writes

    def say(self, line: str) -> None:
        self.said.append(line)

    def repair(self) -> bool:
        return self._writes

    def run_now(self, *, force: bool = False, hash_all: bool = False) -> RunSummary:
        assert not (force and hash_all)
        if isinstance(self._found, CodannaError):
            raise self._found
        return self._found


def check_code(asked: Asked, code: int, said: str) -> None:
    found = carry_out(
        cast("Keeper", asked), cast("IndexStore", asked), cast("TakenRequest", asked)
    )
    assert (found, said in "\n".join(asked.said)) == (code, True), asked.said


@pytest.mark.parametrize("command", ["index", "rebuild", "repair"])
def test_what_a_run_ends_with(command: str) -> None:
    check_code(Asked(command, RunSummary(added=2)), 0, "2 files added")
    lost = RunSummary(durable=False)
    check_code(Asked(command, lost), 6, "could not be written to disk")
    check_code(Asked(command, RunSummary(cancelled=True)), 130, "0 files added")
    wide = RunSummary(narrow="it is the home folder")
    check_code(Asked(command, wide), 0, "it is the home folder")


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_has_the_code_of_the_command_alone(error: CodannaError) -> None:
    check_code(Asked("index", error), exit_code_of(error), error.message)


def test_a_repair_that_wrote_nothing() -> None:
    unwritten = Asked("repair", RunSummary(), writes=False)
    check_code(unwritten, 6, "nothing was written")
