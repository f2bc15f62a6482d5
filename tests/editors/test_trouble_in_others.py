"""Emacs, Helix and Vim with ALE: bad servers and odd places, as in test_trouble_in_neovim.

Helix and ALE have no plugin of ours, so what is said there is their own: Helix says that
the server has exited, ALE says nothing by itself.
"""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.editors.driving import search_until
from tests.editors.driving_ale import VimWithAle
from tests.editors.driving_emacs import Emacs
from tests.editors.driving_helix import Helix
from tests.editors.project import Place, Project, command_file
from tests.editors.terminal import squeezed, wait_until
from tests.editors.trouble import (
    ENDS_AT_ONCE,
    GARBAGE,
    GARBAGE_FOR_EVER,
    MISSING,
    TOO_OLD,
    bad_server,
    starts,
    wait_for_starts,
)

pytestmark = pytest.mark.editor

TYPED = "typed_all_the_same = 1"


def type_and_save(editor: Emacs | Helix | VimWithAle, project: Project) -> None:
    editor.append_and_save(TYPED)
    wait_until(lambda: TYPED in project.text("till.py"), "what was typed")


def use(project: Project) -> Place:
    return project.place("till.py", "basket.add_item", "add_item")


def test_emacs_without_a_server(any_emacs: Emacs, shop: Project) -> None:
    any_emacs.start(shop, shop.file("till.py"), command=MISSING)
    any_emacs.terminal.wait_for("There is no program no-such-codanna", "pip install")
    type_and_save(any_emacs, shop)
    any_emacs.leave()


def test_emacs_with_a_server_that_is_too_old(any_emacs: Emacs, shop: Project) -> None:
    command = bad_server(shop, TOO_OLD)
    any_emacs.start(shop, shop.file("till.py"), command=command)
    any_emacs.terminal.wait_for("codanna-lsp 0.0.9 is too old", "pip install --upgrade")
    type_and_save(any_emacs, shop)
    assert starts(shop) == 1
    any_emacs.leave()


HERE_BY_TRAMP = """
(require 'tramp)
(add-to-list 'tramp-methods
             '("here" (tramp-login-program "sh") (tramp-login-args (("-i")))
               (tramp-remote-shell "/bin/sh") (tramp-remote-shell-args ("-c"))
               (tramp-connection-timeout 10)))
(setq enable-remote-dir-locals nil)
(add-to-list 'tramp-remote-path {folder})
(find-file (concat "/here::" {file}))
"""


def test_emacs_starts_the_server_where_the_file_is(
    any_emacs: Emacs, shop: Project
) -> None:
    """On a remote file's machine; this one has no such program."""
    there = command_file(
        shop.folder.parent / "there", shop.server, name="codanna-there"
    )
    more = HERE_BY_TRAMP.format(
        folder=json.dumps(str(there.parent)), file=json.dumps(str(shop.file("till.py")))
    )
    other = shop.file("shelf.ts")
    any_emacs.start(shop, other, command=["codanna-there"], more=more)
    any_emacs.terminal.wait_for("shelf.ts:1:")
    any_emacs.do('(switch-to-buffer "till.py")')
    any_emacs.terminal.wait_for("till.py:1:", any_emacs.ready)
    at = use(shop)
    any_emacs.do(f"(progn (goto-line {at.line}) (move-to-column {at.column}))")
    any_emacs.terminal.keys("M-.")
    any_emacs.terminal.wait_for("shop.py:4:8")
    any_emacs.leave()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (ENDS_AT_ONCE, "Server died"),
        (GARBAGE, "Server died"),
        (GARBAGE_FOR_EVER, "Timed out after 3 seconds"),
    ],
    ids=["ends", "garbage", "garbage for ever"],
)
def test_emacs_with_a_bad_server(
    emacs: Emacs, shop: Project, program: str, said: str
) -> None:
    command = bad_server(shop, program)
    more = "(setq eglot-connect-timeout 3)"
    emacs.start(shop, shop.file("till.py"), command=command, more=more)
    emacs.terminal.wait_for(said)
    type_and_save(emacs, shop)
    assert starts(shop) == 1, "it is not started again unasked"
    emacs.leave()


