"""Indexes in memory where there is some: nothing here is about the disk below."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.sourced_index import Sourced, make_sourced

RAM_DISK = Path("/dev/shm")  # noqa: S108 - a private folder is made in it

_numbers = itertools.count()


@pytest.fixture(scope="session")
def fast_folder() -> Iterator[Path]:
    """A folder for all of these tests."""
    place = str(RAM_DISK) if os.access(RAM_DISK, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


@pytest.fixture
def tmp_path(fast_folder: Path) -> Path:
    """A folder for one test."""
    folder = fast_folder / f"test-{next(_numbers)}"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def sourced(fast_folder: Path) -> Sourced:
    """A workspace with its finished index; tests harm copies of it."""
    return make_sourced(fast_folder / "sourced")
