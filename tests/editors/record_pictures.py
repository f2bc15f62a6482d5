"""Take the pictures of docs/editors.md: real editors, as a terminal shows them.

    python -m tests.editors.record_pictures

writes docs/pictures/<editor>-<what>.svg for Neovim and Emacs.
"""

import re
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.editors.driving import Editor
from tests.editors.finding import BY_NAME, find
from tests.editors.project import Project
from tests.editors.terminal import WIDTH, Terminal
from tests.tidy.tree import ROOT

PICTURES = ROOT / "docs" / "pictures"
TEXT_SYNC = "codanna_lsp/server/features/text_sync.py"
EDITORS = {"neovim": "Neovim 0.11", "emacs": "Emacs 30"}


def draw(terminal: Terminal, name: str) -> None:
    console = Console(record=True, width=WIDTH, file=StringIO())
    console.print(Text.from_ansi(terminal.screen(colours=True).rstrip("\n")))
    picture = console.export_svg(title=name.replace("-", ": "))
    # The reader's own fixed-width font will do; a picture asks no server for one.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    (PICTURES / f"{name}.svg").write_text(picture, encoding="utf-8")


def record(name: str, editor: Editor, project: Project) -> None:
    terminal = editor.terminal
    editor.start(project, project.file(TEXT_SYNC))
    terminal.wait_for("text_sync.py", editor.ready)
    editor.search("symq")
    terminal.wait_for("SymbolQuestion")
    draw(terminal, f"{name}-search")
    editor.leave()
    terminal.wait_until(lambda _: terminal.has_ended(), "the end")
    project.damage_snapshot()
    editor.start(project, project.file(TEXT_SYNC))
    terminal.wait_for("the snapshot is damaged", "codanna")
    draw(terminal, f"{name}-damaged")
    editor.leave()


def main() -> None:
    for name, wanted in EDITORS.items():
        with tempfile.TemporaryDirectory(prefix="ed") as folder:
            place = Path(folder)
            terminal = Terminal(place)
            drive = BY_NAME[wanted]
            try:
                project = Project(place / "copy")
                record(name, drive.drive(find(drive), terminal), project)
            finally:
                terminal.close()


if __name__ == "__main__":
    main()
