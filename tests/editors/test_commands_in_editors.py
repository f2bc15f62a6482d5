"""The commands of our plugins, typed as users type them: status, repair, rebuild, help."""

import re

import pytest

from tests.editors.driving_emacs import PACKAGE_FOLDER, Emacs
from tests.editors.driving_neovim import Neovim
from tests.editors.project import Project
from tests.editors.terminal import until_it_holds, wait_until

pytestmark = pytest.mark.editor

SOON_S = 3.0


@pytest.fixture
def neovim(neovim_11: Neovim, shop: Project) -> Neovim:
    """In a project that is indexed."""
    neovim_11.start(shop, shop.file("till.py"))
    neovim_11.terminal.wait_for("till.py:1:", neovim_11.ready)
    return neovim_11


def test_neovim_tells_the_status(neovim: Neovim, shop: Project) -> None:
    neovim.command("LspCodannaStatus")
    neovim.terminal.wait_for("codanna-lsp 0", ": ready", "3 files, ", "index in ")
    neovim.leave()
    assert shop.traffic.problems() == []


def wait_for_message(neovim: Neovim, text: str) -> None:
    """Among what was said so far, however many messages hide it."""

    def look() -> None:
        neovim.command("messages")
        neovim.terminal.wait_for(text, within_s=SOON_S)

    until_it_holds(look)


def test_neovim_repairs(neovim: Neovim, shop: Project) -> None:
    terminal = neovim.terminal
    neovim.command("LspCodannaRepair")
    terminal.wait_for("codanna-lsp: nothing was damaged")
    shop.damage_snapshot()
    neovim.command("LspCodannaRepair")
    wait_for_message(neovim, "the snapshot is damaged")
    wait_for_message(neovim, "codanna-lsp: the index was repaired")
    neovim.search("Basket")
    terminal.wait_for("[Class] Basket")
    neovim.leave()


def test_neovim_rebuilds(neovim: Neovim, shop: Project) -> None:
    before = generation(shop)
    neovim.command("LspCodannaRebuild")
    neovim.terminal.wait_for("codanna-lsp: the index was rebuilt")
    assert generation(shop) > before
    neovim.search("Basket")
    neovim.terminal.wait_for("[Class] Basket")
    neovim.leave()


def generation(project: Project) -> int:
    """Of the newest snapshot on disk."""
    found = project.home.rglob("snapshot-*.bin")
    return max(int(path.stem.partition("-")[2]) for path in found)


def test_neovim_starts_the_server_anew(neovim: Neovim, shop: Project) -> None:
    neovim.command("LspCodannaRestart")
    wait_until(lambda: len(shop.traffic.pids()) == 2, "another server")
    neovim.terminal.wait_for(neovim.ready)
    neovim.search("Basket")
    neovim.terminal.wait_for("[Class] Basket")
    neovim.leave()
    assert shop.traffic.shown() == []


def test_neovim_has_health_and_help(any_neovim: Neovim, shop: Project) -> None:
    terminal = any_neovim.terminal
    serving = {"cmd": [*shop.server, "serve"]}
    any_neovim.start(shop, shop.file("till.py"), config=serving)
    terminal.wait_for("till.py:1:", any_neovim.ready)
    any_neovim.command("checkhealth codanna_lsp")
    screen = terminal.wait_for("OK Neovim", "OK ", ": ready", "3 files", "log: ")
    assert "ERROR" not in screen
    assert "WARNING" not in screen
    any_neovim.command("helptags ALL")
    any_neovim.command("help codanna-lsp")
    terminal.wait_for("codanna-lsp.txt", "CONTENTS")
    any_neovim.command("help :LspCodannaRepair")
    terminal.wait_for("Mend what is damaged.")
    any_neovim.leave()


