"""VS Code with a second, real server for Python: both answer, or each its own part."""

from pathlib import Path

import pytest

from tests.editors.test_neovim import make_workspace
from tests.editors.vscode.code_server import EXTENSION, CodeServer
from tests.editors.vscode.other_server import other_extension
from tests.editors.vscode.programs import our_server
from tests.editors.vscode.workbench import Workbench

GUESS = """
import os

def guess(thing):
    thing.add_item(os.path.join("a", "b"))
"""
SUITE = Path(__file__).with_name("beside_suite.js")

pytestmark = pytest.mark.editor


def test_two_servers(code: CodeServer, bench: Workbench, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "two-servers")
    (workspace / "shop" / "guess.py").write_text(GUESS, encoding="utf-8")
    server = our_server(code.home / "ours" / "codanna-lsp", code.home)
    other = other_extension(tmp_path / "other-extension")
    code.change_settings({"codanna.path": str(server)})
    failed = bench.run_suite(code, workspace, SUITE, EXTENSION, other)
    assert not failed, "\n".join(failed)
