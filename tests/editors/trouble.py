"""Servers as they should not be, as Python programs."""

import sys

from tests.editors.project import Project, recorded
from tests.editors.terminal import wait_until

MISSING = ["no-such-codanna"]
ENDS_AT_ONCE = "import sys; print('cannot go on', file=sys.stderr); sys.exit(3)"
GARBAGE = "print('this is no message', flush=True); input()"
GARBAGE_FOR_EVER = "import sys; print('none', flush=True); sys.stdin.read()"
# Ours, but for the version that it says it has.
TOO_OLD = """
from codanna_lsp.__main__ import main
from codanna_lsp.server.features import initialize
initialize.VERSION = "0.0.9"
main()
"""


def bad_server(project: Project, program: str) -> list[str]:
    """Its command; each start is counted."""
    return recorded((sys.executable, "-c", program), project.traffic)


def starts(project: Project) -> int:
    return len(project.traffic.pids())


def wait_for_starts(project: Project, number: int) -> None:
    wait_until(lambda: starts(project) == number, f"server {number}")
