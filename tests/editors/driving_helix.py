"""Helix in a terminal, with the configuration that docs/editors.md gives."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from tests.editors.project import Place, Project
from tests.editors.terminal import Terminal, until_it_holds, wait_until

TYPED_WITHIN_S = 5.0

CONFIG = """
[editor.lsp]
display-messages = true
[editor.statusline]
left = ["mode", "spinner", "file-base-name", "position"]
right = []
"""
LANGUAGES = """
[language-server.codanna-lsp]
command = {command}
args = {args}

[[language]]
name = "python"
language-servers = ["codanna-lsp"]
"""


class Helix:
    """Helix; it starts no server again by itself, `:lsp-restart` does."""

    ready = ""  # it shows no state of a server
    restarts = False

    def __init__(self, program: Path, terminal: Terminal) -> None:
        self.program = program
        self.terminal = terminal
        self._servers = 0

    def start(
        self, project: Project, file: Path, *, command: Sequence[str] | None = None
    ) -> None:
        program, *args = project.server if command is None else command
        folder = project.home / "config" / "helix"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(CONFIG)
        languages = LANGUAGES.format(command=json.dumps(program), args=json.dumps(args))
        (folder / "languages.toml").write_text(languages)
        self.terminal.start(
            [str(self.program), "-v", str(file)],
            cwd=project.folder,
            environment=project.environment,
        )
        self._project = project
        if command is None:
            self._wait_for_server()

    def _wait_for_server(self) -> None:
        """Before, Helix takes the letters of a search for commands."""
        traffic = self._project.traffic

        def is_up() -> bool:
            begun = [
                e for e in traffic.entries() if e.message.get("method") == "initialized"
            ]
            return len(begun) == len(traffic.pids()) > self._servers

        wait_until(is_up, "the server")
        self._servers = len(traffic.pids())

    def command(self, command: str) -> None:
        """Type a command; once more where the editor was at something else."""

        def type_it() -> None:
            self.normal_mode()
            self.terminal.keys(":")
            self.terminal.type_in(command, at=":", within_s=TYPED_WITHIN_S)

        until_it_holds(type_it)

    def search(self, query: str) -> None:
        def open_picker() -> None:
            self.normal_mode()
            self.terminal.keys("Space", "S")
            self.terminal.wait_for("┌", within_s=TYPED_WITHIN_S)

        until_it_holds(open_picker)
        self.terminal.type(query)

    def close_search(self) -> None:
        self.normal_mode()

    def normal_mode(self) -> None:
        """Wait as well: what comes right after Escape would be Alt with that key."""
        self.terminal.press_until(["Escape"], self._is_in_normal_mode, "normal mode")

    def _is_in_normal_mode(self) -> bool:
        screen = self.terminal.screen()
        last = screen.rstrip("\n").splitlines()[-1]
        return "NOR" in screen and "┌" not in screen and not last.startswith(":")

    def definition(self, place: Place) -> None:
        self.command(f"open {place.file}:{place.line}:{place.column + 1}")
        self.terminal.wait_until(lambda s: self.is_at(s, place), f"{place}")
        self.terminal.keys("g", "d")

    def is_at(self, screen: str, place: Place) -> bool:
        shown = rf"\b{re.escape(place.file.name)}\s+{place.line}:\d+"
        return re.search(shown, screen) is not None

    def append_and_save(self, line: str) -> None:
        self.terminal.keys("g", "e", "o")
        self.terminal.wait_for("INS")
        self.terminal.type(line)
        self.normal_mode()
        self.command("write")

    def read_message(self) -> None:
        """It does not hold anything up."""

    def start_server_again(self) -> None:
        self.command("lsp-restart")
        self._wait_for_server()

    def leave(self) -> None:
        self.command("quit-all!")
