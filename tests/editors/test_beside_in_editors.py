"""A second server for the same language: what comes twice, and what does not.

Neovim runs jedi-language-server beside ours. Emacs has both behind `rass`, which is one
server to Eglot, with the preset that docs/editors.md gives.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.editors.driving_emacs import Emacs
from tests.editors.driving_neovim import Neovim
from tests.editors.finding import find_beside
from tests.editors.project import Place, Project
from tests.editors.snippets import snippets
from tests.editors.terminal import patiently, until_it_holds

pytestmark = pytest.mark.editor

JEDI = "jedi-language-server"

SECOND = """
vim.lsp.config("jedi", {{
  cmd = {{ {jedi} }}, filetypes = {{ "python" }}, root_markers = {{ ".git" }},
  on_init = function(client)
    if {no_symbols} then client.server_capabilities.workspaceSymbolProvider = false end
  end,
}})
vim.lsp.enable("jedi")
vim.api.nvim_create_user_command("Begun", function()
  local begun = vim.tbl_filter(function(c) return c.initialized end, vim.lsp.get_clients())
  print("begun: " .. #begun)
end, {{}})
"""
ONCE_S = 3.0


def use(project: Project) -> Place:
    return project.place("till.py", "basket.add_item", "add_item")


def method(project: Project) -> Place:
    return project.place("shop.py", "    def add_item", "add_item")


def start(
    neovim: Neovim,
    project: Project,
    settings: Mapping[str, Any],
    *,
    no_symbols: bool = False,
) -> None:
    """Both servers have begun, and ours knows all files."""
    config = {"cmd": project.server, "settings": {"codanna": settings}}
    jedi = json.dumps(str(find_beside(JEDI)))
    more = SECOND.format(jedi=jedi, no_symbols=str(no_symbols).lower())
    neovim.start(project, project.file("till.py"), config=config, more=more)
    neovim.terminal.wait_for("till.py:1:", neovim.ready)

    def both() -> None:
        neovim.command("Begun")
        neovim.terminal.wait_for("begun: 2", within_s=ONCE_S)

    until_it_holds(both)


def ask_definition(neovim: Neovim, place: Place) -> None:
    neovim.command(f"call cursor({place.line}, {place.column + 1})")
    neovim.command("lua vim.lsp.buf.definition()")


def select_tag(neovim: Neovim, name: str, times: int) -> None:
    """`:tselect NAME` lists the class so often; the last line asks for a number."""

    def select() -> None:
        neovim.command(f"tselect {name}")
        screen = neovim.terminal.wait_for("Type number", within_s=ONCE_S)
        try:
            found = re.findall(rf"\d+ F +Class *{name}\b", screen)
            assert len(found) == times, screen
        finally:
            neovim.terminal.keys("Enter")

    until_it_holds(select)


def test_without_settings_all_comes_twice(neovim_11: Neovim, shop: Project) -> None:
    start(neovim_11, shop, {})
    ask_definition(neovim_11, use(shop))
    neovim_11.terminal.wait_until(
        lambda s: s.count("shop.py|4 col 9") == 2, "two lines"
    )
    neovim_11.close_search()
    select_tag(neovim_11, "Basket", 2)
    neovim_11.leave()


def test_features_leave_definitions_to_the_other(
    neovim_11: Neovim, shop: Project
) -> None:
    settings = {"features": {"python": ["workspaceSymbol"]}}
    start(neovim_11, shop, settings, no_symbols=True)
    ask_definition(neovim_11, use(shop))
    neovim_11.terminal.wait_for("shop.py:4:9")
    select_tag(neovim_11, "Basket", 1)
    # Jedi has no such name to offer: this is from ours.
    neovim_11.search("additm")
    neovim_11.terminal.wait_for("shop.py|4 col 9", "[Method] add_item")
    neovim_11.leave()


def test_fallback_leaves_a_language_to_the_other(
    neovim_11: Neovim, shop: Project
) -> None:
    start(neovim_11, shop, {"fallbackOnly": ["python"]})
    ask_definition(neovim_11, use(shop))
    neovim_11.terminal.wait_for("shop.py:4:9")
    select_tag(neovim_11, "Basket", 1)
    # A language that nobody else answers for.
    neovim_11.search("Shelf")
    neovim_11.terminal.wait_for("shelf.ts|1 col 14", "[Class] Shelf")
    neovim_11.leave()


def preset(project: Project) -> Path:
    """The preset of docs/editors.md, with this machine's commands."""
    (block,) = [b for b in snippets("python") if "rass" in b]
    ours, theirs = '["codanna-lsp"]', '["pyright-langserver", "--stdio"]'
    assert ours in block
    assert theirs in block
    block = block.replace(ours, json.dumps(project.server))
    path = project.home / "with_codanna.py"
    path.write_text(block.replace(theirs, json.dumps([str(find_beside(JEDI))])))
    return path


def test_emacs_with_both_behind_rass(any_emacs: Emacs, shop: Project) -> None:
    emacs, terminal = any_emacs, any_emacs.terminal
    command = [str(find_beside("rass")), "--log-level", "warn", str(preset(shop))]
    more = '(setq codanna-lsp-settings \'(:features (:python ["workspaceSymbol"])))'
    emacs.start(shop, shop.file("till.py"), command=command, more=more)
    terminal.wait_for("till.py:1:", emacs.ready)

    def go_there(within_s: float) -> None:
        emacs.definition(use(shop))
        terminal.wait_until(
            lambda s: emacs.is_at(s, method(shop)), "method", within_s=within_s
        )

    # Jedi's first answer takes seconds, and rass waits three for it.
    until_it_holds(patiently(go_there))
    emacs.search("additm")
    terminal.wait_for("*xref*", "def add_item")
    emacs.close_search()
    emacs.command("codanna-lsp-status")
    screen = terminal.wait_for("codanna-lsp status", "3 files")
    assert "eglot:project/error" not in screen, "nothing was asked that nobody answers"
    emacs.leave()
    assert shop.traffic.problems() == []
