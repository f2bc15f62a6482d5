"""Servers that are missing, end at once, end again and again, or print garbage.

Each is one message in words, and no loop; what is typed is not lost.
"""

import sys
from pathlib import Path

import pytest

from tests.editors.driving_emacs import Emacs
from tests.editors.driving_neovim import Neovim
from tests.editors.finding import BY_NAME, find
from tests.editors.project import Project, recorded
from tests.editors.terminal import Terminal, wait_until

pytestmark = pytest.mark.editor

FILE = "codanna_lsp/server/features/text_sync.py"
ENDS_AT_ONCE = "import sys; print('cannot go on', file=sys.stderr); sys.exit(3)"
GARBAGE = "print('this is no message', flush=True); input()"


@pytest.fixture
def neovim_11(terminal: Terminal) -> Neovim:
    return Neovim(find(BY_NAME["Neovim 0.11"]), terminal)


@pytest.fixture
def emacs(terminal: Terminal) -> Emacs:
    return Emacs(find(BY_NAME["Emacs 30"]), terminal)


def starts(project: Project) -> int:
    return len(project.traffic.pids())


def wait_for_starts(project: Project, number: int) -> None:
    wait_until(lambda: starts(project) == number, f"server {number}")


def test_neovim_without_a_server(neovim_11: Neovim, project: Project) -> None:
    config = {"cmd": ["no-such-codanna"]}
    neovim_11.start(project, project.file(FILE), config=config)
    terminal = neovim_11.terminal
    screen = terminal.wait_for("there is no program", "no-such-codanna")
    assert "pip install codanna-lsp" in screen
    neovim_11.read_message()
    # Said once, also when another file is opened.
    neovim_11.command(f"edit {project.file('codanna_lsp/settings.py')}")
    neovim_11.command("checkhealth codanna_lsp")
    screen = terminal.wait_for("there is no program", "no server runs")
    neovim_11.command("messages")
    terminal.wait_until(lambda s: s.count("is not started") == 1, "one message")
    neovim_11.leave()


def test_neovim_with_a_server_that_ends_at_once(
    neovim_11: Neovim, project: Project
) -> None:
    command = recorded((sys.executable, "-c", ENDS_AT_ONCE), project.traffic)
    neovim_11.start(project, project.file(FILE), config={"cmd": command})
    neovim_11.terminal.wait_for("ended before it had started (exit code 3)")
    neovim_11.read_message()
    neovim_11.command(f"edit {project.file('codanna_lsp/settings.py')}")
    neovim_11.read_message()
    neovim_11.terminal.wait_for("settings.py:1:")
    assert starts(project) == 1, "it is not started for the next file"
    neovim_11.leave()


def test_neovim_with_a_server_that_keeps_ending(
    neovim_11: Neovim, project: Project
) -> None:
    neovim_11.start(project, project.file(FILE))
    terminal = neovim_11.terminal
    for number in range(1, 5):
        wait_for_starts(project, number)
        neovim_11.read_message()
        terminal.wait_for(neovim_11.ready)
        neovim_11.kill_server(project)
    terminal.wait_for("ended again and again (signal 9)")
    neovim_11.read_message()
    neovim_11.command("LspCodannaRestart")
    wait_for_starts(project, 5)
    terminal.wait_for(neovim_11.ready)
    neovim_11.leave()


def test_neovim_with_a_server_that_prints_garbage(
    neovim_11: Neovim, project: Project
) -> None:
    command = recorded((sys.executable, "-c", GARBAGE), project.traffic)
    neovim_11.start(project, project.file(FILE), config={"cmd": command})
    neovim_11.terminal.wait_for("codanna_lsp")
    neovim_11.read_message()
    neovim_11.command("call append(0, 'typed all the same')")
    neovim_11.terminal.wait_for("typed all the same")
    assert starts(project) <= 1
    neovim_11.leave()


def test_neovim_and_emacs_with_a_single_file(
    neovim_11: Neovim, project: Project, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.py"
    alone.write_text("def lonely():\n    pass\n\n\nlonely()\n")
    neovim_11.start(project, alone)
    neovim_11.terminal.wait_for("codanna: ready")
    neovim_11.command("call cursor(5, 2)")
    neovim_11.terminal.keys("C-]")
    neovim_11.terminal.wait_for("alone.py:1:5")
    neovim_11.leave()


def test_emacs_without_a_server(emacs: Emacs, project: Project) -> None:
    emacs.start(project, project.file(FILE), command=["no-such-codanna"])
    emacs.terminal.wait_for("There is no program no-such-codanna", "pip install")
    emacs.leave()


def test_emacs_with_a_server_that_ends_at_once(emacs: Emacs, project: Project) -> None:
    command = recorded((sys.executable, "-c", ENDS_AT_ONCE), project.traffic)
    emacs.start(project, project.file(FILE), command=command)
    emacs.terminal.wait_for("Server died")
    emacs.command('(insert "typed all the same")')
    emacs.terminal.wait_for("typed all the same")
    assert starts(project) == 1
    emacs.leave()


def test_an_index_folder_that_cannot_be_written(
    neovim_11: Neovim, project: Project
) -> None:
    (project.home / "cache").write_text("a file where a folder should be")
    neovim_11.start(project, project.file(FILE))
    screen = neovim_11.terminal.wait_for("the index cannot be kept on disk")
    assert "it is kept in memory" in screen
    neovim_11.read_message()
    neovim_11.search("CodannaServ")
    neovim_11.terminal.wait_for("lsp_server.py")
    neovim_11.leave()
    assert len(project.traffic.shown()) == 1
