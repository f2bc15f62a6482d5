"""Some of the system calls that `python -m tests.faults` makes fail one by one."""

from pathlib import Path

import pytest

from tests.faults.io_errors import STRACE, IoError, run_one

pytestmark = pytest.mark.skipif(STRACE is None, reason="strace is not installed")

FAULTS = (
    IoError("sync", "EIO", 3, stays=False),
    IoError("sync", "ENOSPC", 9, stays=True),
    IoError("write", "ENOSPC", 4, stays=True),
    IoError("write", "EIO", 12, stays=False),
    IoError("rename", "EIO", 2, stays=False),
    IoError("rename", "ENOSPC", 5, stays=True),
    IoError("unlink", "EIO", 2, stays=False),
    IoError("open", "EMFILE", 6, stays=True),
    IoError("open", "EIO", 8, stays=False),
)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_call_that_fails(tmp_path: Path, fault: IoError) -> None:
    verdict = run_one(fault, tmp_path / "run")
    assert verdict is not None, "nothing came to that call"
    assert verdict.is_good, verdict
