"""Neovim in a terminal, with our plugin as its users have it."""

import json
import os
import signal
from pathlib import Path

from tests.editors.driving import shows_place
from tests.editors.project import Place, Project
from tests.editors.terminal import Terminal
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


class Neovim:
    """Neovim, from 0.10 on."""

    ready = "codanna: ready"
    restarts = True

    def __init__(self, program: Path, terminal: Terminal) -> None:
        self.program = program
        self.terminal = terminal

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

    def command(self, command: str) -> None:
        self.terminal.keys("Escape")
        self.terminal.type(f":{command}")
        self.terminal.keys("Enter")

    def search(self, query: str) -> None:
        self.command(f"lua vim.lsp.buf.workspace_symbol('{query}')")

    def close_search(self) -> None:
        self.command("cclose")

    def definition(self, place: Place) -> None:
        self.command(f"drop {place.file}")
        self.command(f"call cursor({place.line}, {place.column + 1})")
        self.terminal.keys("C-]")

    def is_at(self, screen: str, place: Place) -> bool:
        return shows_place(screen, place)

    def append_and_save(self, line: str) -> None:
        self.command(f"call append('$', '{line}')")
        self.command("write")

    def read_message(self) -> None:
        self.terminal.keys("Escape")

    def start_server_again(self) -> None:
        """Our plugin does."""

    def kill_server(self, project: Project) -> None:
        os.kill(project.traffic.pids()[-1], signal.SIGKILL)

    def leave(self) -> None:
        self.command("qall!")


def _lua(text: str) -> str:
    """A Lua string."""
    return f"[==[{text}]==]"
