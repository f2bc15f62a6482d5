"""One scenario for all editors, in a real project, by the keys that users press.

Open, search, go to a definition across files, edit and save and find the new symbol,
rename a file outside the editor, kill the server; damage the snapshot, then both stores,
and see in the editor's own way what happened, with the same answers.
"""

import os
import signal

import pytest

from tests.editors.driving import Editor, search_until
from tests.editors.project import Project
from tests.editors.stopwatch import Stopwatch
from tests.editors.terminal import patiently, until_it_holds, wait_until
from tests.editors.traffic import Traffic

pytestmark = pytest.mark.editor

TEXT_SYNC = "codanna_lsp/server/features/text_sync.py"
FROM_LSP = "codanna_lsp/server/from_lsp.py"
NEW_LINE = "def freshly_typed(): pass"
# Paths are cut short here, as Helix cuts them in its narrow column.
AGAIN_S = 10.0  # for a server to start


def check_answers(editor: Editor, project: Project) -> None:
    """A class by its capitals, and a function in another file."""
    search_until(editor, "CodannaServ", "server/lsp_s", "CodannaServer")
    target = project.place(FROM_LSP, "def read_range", "read_range")
    use = project.place(TEXT_SYNC, "    return read_range(change", "read_range")

    def go_there(within_s: float) -> None:
        editor.definition(use)
        editor.terminal.wait_until(
            lambda screen: editor.is_at(screen, target), f"{target}", within_s=within_s
        )

    # While the sources are still compared with the index, a first answer may fall short.
    until_it_holds(patiently(go_there))


def test_the_scenario(editor: Editor, project: Project, stopwatch: Stopwatch) -> None:
    terminal = editor.terminal
    traffic = project.traffic

    with stopwatch.step("open"):
        editor.start(project, project.file(TEXT_SYNC))
        terminal.wait_for("text_sync.py", editor.ready)
    with stopwatch.step("search and definition"):
        check_answers(editor, project)
    with stopwatch.step("save and find"):
        editor.append_and_save(NEW_LINE)
        wait_until(lambda: NEW_LINE in project.text(FROM_LSP), "saved line")
        search_until(editor, "freshlyTyped", "server/from_l")
    with stopwatch.step("rename outside"):
        project.file(FROM_LSP).rename(project.file("codanna_lsp/server/reading.py"))
        search_until(editor, "freshlyTyped", "server/readi")
        project.file("codanna_lsp/server/reading.py").rename(project.file(FROM_LSP))
        search_until(editor, "freshlyTyped", "server/from_l")
    with stopwatch.step("server killed"):
        before = len(traffic.pids())
        os.kill(traffic.pids()[-1], signal.SIGKILL)

        def start_again() -> None:
            # Once more where the editor had not noticed that its server was gone.
            editor.start_server_again()
            wait_until(
                lambda: len(traffic.pids()) > before, "another", within_s=AGAIN_S
            )

        until_it_holds(start_again)
        editor.read_message()
        terminal.wait_for(editor.ready)
        check_answers(editor, project)
    assert traffic.shown() == [], "a good session says nothing"
    leave(editor, project)

    with stopwatch.step("snapshot damaged"):
        project.damage_snapshot()
        editor.start(project, project.file(TEXT_SYNC))
        terminal.wait_for("the snapshot is damaged")
        editor.read_message()
    check_answers(editor, project)
    assert len(traffic.shown()) == 1, traffic.shown()
    leave(editor, project)

    with stopwatch.step("both damaged"):
        project.damage_both_stores()
        editor.start(project, project.file(TEXT_SYNC))
        terminal.wait_for("the index is damaged beyond repair")
        editor.read_message()
        terminal.wait_for(editor.ready)
    check_answers(editor, project)
    assert len(traffic.shown()) == 2, traffic.shown()
    check_rebuild_was_told(traffic)
    leave(editor, project)
    assert traffic.problems() == []


def check_rebuild_was_told(traffic: Traffic) -> None:
    """From damaged to ready, for an editor that listens to the server's health."""
    told = traffic.notified("experimental/serverStatus")
    if told:
        damaged = [status["health"] for status in told].index("error")
        assert not told[damaged]["quiescent"]
        assert told[-1] == {"health": "ok", "quiescent": True}


def leave(editor: Editor, project: Project) -> None:
    """Quit; the server ends too, whether it is asked to or its editor is gone."""
    editor.leave()
    wait_until(editor.terminal.has_ended, "the editor's end")
    wait_until(lambda: not is_running(project.traffic.pids()[-1]), "the server's end")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
