"""Neovim in a terminal, with our plugin as its users have it."""

import json
import os
import signal
from pathlib import Path

from tests.editors.driving_vim import VimLike
from tests.editors.project import Place, Project
from tests.tidy.tree import ROOT

PLUGIN = ROOT / "editors" / "neovim"

STATUSLINE = "%t:%l:%c %=%{v:lua.require'codanna_lsp'.status()} "
INIT = """
vim.opt.runtimepath:prepend({plugin})
vim.opt.swapfile = false
vim.opt.shadafile = "NONE"
vim.o.laststatus = 2
vim.o.statusline = {statusline}
require("codanna_lsp").setup(vim.json.decode({config}))
{more}
"""


class Neovim(VimLike):
    """Neovim, from 0.10 on."""

    ready = "codanna: ready"

    def start(
        self, project: Project, file: Path, *, config: object = None, more: str = ""
    ) -> None:
        given: object = {"cmd": project.server} if config is None else config
        init = project.home / "init.lua"
        init.write_text(
            INIT.format(
                plugin=_lua(str(PLUGIN)),
                statusline=_lua(STATUSLINE),
                config=_lua(json.dumps(given)),
                more=more,
            )
        )
        self.terminal.start(
            [str(self.program), "-u", str(init), str(file)],
            cwd=project.folder,
            environment=project.environment,
        )

    def search(self, query: str) -> None:
        self.command(f"lua vim.lsp.buf.workspace_symbol('{query}')")

    def definition(self, place: Place) -> None:
        self.command(f"drop {place.file}")
        self.command(f"call cursor({place.line}, {place.column + 1})")
        self.terminal.keys("C-]")

    def start_server_again(self) -> None:
        """Our plugin does."""

    def kill_server(self, project: Project) -> None:
        os.kill(project.traffic.pids()[-1], signal.SIGKILL)


def _lua(text: str) -> str:
    """A Lua string."""
    return f"[==[{text}]==]"