def test_emacs_with_a_server_that_keeps_ending(emacs: Emacs, shop: Project) -> None:
    terminal = emacs.terminal
    # It counts as ended too soon within these seconds; three are the default.
    more = f"(setq eglot-autoreconnect {10**6})"
    emacs.start(shop, shop.file("till.py"), more=more)
    terminal.wait_for(emacs.ready)
    os.kill(shop.traffic.pids()[-1], signal.SIGKILL)
    terminal.wait_for("Not auto-reconnecting")
    type_and_save(emacs, shop)
    assert starts(shop) == 1
    emacs.do("(call-interactively #'eglot)")
    wait_for_starts(shop, 2)
    terminal.wait_for(emacs.ready)
    emacs.search("Basket")
    terminal.wait_for("*xref*", "class Basket:")
    emacs.leave()


def test_emacs_with_a_single_file(
    any_emacs: Emacs, shop: Project, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.py"
    alone.write_text("def lonely():\n    pass\n\n\nlonely()\n")
    any_emacs.start(shop, alone)
    any_emacs.terminal.wait_for("alone.py:1:", any_emacs.ready)
    any_emacs.definition(Place(alone, 5, 0))
    any_emacs.terminal.wait_for("alone.py:1:4")
    any_emacs.leave()


def test_emacs_with_an_index_folder_that_cannot_be_written(
    emacs: Emacs, shop: Project
) -> None:
    terminal = emacs.terminal
    (shop.home / "cache").write_text("a file where a folder should be")
    emacs.start(shop, shop.file("till.py"))
    said = squeezed("it is kept in memory and built again at the next start")
    terminal.wait_until(lambda s: said in squeezed(s), "the message")
    emacs.do("(delete-other-windows)")
    search_until(emacs, "Basket", "*xref*", "class Basket:")
    emacs.leave()
    assert len(shop.traffic.shown()) == 1


@pytest.mark.parametrize("program", [ENDS_AT_ONCE, GARBAGE], ids=["ends", "garbage"])
def test_helix_with_a_bad_server(helix: Helix, shop: Project, program: str) -> None:
    helix.start(shop, shop.file("till.py"), command=bad_server(shop, program))
    helix.terminal.wait_for("Language server exited")
    type_and_save(helix, shop)
    assert starts(shop) == 1, "it is not started again unasked"
    helix.leave()


def test_helix_without_a_server(helix: Helix, shop: Project) -> None:
    helix.start(shop, shop.file("till.py"), command=MISSING)
    helix.terminal.wait_for("till.py", "1:1")
    helix.definition(use(shop))
    helix.terminal.wait_for("No configured language server")
    type_and_save(helix, shop)
    helix.leave()


@pytest.mark.parametrize("program", [ENDS_AT_ONCE, GARBAGE], ids=["ends", "garbage"])
def test_ale_with_a_bad_server(
    vim_with_ale: VimWithAle, shop: Project, program: str
) -> None:
    command = bad_server(shop, program)
    vim_with_ale.start(shop, shop.file("till.py"), command=command)
    wait_for_starts(shop, 1)
    vim_with_ale.definition(use(shop))
    type_and_save(vim_with_ale, shop)
    # At most once for the file, its being opened again, the question, and the save.
    assert starts(shop) <= 4
    vim_with_ale.leave()


def test_ale_without_a_server(vim_with_ale: VimWithAle, shop: Project) -> None:
    vim_with_ale.start(shop, shop.file("till.py"), command=MISSING)
    vim_with_ale.terminal.wait_for("till.py:1:")
    vim_with_ale.definition(use(shop))
    type_and_save(vim_with_ale, shop)
    # What it knows of it is in its own page.
    vim_with_ale.command("ALEInfoToFile ../home/info")
    info = shop.home / "info"
    wait_until(info.exists, "ALE's page")
    wait_until(lambda: "executable check - failure" in info.read_text(), "the failure")
    vim_with_ale.leave()
