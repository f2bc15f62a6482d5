"""The commands of the VS Code extension do what they say, by the palette."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.editors.terminal import wait_until
from tests.editors.test_neovim import make_workspace
from tests.editors.vscode.code_server import (
    EXTENSION,
    CodeServer,
    processes_at,
    server_process,
)
from tests.editors.vscode.programs import our_server, starts
from tests.editors.vscode.workbench import LINE, TOAST, Workbench

SUITE = Path(__file__).with_name("suite.js")
DIALOG = ".monaco-dialog-box"

pytestmark = pytest.mark.editor


class Kept:
    """The index of one workspace, as it lies on disk."""

    def __init__(self, code: CodeServer, workspace: Path) -> None:
        caches = code.home / "cache" / "codanna-lsp"
        found = caches.glob(f"*/{workspace.name}-*")
        self.folder = max(found, key=lambda folder: folder.stat().st_mtime_ns)

    def metadata(self) -> dict[str, Any]:
        text = (self.folder / "index.meta").read_text(encoding="utf-8")
        return dict(json.loads(text))

    @property
    def generation(self) -> int:
        return int(self.metadata()["index"]["generation"])

    @property
    def snapshot(self) -> Path:
        return self.folder / str(self.metadata()["index"]["snapshot"])

    def damage(self) -> None:
        """Turn bytes over in the last quarter of the snapshot, under a running server."""
        with self.snapshot.open("r+b") as file:
            file.seek(self.snapshot.stat().st_size * 3 // 4)
            bytes_there = file.read(64)
            file.seek(-len(bytes_there), 1)
            file.write(bytes(byte ^ 0xFF for byte in bytes_there))


def says(bench: Workbench, command: str, words: str) -> None:
    """A command, and the one message that follows it."""
    bench.dismiss_toasts()
    bench.command(command)
    bench.wait_for_text(TOAST, words)


@pytest.fixture
def shop(code: CodeServer, bench: Workbench, tmp_path: Path) -> Path:
    """A project that is open and indexed."""
    workspace = make_workspace(tmp_path / "commanded")
    server = our_server(code.home / "ours" / "codanna-lsp", code.home)
    code.change_settings({"codanna.path": str(server)})
    bench.open(code.url(workspace))
    bench.open_file("till.py", 6, 30)
    bench.wait_until_ready()
    return workspace


def test_the_commands_do_what_they_say(
    code: CodeServer, bench: Workbench, shop: Path
) -> None:
    kept = Kept(code, shop)
    bench.show_status()
    for words in ("state READY", "files 5", f"generation {kept.generation}"):
        bench.wait_for_text(LINE, words)

    says(bench, "Codanna: Verify Index", "the index is whole")
    kept.damage()
    says(bench, "Codanna: Verify Index", "the index is damaged: ")
    before = kept.generation
    bench.press_button(TOAST, "Repair")
    bench.wait_for_text(TOAST, "both stores of the index were written anew")
    assert kept.generation > before
    says(bench, "Codanna: Verify Index", "the index is whole")

    before, snapshot = kept.generation, kept.snapshot
    says(bench, "Codanna: Repair Index", "both stores of the index were written anew")
    assert kept.generation > before
    assert kept.snapshot != snapshot

    before = kept.generation
    says(bench, "Codanna: Rebuild Index", "the index was rebuilt from 5 files")
    wait_until(lambda: kept.generation > before, "a new generation")

    clear_the_index(bench, kept)
    restart_the_server(code, bench)
    bench.jump()


def clear_the_index(bench: Workbench, kept: Kept) -> None:
    before = kept.metadata()
    bench.dismiss_toasts()
    bench.command("Codanna: Clear Index")
    bench.wait_for_text(DIALOG, "Clear Codanna's index of this workspace?")
    bench.press_button(DIALOG, "Cancel")
    bench.wait_for(DIALOG, gone=True)
    assert kept.metadata() == before
    bench.command("Codanna: Clear Index")
    bench.press_button(DIALOG, "Clear")
    bench.wait_for_text(TOAST, "the index was cleared and is built anew")
    bench.wait_until_ready()
    wait_until(lambda: kept.generation == 1, "the first generation of a new index")


def restart_the_server(code: CodeServer, bench: Workbench) -> None:
    started, process = starts(code.home), server_process(code.home)
    bench.command("Codanna: Restart Server")
    wait_until(lambda: starts(code.home) > started, "another process")
    bench.wait_until_ready()
    assert starts(code.home) == started + 1
    assert server_process(code.home) != process
    assert process not in processes_at(code.home)


def test_in_the_extension_host(
    code: CodeServer, bench: Workbench, tmp_path: Path
) -> None:
    workspace = make_workspace(tmp_path / "suite-project")
    (workspace / "web" / "page.ts").write_text(
        'import { BasketView } from "./basketView";\nexport const view = new BasketView();\n',
        encoding="utf-8",
    )
    server = our_server(code.home / "ours" / "codanna-lsp", code.home)
    code.change_settings({"codanna.path": str(server)})
    failed = bench.run_suite(code, workspace, SUITE, EXTENSION)
    assert not failed, "\n".join(failed)
