"""Workers of the tests are found by PYTHONPATH; the machine's git settings are not."""

import os
from pathlib import Path

import pytest

WORKERS = Path(__file__).parent / "workers"


@pytest.fixture(autouse=True)
def own_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An empty home folder for each test."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    before = os.environ.get("PYTHONPATH")
    paths = [str(WORKERS), *([before] if before else [])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    return home
