"""The one scenario of all editors, in VS Code as a user sees it, in two versions.

With CODANNA_RECORD=1 the pictures in docs/pictures are made anew, in the newer version,
and the row of seconds for docs/editors.md is printed (run pytest with -s).
"""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.editors.test_neovim import make_workspace
from tests.editors.vscode.code_server import (
    PATIENCE_S,
    CodeServer,
    server_process,
)
from tests.editors.vscode.programs import damage_before_start, our_server, starts
from tests.editors.vscode.workbench import ALARM, QUICK_INPUT, ROW, TOAST, Workbench
from tests.tidy.tree import PACKAGE, ROOT

PICTURES = ROOT / "docs" / "pictures"
RECORDING = os.environ.get("CODANNA_RECORD") == "1"

pytestmark = pytest.mark.editor


class Session:
    """One session that is timed, and pictured where that is wanted."""

    def __init__(self, code: CodeServer, bench: Workbench, *, pictured: bool) -> None:
        self.code = code
        self.bench = bench
        self.pictured = pictured
        self.seconds: dict[str, float] = {}
        self._since = time.monotonic()

    def done(self, step: str) -> None:
        now = time.monotonic()
        self.seconds[step] = now - self._since
        self._since = now

    def restart_the_clock(self) -> None:
        self._since = time.monotonic()

    def picture(self, name: str) -> None:
        """The seconds that a picture takes are nobody's."""
        begun = time.monotonic()
        if self.pictured:
            self.bench.shot(PICTURES / f"vscode-{name}.png")
        self._since += time.monotonic() - begun

    def row(self) -> str:
        cells = " | ".join(f"{seconds:.1f}" for seconds in self.seconds.values())
        return f"| VS Code {self.code.version} | {cells} |"


def search_until(bench: Workbench, query: str, place: str) -> None:
    """Ask again and again: what happens outside takes a moment to be noticed."""
    bench.search(query, query)
    deadline = time.monotonic() + PATIENCE_S
    while place not in "".join(bench.rows()):
        assert time.monotonic() < deadline, bench.rows()
        for text in (f"{query} ", query):
            bench.does("fill", selector=QUICK_INPUT, text=text)
            bench.wait_for(f'{ROW}.focused[aria-label*="{query}"]')


def test_the_scenario(
    each_code: CodeServer,
    bench: Workbench,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    home = each_code.home
    shop = make_workspace(tmp_path / "shop-project")
    # A real project beside it: our own.
    shutil.copytree(
        PACKAGE, shop / "codanna_lsp", ignore=shutil.ignore_patterns("__py*")
    )
    server = our_server(home / "ours" / "codanna-lsp", home)
    each_code.change_settings({"codanna.path": str(server)})
    is_newest = "newest" in request.node.callspec.id
    session = Session(each_code, bench, pictured=RECORDING and is_newest)

    bench.open(each_code.url(shop))
    bench.open_file("till.py", 6, 30)
    bench.wait_until_ready()
    session.done("open")
    search_and_jump(session)
    edit_and_save(session)
    rename_outside(session, shop)
    kill_the_server(session)
    damage_the_snapshot(session)
    damage_both_stores(session)
    if RECORDING:
        print(session.row())


def search_and_jump(session: Session) -> None:
    bench = session.bench
    rows = bench.search("snapsched", "SnapshotScheduler")
    assert "scheduler.py" in rows[0]
    bench.press("Escape")
    bench.search("snapshot", "snapshot")
    session.picture("symbols")
    bench.press("Escape")
    rows = bench.search("ShoppingBasket.add", "add_item")
    assert "ShoppingBasket · shop/basket.py:5" in rows[0]
    bench.press("Enter")
    bench.wait_for_place("basket.py", "Ln 5, Col 9")
    bench.jump()
    session.picture("definition")
    session.done("search, definition")


def edit_and_save(session: Session) -> None:
    bench = session.bench
    bench.press("Control+End")
    bench.type("\nclass GiftVoucher: pass")
    bench.press("Control+S")
    rows = bench.search("giftv", "GiftVoucher")
    assert "shop/basket.py" in rows[0]
    bench.press("Escape")
    session.done("edit, save, find")


def rename_outside(session: Session, shop: Path) -> None:
    bench = session.bench
    (shop / "web" / "basketView.ts").rename(shop / "web" / "trolley.ts")
    search_until(bench, "BasketView", "web/trolley.ts")
    assert "basketView.ts" not in "".join(bench.rows())
    bench.press("Escape")
    session.done("renamed outside")


def kill_the_server(session: Session) -> None:
    bench, home = session.bench, session.code.home
    before = starts(home)
    os.kill(server_process(home), signal.SIGKILL)
    bench.search("GiftVoucher", "GiftVoucher")
    bench.press("Escape")
    assert starts(home) == before + 1
    assert bench.toasts() == [], "what is mended at once is no message"
    session.done("killed, answers again")


def damage_the_snapshot(session: Session) -> None:
    bench = session.bench
    damage_before_start(session.code.home, "snapshot-*.bin")
    bench.command("Codanna: Restart Server")
    bench.wait_for_text(TOAST, "the snapshot is damaged")
    bench.wait_for_text(ALARM, "index damaged, repairing")
    session.done("damaged")
    (told,) = bench.toasts()
    assert "nothing was lost" in told
    session.picture("damaged")
    bench.jump()
    bench.wait_for_text(ALARM, "index repaired")
    bench.wait_for(ALARM, gone=True)
    bench.dismiss_toasts()
    bench.point_at_language_status("Codanna: ready")
    session.picture("repaired")


def damage_both_stores(session: Session) -> None:
    bench = session.bench
    session.restart_the_clock()
    damage_before_start(session.code.home, "*")
    bench.command("Codanna: Restart Server")
    bench.wait_for_text(TOAST, "damaged beyond repair")
    bench.wait_for_text(ALARM, "rebuilding the index")
    session.picture("rebuilding")
    bench.wait_for_text(TOAST, "the index is ready again")
    session.done("rebuilt")
    bench.jump()
    bench.wait_for(ALARM, gone=True)
