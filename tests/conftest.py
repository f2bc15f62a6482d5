"""What every test stands on: our bugs raise, and nobody's own cache is touched."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A machine that is slow fails no test.
settings.register_profile(
    "codanna", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("codanna")


@pytest.fixture(autouse=True, scope="session")
def own_folders() -> Iterator[Path]:
    """Indexes go to a folder of this test run, for child processes as well."""
    with tempfile.TemporaryDirectory(prefix="codanna-tests-") as folder:
        before = dict(os.environ)
        os.environ["CODANNA_RAISE_BUGS"] = "1"
        os.environ["XDG_CACHE_HOME"] = folder
        os.environ["XDG_STATE_HOME"] = folder
        # Servers start as they do where they are installed: with compiled modules.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"
        yield Path(folder)
        os.environ.clear()
        os.environ.update(before)
