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
from tests.editors.terminal import WIDTH, Terminal, wait_until
from tests.tidy.tree import ROOT

PICTURES = ROOT / "docs" / "pictures"
TEXT_SYNC = "codanna_lsp/server/features/text_sync.py"
FROM_LSP = "codanna_lsp/server/from_lsp.py"
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
    start(editor, project)
    editor.search("symq")
    terminal.wait_for("SymbolQuestion")
    draw(terminal, f"{name}-search")
    editor.close_search()
    use = project.place(TEXT_SYNC, "    return read_range(change", "read_range")
    target = project.place(FROM_LSP, "def read_range", "read_range")
    editor.definition(use)
    terminal.wait_until(lambda screen: editor.is_at(screen, target), "the definition")
    draw(terminal, f"{name}-definition")
    leave(editor)
    project.damage_snapshot()
    editor.start(project, project.file(TEXT_SYNC))
    terminal.wait_for("the snapshot is damaged")
    draw(terminal, f"{name}-damaged")
    editor.read_message()
    terminal.wait_for(editor.ready)
    editor.search("symq")
    terminal.wait_for("SymbolQuestion", editor.ready)
    draw(terminal, f"{name}-repaired")
    leave(editor)


def start(editor: Editor, project: Project) -> None:
    editor.start(project, project.file(TEXT_SYNC))
    editor.terminal.wait_for("text_sync.py", editor.ready)


def leave(editor: Editor) -> None:
    editor.leave()
    wait_until(editor.terminal.has_ended, "the end")


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
