"""What docs/editors.md says to paste works as it stands there.

ALE's and the multiplexer's are pasted by the drivers and tests of those editors.
"""

import pytest

from tests.editors.driving_emacs import Emacs
from tests.editors.driving_neovim import STATUSLINE, Neovim
from tests.editors.project import Project, command_file
from tests.editors.snippets import snippets

pytestmark = pytest.mark.editor

SETUP = 'require("codanna_lsp").setup({})'
# What the tests need besides: no files of the editor's own, and a place to read.
BARE_NEOVIM = """
vim.opt.swapfile, vim.o.laststatus, vim.opt.shadafile = false, 2, "NONE"
vim.o.statusline = [==[{statusline}]==]
"""
BARE_EMACS = """\
(setq inhibit-startup-screen t make-backup-files nil create-lockfiles nil
      confirm-kill-processes nil)
(setq-default mode-line-format '("%b:%l:%c " mode-line-misc-info))
(when (< emacs-major-version 29) (require 'package) (package-initialize))
"""


@pytest.fixture
def installed(shop: Project) -> dict[str, str]:
    """The environment of a user who has installed the server."""
    place = command_file(shop.home / "bin", shop.server, name="codanna-lsp").parent
    excluded = shop.file("vendor/left.py")
    excluded.parent.mkdir()
    excluded.write_text("class LeftOut: pass\n", encoding="utf-8")
    path = f"{place}:{shop.environment['PATH']}"
    return {**shop.environment, "PATH": path}


def test_neovims_snippets(
    any_neovim: Neovim, shop: Project, installed: dict[str, str]
) -> None:
    place, enable, settings, *_ = snippets("lua")
    init = shop.home / "init.lua"
    if "0.10" in str(any_neovim.program):
        table = settings.partition(", ")[2].rpartition(")")[0]
        enable, settings = SETUP.replace("{}", table), ""
    bare = BARE_NEOVIM.format(statusline=STATUSLINE)
    init.write_text(f"{bare}\n{place}\n{enable}\n{settings}")
    any_neovim.terminal.start(
        [str(any_neovim.program), "-u", str(init), "till.py"],
        cwd=shop.folder,
        environment=installed,
    )
    any_neovim.terminal.wait_for("till.py:1:", any_neovim.ready)
    any_neovim.definition(shop.place("till.py", "basket.add_item", "add_item"))
    any_neovim.terminal.wait_for("shop.py:4:9")
    any_neovim.command("LspCodannaStatus")
    any_neovim.terminal.wait_for("3 files, ")
    any_neovim.leave()


def test_emacss_snippet(
    any_emacs: Emacs, shop: Project, installed: dict[str, str]
) -> None:
    documented = next(block for block in snippets("elisp") if "load-path" in block)
    init = shop.home / "init.el"
    init.write_text(BARE_EMACS + documented)
    terminal = any_emacs.terminal
    terminal.start(
        [str(any_emacs.program), "-nw", "-q", "-l", str(init), "+4:8", "till.py"],
        cwd=shop.folder,
        environment=installed,
    )
    terminal.wait_for("till.py:4:7", any_emacs.ready)
    terminal.keys("M-.")
    terminal.wait_for("shop.py:4:8")
    terminal.keys("C-x", "C-c")
