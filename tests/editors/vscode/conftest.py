"""Real VS Code in two versions, with the extension packed as for a user, and a browser."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.editors.finding import Version, missing, places, version
from tests.editors.vscode.code_server import (
    EXTENSION,
    CodeServer,
    wait_for_the_end,
)
from tests.editors.vscode.programs import fake_python_extension
from tests.editors.vscode.recorded_traffic import violations
from tests.editors.vscode.workbench import Workbench

BUILD_TIMEOUT_S = 120
NEWER: Version = (1, 120)
PROGRAMS = ("code-server", "code-server-newest")


@pytest.fixture(scope="session")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        missing("Node.js", "put node 20 or newer on PATH")
    return str(found)


@pytest.fixture(scope="session")
def browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        missing("Chromium", "put chromium on PATH; VS Code is looked at through it")
    return str(found)


@pytest.fixture(scope="session")
def vsix(node: str) -> Path:
    """The extension, packed as for a user."""
    assert node
    if not (EXTENSION / "node_modules").is_dir():
        missing("the VS Code extension's tools", "run npm ci in editors/vscode")
    done = subprocess.run(
        ["npm", "run", "--silent", "package"],
        cwd=EXTENSION,
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return EXTENSION / "codanna-lsp.vsix"


@pytest.fixture(scope="session")
def code(vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodeServer]:
    """VS Code 1.100, with a fake of the Python extension."""
    program = _find("VS Code 1.100", "code-server 4.100", (1, 91), NEWER)
    home = tmp_path_factory.mktemp("vscode")
    python = fake_python_extension(home / "python.vsix", home / "chosen-python")
    yield from _running(program, home, vsix, python)


@pytest.fixture(scope="session")
def newest(
    vsix: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CodeServer]:
    """VS Code 1.139."""
    advice = "code-server 4.139 as code-server-newest"
    program = _find("VS Code 1.139", advice, NEWER, (9, 0))
    yield from _running(program, tmp_path_factory.mktemp("newest"), vsix)


@pytest.fixture(params=["code", "newest"])
def each_code(request: pytest.FixtureRequest) -> CodeServer:
    """Both versions, one after the other."""
    running = request.getfixturevalue(request.param)
    assert isinstance(running, CodeServer)
    return running


@pytest.fixture
def bench(node: str, browser: str) -> Iterator[Workbench]:
    with Workbench(node, browser) as opened:
        yield opened
        if opened.lost:
            print(f"typed again, for the focus was elsewhere: {opened.lost}")


def _find(name: str, advice: str, least: Version, below: Version) -> Path:
    for place in places(PROGRAMS):
        if least <= version(place, r"Code (\d+)\.(\d+)") < below:
            return place
    missing(name, f"put {advice} on PATH")
    raise AssertionError


def _running(program: Path, home: Path, *extensions: Path) -> Iterator[CodeServer]:
    """One VS Code for all tests; at the end all that was said is looked at."""
    with ExitStack() as stack:
        yield stack.enter_context(CodeServer(str(program), home, *extensions))
    wait_for_the_end(home)
    record = home / "traffic.jsonl"
    assert not record.exists() or violations(record) == []
