"""Ruff finds nothing, in lint and in form."""

import subprocess
import sys

from tests.tidy.tree import ROOT


def check_ruff(*arguments: str) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_no_lint() -> None:
    check_ruff("check", "--no-cache", ".")


def test_formatted() -> None:
    check_ruff("format", "--no-cache", "--check", "--diff", ".")
