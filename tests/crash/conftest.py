"""A laboratory for all of these tests; without strace they are skipped, and say so.

With CODANNA_REQUIRE_EDITORS=1 such a skip is a failure.
"""

import os
from collections.abc import Iterator

import pytest

from tests.crash.experiments import Laboratory, can_record, laboratory


@pytest.fixture(scope="session")
def lab() -> Iterator[Laboratory]:
    """Judges and a place for worlds."""
    if not can_record():
        line = "strace is not here or may not trace: no system call can be recorded"
        if os.environ.get("CODANNA_REQUIRE_EDITORS") == "1":
            pytest.fail(line)
        pytest.skip(line)
    with laboratory(seed=7) as one:
        yield one
