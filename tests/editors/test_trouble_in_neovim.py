"""Neovim with a server that is missing, too old, ends, ends again and again, or prints garbage.

Each is one message in words, and no loop; what is typed is not lost.
"""

import json
from pathlib import Path

import pytest

from tests.editors.driving import search_until
from tests.editors.driving_neovim import Neovim
from tests.editors.project import Project, command_file
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

OLDEST_AND_NEWEST = ["Neovim 0.10", "Neovim 0.12"]


def test_neovim_without_a_server(neovim_11: Neovim, shop: Project) -> None:
    config = {"cmd": MISSING}
    neovim_11.start(shop, shop.file("till.py"), config=config)
    terminal = neovim_11.terminal
    screen = terminal.wait_for("there is no program", "no-such-codanna")
    assert "pip install codanna-lsp" in screen
    neovim_11.read_message()
    # Said once, also when another file is opened.
    neovim_11.command(f"edit {shop.file('shop.py')}")
    neovim_11.command("checkhealth codanna_lsp")
    screen = terminal.wait_for("there is no program", "no server runs")
    neovim_11.command("messages")
    terminal.wait_until(lambda s: s.count("is not started") == 1, "one message")
    neovim_11.leave()


def test_neovim_with_a_server_whose_environment_was_moved(
    neovim_11: Neovim, shop: Project
) -> None:
    script = command_file(shop.home, ["true"])
    script.write_text("#!/moved/bin/python\n", encoding="utf-8")
    config = {"cmd": [str(script)]}
    neovim_11.start(shop, shop.file("till.py"), config=config)
    terminal = neovim_11.terminal
    terminal.wait_for("is not started", "which is not there")
    neovim_11.read_message()
    neovim_11.command(f"edit {shop.file('shop.py')}")
    neovim_11.command("checkhealth codanna_lsp")
    terminal.wait_for("ERROR", "which is not there", "install codanna-lsp anew")
    neovim_11.command("messages")
    terminal.wait_until(lambda s: s.count("is not started") == 1, "one message")
    assert "Spawning" not in terminal.screen()
    neovim_11.leave()


def test_neovim_with_a_server_that_ends_at_once(
    neovim_11: Neovim, shop: Project
) -> None:
    command = bad_server(shop, ENDS_AT_ONCE)
    neovim_11.start(shop, shop.file("till.py"), config={"cmd": command})
    neovim_11.terminal.wait_for("ended before it had started (exit code 3)")
    neovim_11.read_message()
    neovim_11.command(f"edit {shop.file('shop.py')}")
    neovim_11.read_message()
    neovim_11.terminal.wait_for("shop.py:1:")
    assert starts(shop) == 1, "it is not started for the next file"
    neovim_11.leave()


def test_neovim_with_a_server_that_keeps_ending(
    neovim_11: Neovim, shop: Project
) -> None:
    neovim_11.start(shop, shop.file("till.py"))
    terminal = neovim_11.terminal
    for number in range(1, 5):
        wait_for_starts(shop, number)
        neovim_11.read_message()
        terminal.wait_for(neovim_11.ready)
        neovim_11.kill_server(shop)
    terminal.wait_for("ended again and again (signal 9)")
    neovim_11.read_message()
    neovim_11.command("LspCodannaRestart")
    wait_for_starts(shop, 5)
    terminal.wait_for(neovim_11.ready)
    neovim_11.leave()


@pytest.mark.parametrize("any_neovim", OLDEST_AND_NEWEST, indirect=True)
def test_neovim_with_a_server_that_ends_and_an_on_attach_of_the_users(
    any_neovim: Neovim, shop: Project
) -> None:
    """Theirs stands in the place of any of ours."""
    command = json.dumps(shop.server)
    more = f"""
    require("codanna_lsp").setup({{
      cmd = vim.json.decode([==[{command}]==]),
      on_attach = function() end,
    }})
    """
    any_neovim.start(shop, shop.file("till.py"), more=more)
    any_neovim.terminal.wait_for(any_neovim.ready)
    any_neovim.kill_server(shop)
    wait_for_starts(shop, 2)
    any_neovim.read_message()
    any_neovim.terminal.wait_for("till.py:1:", any_neovim.ready)
    any_neovim.leave()