@pytest.mark.parametrize("any_neovim", ["Neovim 0.12"], indirect=True)
def test_neovim_uses_nothing_that_it_will_lose(
    any_neovim: Neovim, shop: Project
) -> None:
    """Newer versions list what was used and is deprecated."""
    terminal = any_neovim.terminal
    any_neovim.start(shop, shop.file("till.py"))
    terminal.wait_for("till.py:1:", any_neovim.ready)
    any_neovim.command("checkhealth codanna_lsp")
    terminal.wait_for("log: ")
    any_neovim.command("bdelete")
    for command in ("Status", "Repair", "Rebuild", "Restart"):
        any_neovim.command(f"LspCodanna{command}")
    any_neovim.command("checkhealth vim.deprecated")
    terminal.wait_for("vim.deprecated", "No deprecated functions detected")
    any_neovim.leave()


def test_neovim_says_that_nothing_starts_the_server(
    neovim_11: Neovim, shop: Project
) -> None:
    off = 'vim.lsp.enable("codanna_lsp", false)'
    neovim_11.start(shop, shop.file("till.py"), more=off)
    neovim_11.terminal.wait_for("till.py:1:")
    neovim_11.command("checkhealth codanna_lsp")
    neovim_11.terminal.wait_for("WARNING not enabled", 'vim.lsp.enable("codanna_lsp")')
    neovim_11.command("messages clear")
    neovim_11.command("LspCodannaRestart")
    neovim_11.terminal.wait_for("codanna-lsp is not enabled")
    neovim_11.command("messages clear")
    neovim_11.command("LspCodannaRebuild")
    neovim_11.command("messages")
    screen = neovim_11.terminal.wait_for("codanna-lsp does not serve this file")
    assert "being rebuilt" not in screen
    neovim_11.leave()


@pytest.fixture
def emacs_in_shop(any_emacs: Emacs, shop: Project) -> Emacs:
    """In a project that is indexed."""
    any_emacs.start(shop, shop.file("till.py"))
    any_emacs.terminal.wait_for("till.py:1:", any_emacs.ready)
    return any_emacs


def test_emacs_has_its_commands(emacs_in_shop: Emacs, shop: Project) -> None:
    emacs, terminal = emacs_in_shop, emacs_in_shop.terminal
    emacs.command("codanna-lsp-status")
    terminal.wait_for("codanna-lsp 0", ": ready", "3 files, ")
    emacs.do("(delete-other-windows)")
    emacs.command("codanna-lsp-repair")
    terminal.wait_for("codanna-lsp: nothing was damaged")
    shop.damage_snapshot()
    emacs.command("codanna-lsp-repair")
    terminal.wait_for("codanna-lsp: the index was repaired")
    before = generation(shop)
    emacs.command("codanna-lsp-rebuild")
    terminal.wait_for("codanna-lsp: the index was rebuilt")
    assert generation(shop) > before
    emacs.search("Basket")
    terminal.wait_for("*xref*", "class Basket:")
    # From a buffer that is none of ours the running server is asked all the same.
    emacs.command("codanna-lsp-status")
    terminal.wait_for("codanna-lsp 0", "3 files, ")
    emacs.leave()
    assert shop.traffic.problems() == []


@pytest.mark.parametrize(
    "check", ["(byte-compile-file {package})", "(checkdoc-file {package})"]
)
def test_the_package_is_as_the_checkers_want_it(
    any_emacs: Emacs, shop: Project, check: str
) -> None:
    package = shop.home / "codanna-lsp.el"
    package.write_text((PACKAGE_FOLDER / package.name).read_text(encoding="utf-8"))
    said = any_emacs.batch(shop, check.replace("{package}", f'"{package}"'))
    assert not re.search(r"codanna-lsp\.el:\d", said), said
    # They do find what is wrong.
    package.write_text(package.read_text() + '(defun bad (x) "no end" (setq y 1))\n')
    said = any_emacs.batch(shop, check.replace("{package}", f'"{package}"'))
    assert re.search(r"codanna-lsp\.el:\d", said), said
