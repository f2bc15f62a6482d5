"""Two type checkers, both strict, over the package and its tests."""

import subprocess
import sys

import pytest

from tests.tidy.tree import ROOT

CHECKERS = {
    "mypy": ["mypy"],
    "basedpyright": ["basedpyright", "--pythonpath", sys.executable],
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_types_hold(checker: str) -> None:
    told = subprocess.run(
        [sys.executable, "-m", *CHECKERS[checker]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
