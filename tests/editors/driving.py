"""What a test asks of any editor: the usual keys, and the screen."""

import re
from pathlib import Path
from typing import Protocol

from tests.editors.project import Place, Project
from tests.editors.terminal import Terminal, patiently, until_it_holds


class Editor(Protocol):
    """An editor in a terminal, driven by the keys that its users press.

    ready, state: what its screen shows of the server's state when all is well, and a
    pattern of anything that it may show. restarts: whether a server that was killed is
    started again without being asked.
    """

    terminal: Terminal
    ready: str
    restarts: bool

    def start(self, project: Project, file: Path) -> None:
        """Start with a file open; returns at once."""
        ...

    def search(self, query: str) -> None:
        """Ask for the symbols of the workspace; they appear on the screen."""
        ...

    def close_search(self) -> None:
        """Go back to the file."""
        ...

    def definition(self, place: Place) -> None:
        """Open a file, put the cursor on a name and go to its definition."""
        ...

    def is_at(self, screen: str, place: Place) -> bool:
        """Whether the cursor is seen to be in that line of that file."""
        ...

    def append_and_save(self, line: str) -> None:
        """Add a line at the end of the file that is shown, and save it."""
        ...

    def read_message(self) -> None:
        """What the user does after a message, so that all goes on."""
        ...

    def start_server_again(self) -> None:
        """What the user does after the server has ended, if anything."""
        ...

    def leave(self) -> None:
        """Quit without saving."""
        ...


def shows_place(screen: str, place: Place, *, between: str = ":") -> bool:
    """Whether a statusline shows `file:line:`."""
    text = f"{place.file.name}{between}{place.line}:"
    return re.search(rf"(^|\s){re.escape(text)}", screen, re.MULTILINE) is not None


def search_until(editor: Editor, query: str, *texts: str) -> None:
    """Search, and search again while the answer is not there yet."""

    def search(within_s: float) -> None:
        editor.search(query)
        try:
            editor.terminal.wait_for(*texts, within_s=within_s)
        finally:
            editor.close_search()

    until_it_holds(patiently(search))