@pytest.mark.parametrize("any_neovim", OLDEST_AND_NEWEST, indirect=True)
def test_neovim_with_a_server_that_is_too_old(
    any_neovim: Neovim, shop: Project
) -> None:
    old = command_file(shop.home, bad_server(shop, TOO_OLD))
    any_neovim.start(shop, shop.file("till.py"), config={"cmd": [str(old)]})
    any_neovim.terminal.wait_for(
        "codanna-lsp 0.0.9 is too old", "pip install --upgrade"
    )
    any_neovim.read_message()
    any_neovim.append_and_save("typed_all_the_same = 1")
    wait_until(lambda: "typed_all_the_same" in shop.text("till.py"), "what was typed")
    assert starts(shop) == 1
    any_neovim.leave()


def test_neovim_restarts_a_server_that_did_not_answer(
    any_neovim: Neovim, shop: Project
) -> None:
    silent = command_file(shop.home, bad_server(shop, GARBAGE_FOR_EVER))
    patience = 'require("codanna_lsp.client").answers_within_ms'
    more = f"{patience} = 1000"
    config = {"cmd": [str(silent)]}
    any_neovim.start(shop, shop.file("till.py"), config=config, more=more)
    any_neovim.terminal.wait_for("codanna-lsp does not answer")
    any_neovim.read_message()
    command_file(shop.home, shop.server)  # mended, under the same name
    any_neovim.command(f"lua {patience} = 30000")
    any_neovim.command("LspCodannaRestart")
    any_neovim.terminal.wait_for("till.py:1:", any_neovim.ready)
    any_neovim.leave()


def test_neovim_says_why_a_restart_starts_nothing(
    neovim_11: Neovim, shop: Project
) -> None:
    neovim_11.start(shop, shop.file("till.py"), config={"cmd": MISSING})
    terminal = neovim_11.terminal
    terminal.wait_for("is not started: there is no program")
    neovim_11.read_message()
    neovim_11.command("LspCodannaRestart")
    neovim_11.read_message()
    neovim_11.command("messages")
    terminal.wait_until(lambda s: s.count("is not started") == 2, "the message again")
    neovim_11.leave()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (GARBAGE, "ended before it had started (exit code 0)"),
        (GARBAGE_FOR_EVER, "codanna-lsp does not answer"),
    ],
    ids=["and ends", "and goes on"],
)
def test_neovim_with_a_server_that_prints_garbage(
    neovim_11: Neovim, shop: Project, program: str, said: str
) -> None:
    config = {"cmd": bad_server(shop, program)}
    more = 'require("codanna_lsp.client").answers_within_ms = 2000'
    neovim_11.start(shop, shop.file("till.py"), config=config, more=more)
    neovim_11.terminal.wait_for(said)
    neovim_11.read_message()
    neovim_11.append_and_save("typed_all_the_same = 1")
    wait_until(lambda: "typed_all_the_same" in shop.text("till.py"), "what was typed")
    assert starts(shop) == 1
    neovim_11.leave()


def test_neovim_with_a_single_file(
    neovim_11: Neovim, shop: Project, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.py"
    alone.write_text("def lonely():\n    pass\n\n\nlonely()\n")
    neovim_11.start(shop, alone)
    neovim_11.terminal.wait_for("codanna: ready")
    neovim_11.command("call cursor(5, 2)")
    neovim_11.terminal.keys("C-]")
    neovim_11.terminal.wait_for("alone.py:1:5")
    neovim_11.leave()


def test_an_index_folder_that_cannot_be_written(
    neovim_11: Neovim, shop: Project
) -> None:
    (shop.home / "cache").write_text("a file where a folder should be")
    neovim_11.start(shop, shop.file("till.py"))
    neovim_11.terminal.wait_for("the index cannot be kept on disk")
    said = squeezed("it is kept in memory")
    neovim_11.terminal.wait_until(lambda s: said in squeezed(s), "the message")
    neovim_11.read_message()
    # It is still being built.
    search_until(neovim_11, "Basket", "[Class] Basket")
    neovim_11.leave()
    assert len(shop.traffic.shown()) == 1
