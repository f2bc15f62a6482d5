"""A laboratory for all of these tests; without strace they are skipped, and say so.

With CODANNA_REQUIRE_EDITORS=1 such a skip is a failure.
"""

import os
from collections.abc import Iterator

import pytest

from tests.crash.experiments import Laboratory, has_strace, laboratory


@pytest.fixture(scope="session")
def lab() -> Iterator[Laboratory]:
    """Judges and a place for worlds."""
    if not has_strace():
        line = "strace is not here: no system call can be recorded"
        if os.environ.get("CODANNA_REQUIRE_EDITORS") == "1":
            pytest.fail(line)
        pytest.skip(line)
    with laboratory(seed=7) as one:
        yield one
