"""Workspaces that are no usual folder: a single file, virtual, read-only."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.test_neovim import make_workspace
from tests.editors.vscode.code_server import CodeServer
from tests.editors.vscode.programs import our_server, starts, virtual_files_extension
from tests.editors.vscode.workbench import LINE, ROW, TOAST, Workbench

FILE = ".explorer-folders-view .monaco-list-row"
EXTENSION = ".extensions-viewlet .extension-list-item"
EXTENSION_PAGE = ".extension-editor"

pytestmark = pytest.mark.editor


@pytest.fixture
def served(code: CodeServer) -> CodeServer:
    """VS Code with our server as the one that the user set."""
    server = our_server(code.home / "ours" / "codanna-lsp", code.home)
    code.change_settings({"codanna.path": str(server)})
    return code


def test_a_single_file_answers_for_itself(
    served: CodeServer, bench: Workbench, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.py"
    alone.write_text("def lonely():\n    pass\n\n\nlonely()\n", encoding="utf-8")
    bench.open(served.url(None, payload=served.payload(("openFile", alone))))
    bench.wait_for_place("alone.py", "Ln 1, Col 1")
    bench.show_status()
    bench.wait_for_text(LINE, "No folder is open")
    bench.press("Control+W")
    bench.wait_for_place("alone.py", "Ln 1, Col 1")
    bench.press("Control+End")
    bench.press("ArrowUp")
    bench.wait_for_place("alone.py", "Ln 5, Col 1")
    bench.press("F12")
    bench.wait_for_place("alone.py", "Ln 1, Col 5")
    bench.search("lonely", "lonely")
    bench.press("Escape")
    assert bench.toasts() == []


def test_several_folders_are_one_workspace(
    served: CodeServer, bench: Workbench, tmp_path: Path
) -> None:
    """Also with spaces and other letters in their names."""
    folders = [make_workspace(tmp_path / name) for name in ("first", "zwei Räume 😀")]
    second = folders[1] / "shop" / "größe.py"
    second.write_text("class Größe: pass\n", encoding="utf-8")
    listed = [{"path": str(folder)} for folder in folders]
    both = tmp_path / "both.code-workspace"
    both.write_text(json.dumps({"folders": listed}), encoding="utf-8")
    bench.open(served.url(None, workspace=str(both)))
    bench.wait_until_ready()
    bench.search("Größe", "Größe")
    bench.press("Enter")
    bench.wait_for_place("größe.py", "Ln 1, Col 7")
    bench.show_status()
    for words in ("first", "files 5", "zwei Räume 😀", "files 6"):
        bench.wait_for_text(LINE, words)
    assert bench.toasts() == []


def test_in_a_virtual_workspace_the_extension_is_off(
    served: CodeServer, bench: Workbench, tmp_path: Path
) -> None:
    """VS Code says so in its own way; nothing is started and nothing pops up."""
    files = virtual_files_extension(tmp_path / "virtual-files")
    payload = served.payload(("extensionDevelopmentPath", files))
    before = starts(served.home)
    bench.open(served.url("tests-memory:/shop", payload=payload))
    bench.click(f'{FILE}:has-text("till.py")')
    bench.wait_for('.tab.active[aria-label*="till.py"]')
    bench.command("Extensions: Show Disabled Extensions")
    bench.click(f'{EXTENSION}:has-text("Codanna")')
    bench.wait_for_text(EXTENSION_PAGE, "a virtual workspace has none")
    assert bench.fill("F1", ">Codanna: Restart Server")
    bench.wait_for_text(ROW, "similar commands")
    assert "Codanna" not in "".join(bench.rows())
    bench.press("Escape")
    assert bench.toasts() == []
    assert starts(served.home) == before


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A project in which nothing may be written."""
    shop = make_workspace(tmp_path / "read-only")
    everything = [shop, *shop.rglob("*")]
    for path in everything:
        path.chmod(path.stat().st_mode & ~0o222)
    yield shop
    for path in everything:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)


def test_a_read_only_workspace(
    code: CodeServer, bench: Workbench, read_only: Path
) -> None:
    home = code.home
    server = our_server(home / "obedient", home, obeys_permissions=True)
    inside = {"codanna.path": str(server), "codanna.indexPlace": "workspace"}
    code.change_settings(inside)
    bench.open(code.url(read_only))
    bench.wait_for_text(TOAST, "index cannot be kept on disk")
    (told,) = bench.toasts()
    assert "Open Settings" in told
    bench.wait_until_ready()
    bench.jump()
    assert len(bench.toasts()) == 1

    code.change_settings({"codanna.path": str(server)})
    bench.open(code.url(read_only))
    bench.show_status()
    bench.wait_for_text(LINE, "kept writer")
    assert bench.toasts() == []
