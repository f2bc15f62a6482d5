"""Imports point one way: import-linter's contracts in pyproject.toml hold."""

import subprocess
import sys

from tests.tidy.tree import ROOT

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def test_every_import_contract_holds() -> None:
    told = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
