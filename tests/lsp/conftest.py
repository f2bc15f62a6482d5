"""The workspaces and the session that tests of this folder share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import session, wait_for_symbols, write_files

TOOL = "class Tool:\n    def hammer(self): pass\n"
USE = "from own.tool import Tool\n\n\ndef work(tool: Tool):\n    tool.hammer()\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_files(tmp_path / "shapes project")


@pytest.fixture(scope="session")
def shared_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="session")
def shared(shared_root: Path) -> Iterator[RawClient]:
    """One session for all tests that leave it as it was, with its index on disk."""
    cache = {"XDG_CACHE_HOME": f"{shared_root}-cache"}
    with session(shared_root, cache=cache) as client:
        yield client


@pytest.fixture
def own(shared: RawClient, shared_root: Path) -> Iterator[Path]:
    """A folder of the shared session's workspace for one test, with two files."""
    files = {"use.py": USE, "tool.py": TOOL}
    folder = write_files(shared_root / "own", files)
    wait_for_symbols(shared, "hammer", ["tool.py:1:8-14 Tool.hammer"])
    yield folder
    shutil.rmtree(folder)
    wait_for_symbols(shared, "hammer", [])


@pytest.fixture
def cache(tmp_path: Path) -> dict[str, str]:
    """The environment of a server whose indexes lie in this test's own folder."""
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}
