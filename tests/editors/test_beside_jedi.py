"""Two servers in one Neovim: what comes twice by default comes once by the setting."""

import json
import shutil
from pathlib import Path

import pytest

from tests.editors.driving_neovim import Neovim
from tests.editors.finding import BY_NAME, find, missing
from tests.editors.project import Place, Project
from tests.editors.terminal import Terminal

pytestmark = pytest.mark.editor

FILES = {
    "shop.py": "class Basket:\n    def add(self): ...\n",
    "till.py": "from shop import Basket\n\nbasket = Basket()\nbasket.add()\n",
}
JEDI = """
vim.lsp.config("jedi", {{
  cmd = {{ {program} }}, filetypes = {{ "python" }}, root_markers = {{ ".git" }},
}})
vim.lsp.enable("jedi")
"""
ONLY_SYMBOLS = {"python": ["workspaceSymbol"]}


@pytest.fixture
def jedi() -> str:
    program = shutil.which("jedi-language-server")
    if program is None:
        missing("jedi-language-server", "pip install jedi-language-server")
    assert program is not None
    return program


def answered(project: Project, method: str) -> list[object]:
    """What our server answered to each such request of the editor."""
    entries = project.traffic.entries()
    ids = [e.message["id"] for e in entries if e.message.get("method") == method]
    answers = {
        entry.message["id"]: entry.message["result"]
        for entry in entries
        if entry.sender == "server" and "result" in entry.message
    }
    return [answers.get(asked) for asked in ids]


@pytest.mark.parametrize("features", [{}, ONLY_SYMBOLS])
def test_definitions_come_from_whom_the_settings_say(
    terminal: Terminal, project: Project, jedi: str, features: dict[str, list[str]]
) -> None:
    for name, text in FILES.items():
        project.file(name).write_text(text)
    neovim = Neovim(find(BY_NAME["Neovim 0.11"]), terminal)
    config = {
        "cmd": project.server,
        "settings": {"codanna": {"features": features}},
    }
    more = JEDI.format(program=json.dumps(jedi))
    neovim.start(project, project.file("till.py"), config=config, more=more)
    terminal.wait_for(neovim.ready)
    neovim.command(
        "lua vim.wait(20000, function() local c = vim.lsp.get_clients({name='jedi', bufnr=0})[1] return c and c.initialized end)"
    )
    neovim.command("call cursor(3, 10)")
    neovim.command("lua vim.lsp.buf.definition()")
    target = Place(Path("shop.py"), 1, 6)
    terminal.wait_until(
        lambda s: neovim.is_at(s, target) or "shop.py|1 col" in s, "Basket"
    )
    terminal.wait_for("shop.py")
    found = answered(project, "textDocument/definition")
    assert bool(found[-1]) is (not features), "ours answers only where it is asked to"
    # A list of two is what a user gets when both answer.
    assert terminal.screen().count("shop.py|1 col 7") == 0 or not features
    neovim.search("Basket")
    terminal.wait_for("shop.py|1 col 7")
    assert answered(project, "workspace/symbol")[-1]
    neovim.leave()
    assert project.traffic.problems() == []
