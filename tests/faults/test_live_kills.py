"""A few of the kills that `python -m tests.faults` does by the hundred."""

import sys
from pathlib import Path

import pytest

from tests.faults.live_kills import run_kills


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_killed_servers_lose_nothing_and_leave_nobody(tmp_path: Path) -> None:
    tally = run_kills(tmp_path, 8, seed=5)
    assert tally.is_good, str(tally)
