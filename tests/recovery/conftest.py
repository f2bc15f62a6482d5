"""Folders in memory where there are some: hundreds of loads would wait for syncs, and
nothing here is about the disk under the file system."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

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
