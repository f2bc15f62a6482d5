"""What Neovim and Vim have in common: the same keys type the same commands."""

from pathlib import Path

from tests.editors.driving import shows_place
from tests.editors.project import Place
from tests.editors.terminal import Terminal, until_it_holds

TYPED_WITHIN_S = 5.0


class VimLike:
    """A Vim in a terminal, from its first screen on."""

    restarts = True

    def __init__(self, program: Path, terminal: Terminal) -> None:
        self.program = program
        self.terminal = terminal

    def normal_mode(self) -> None:
        """Out of anything, also past "Press ENTER".

        Not by Escape: with the next key right behind it, it is read as Alt and that key.
        """
        self.terminal.keys("C-\\", "C-n")

    def command(self, command: str) -> None:
        """Type a command; once more where the editor was showing a message."""

        def type_it() -> None:
            self.normal_mode()
            self.terminal.keys(":")
            self.terminal.type_in(command, at=":", within_s=TYPED_WITHIN_S)

        until_it_holds(type_it)

    def close_search(self) -> None:
        self.command("cclose")

    def is_at(self, screen: str, place: Place) -> bool:
        return shows_place(screen, place)

    def append_and_save(self, line: str) -> None:
        self.command(f"call append('$', '{line}')")
        self.command("write")

    def read_message(self) -> None:
        self.normal_mode()

    def leave(self) -> None:
        self.command("qall!")
