"""The editors as fixtures; one that is missing is a skip with a plain line.

With CODANNA_REQUIRE_EDITORS=1 (as `.ci/run` sets it) such a skip is a failure.

The terminals are driven so that no key is lost. VS Code draws in a browser, where one may
be: its tests, and no others, are run once more before they fail; pytest's last lines count
such reruns.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.driving import Editor
from tests.editors.driving_ale import VimWithAle
from tests.editors.driving_emacs import Emacs
from tests.editors.driving_helix import Helix
from tests.editors.driving_neovim import Neovim
from tests.editors.finding import (
    BY_NAME,
    NEOVIM_ADVICE,
    WANTED,
    find,
    missing,
    places,
    version,
)
from tests.editors.project import SHOP, Project
from tests.editors.stopwatch import Stopwatch
from tests.editors.terminal import Terminal

OLDEST_NEOVIM = (0, 11)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        is_vscode = "vscode" in item.path.name
        if is_vscode and item.get_closest_marker("editor") is not None:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    # Not the test's own folder: the path of a socket may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="ed", ignore_cleanup_errors=True) as folder:
        opened = Terminal(Path(folder))
        yield opened
        opened.close()


@pytest.fixture(params=[wanted.name for wanted in WANTED])
def editor(request: pytest.FixtureRequest, terminal: Terminal) -> Editor:
    """Each of the editors, in a terminal."""
    wanted = BY_NAME[request.param]
    return wanted.drive(find(wanted), terminal)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project of three small files."""
    return Project(tmp_path, SHOP)


@pytest.fixture
def neovim_11(terminal: Terminal) -> Neovim:
    return Neovim(find(BY_NAME["Neovim 0.11"]), terminal)


@pytest.fixture(params=["Neovim 0.10", "Neovim 0.11", "Neovim 0.12"])
def any_neovim(request: pytest.FixtureRequest, terminal: Terminal) -> Neovim:
    return Neovim(find(BY_NAME[request.param]), terminal)


@pytest.fixture(params=["Emacs 28", "Emacs 30"])
def any_emacs(request: pytest.FixtureRequest, terminal: Terminal) -> Emacs:
    return Emacs(find(BY_NAME[request.param]), terminal)


@pytest.fixture
def emacs(terminal: Terminal) -> Emacs:
    return Emacs(find(BY_NAME["Emacs 30"]), terminal)


@pytest.fixture
def helix(terminal: Terminal) -> Helix:
    return Helix(find(BY_NAME["Helix"]), terminal)


@pytest.fixture
def vim_with_ale(terminal: Terminal) -> VimWithAle:
    return VimWithAle(find(BY_NAME["Vim with ALE"]), terminal)


@pytest.fixture
def stopwatch(request: pytest.FixtureRequest) -> Stopwatch:
    return Stopwatch(request.node.callspec.params["editor"])


@pytest.fixture(scope="session")
def neovim() -> Path:
    """Neovim 0.11 or newer, for what needs no terminal."""
    for place in places(("nvim",)):
        if version(place, r"NVIM v(\d+)\.(\d+)") >= OLDEST_NEOVIM:
            return place
    missing("Neovim 0.11", NEOVIM_ADVICE)
    raise AssertionError
