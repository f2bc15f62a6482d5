"""Folders in memory where there are some: hundreds of loads would wait for syncs, and
nothing here is about the disk under the file system."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.recovery.saved_index import State, write_history

RAM_DISK = Path("/dev/shm")  # noqa: S108 - a private folder is made in it


@pytest.fixture(scope="session")
def fast_folder() -> Iterator[Path]:
    """A folder for all of these tests."""
    place = str(RAM_DISK) if os.access(RAM_DISK, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


_numbers = itertools.count()


@pytest.fixture
def tmp_path(fast_folder: Path) -> Path:
    """A folder for one test."""
    folder = fast_folder / f"test-{next(_numbers)}"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def history(fast_folder: Path, request: pytest.FixtureRequest) -> tuple[Path, State]:
    """An index of two generations and journals, and what it holds; left as it is."""
    folder = fast_folder / f"history-{request.path.stem}"
    return folder, write_history(folder)


@pytest.fixture
def saved(history: tuple[Path, State], tmp_path: Path) -> tuple[Path, State]:
    """A copy of it, to be damaged."""
    folder = tmp_path / "index"
    shutil.copytree(history[0], folder)
    return folder, history[1]
