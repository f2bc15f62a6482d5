"""Vim with ALE in a terminal, with the configuration that docs/editors.md gives."""

import json
from pathlib import Path

from tests.editors.driving import shows_place
from tests.editors.project import Place, Project
from tests.editors.terminal import Terminal

VIMRC = """
set nocompatible noswapfile viminfo= laststatus=2 statusline=%t:%l:%c hidden
packadd! ale
filetype plugin on
let g:ale_linters_explicit = 1
let g:ale_linters = {{'python': ['codanna']}}
let g:ale_lsp_show_message_severity = 'warning'
call ale#linter#Define('python', {{
\\   'name': 'codanna',
\\   'lsp': 'stdio',
\\   'executable': {executable},
\\   'command': {command},
\\   'project_root': {root},
\\}})
"""


class VimWithAle:
    """Vim; ALE starts a server again when it needs it next."""

    ready = ""  # it shows no state of a server
    restarts = True

    def __init__(self, program: Path, terminal: Terminal) -> None:
        self.program = program
        self.terminal = terminal

    def start(self, project: Project, file: Path) -> None:
        vimrc = project.home / "vimrc"
        vimrc.write_text(
            VIMRC.format(
                executable=json.dumps(project.server[0]),
                command=json.dumps(" ".join(project.server)),
                root=json.dumps(str(project.folder)),
            )
        )
        self.terminal.start(
            [str(self.program), "-u", str(vimrc), str(file)],
            cwd=project.folder,
            environment=project.environment,
        )

    def command(self, command: str) -> None:
        self.terminal.keys("Escape")
        self.terminal.type(f":{command}")
        self.terminal.keys("Enter")

    def search(self, query: str) -> None:
        self.command(f"ALESymbolSearch {query}")

    def close_search(self) -> None:
        self.command("pclose")

    def definition(self, place: Place) -> None:
        self.command(f"edit {place.file}")
        self.command(f"call cursor({place.line}, {place.column + 1})")
        self.command("ALEGoToDefinition")

    def is_at(self, screen: str, place: Place) -> bool:
        return shows_place(screen, place)

    def append_and_save(self, line: str) -> None:
        self.command(f"call append('$', '{line}')")
        self.command("write")

    def read_message(self) -> None:
        self.terminal.keys("Escape")

    def start_server_again(self) -> None:
        self.command("edit!")

    def leave(self) -> None:
        self.command("qall!")
