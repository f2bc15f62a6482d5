"""Trouble with the server in VS Code: one message in words, no loop, nothing lost."""

from pathlib import Path

import pytest

from tests.editors.terminal import wait_until
from tests.editors.test_neovim import make_workspace
from tests.editors.vscode.code_server import CodeServer, workspace_settings
from tests.editors.vscode.programs import (
    bad_servers,
    hasty_server,
    make_bundle,
    our_server,
    take_servers_away,
    write_program,
)
from tests.editors.vscode.workbench import ALARM, LINE, TOAST, Workbench

pytestmark = pytest.mark.editor


def test_trouble_is_told_once_with_its_remedy(
    code: CodeServer, bench: Workbench, tmp_path: Path
) -> None:
    workspace = make_workspace(tmp_path / "troubled")
    take_servers_away(code.home)
    servers = bad_servers(code.home / "bad")
    none = code.home / "nowhere" / "codanna-lsp"
    servers["missing"] = (none, "which is no program here")
    code.change_settings({})
    workspace_settings(workspace, {"codanna.path": str(none)})
    bench.open(code.url(workspace))
    bench.wait_for_text(TOAST, "which is no program here")
    bench.open_file("till.py", 7, 1)
    bench.type("typed = 1")
    for kind, (program, words) in servers.items():
        bench.dismiss_toasts()
        workspace_settings(workspace, {"codanna.path": ""})
        bench.wait_for_text(TOAST, "was not found")
        bench.dismiss_toasts()
        workspace_settings(workspace, {"codanna.path": str(program)})
        bench.wait_for_text(TOAST, words)
        told = bench.toasts()
        assert len(told) == 1, (kind, told)
        print(f"{kind}: {told[0]}")
    bench.wait_for_text(LINE, "typed = 1")

    bench.dismiss_toasts()
    blocked = code.home / "a-file"
    blocked.write_text("", encoding="utf-8")
    server = our_server(code.home / "ours" / "codanna-lsp", code.home)
    workspace_settings(
        workspace,
        {"codanna.path": str(server), "codanna.indexFolder": str(blocked / "index")},
    )
    bench.wait_for_text(TOAST, "index cannot be kept on disk")
    (warned,) = bench.toasts()
    assert "Open Settings" in warned
    bench.wait_until_ready()
    bench.jump()
    assert not bench.is_there(ALARM), "nothing is damaged"


def test_the_server_is_found_where_the_settings_say(
    code: CodeServer, bench: Workbench, tmp_path: Path
) -> None:
    home = code.home
    workspace = make_workspace(tmp_path / "finding")
    take_servers_away(home)
    code.change_settings({})
    bench.open(code.url(workspace))
    bench.wait_for_text(TOAST, "was not found")
    (told,) = bench.toasts()
    assert "no Python environment is selected" in told
    assert "not on PATH" in told
    assert "How to Install" in told
    assert "Restart Server" in told
    bench.dismiss_toasts()

    lost = home / "moved" / "bin" / "python"
    workspace_settings(workspace, {"codanna.interpreter": str(lost)})
    bench.wait_for_text(TOAST, f"codanna.interpreter names {lost}")
    bench.dismiss_toasts()
    workspace_settings(workspace, {})
    bench.wait_for_text(TOAST, "was not found")
    bench.dismiss_toasts()

    bench.show_status()
    make_bundle(home / "extensions")
    bench.command("Codanna: Restart Server")
    bench.wait_for_text(LINE, "from the bundled copy")
    our_server(home / "bin" / "codanna-lsp", home)
    bench.command("Codanna: Restart Server")
    bench.wait_for_text(LINE, "from PATH")
    our_server(home / "env" / "bin" / "codanna-lsp", home)
    python = write_program(home / "env" / "bin" / "python", "")
    (home / "chosen-python").write_text(str(python), encoding="utf-8")
    bench.command("Choose Fake Python")
    bench.wait_for_text(LINE, "from the selected Python environment")
    (home / "chosen-python").unlink()
    workspace_settings(workspace, {"codanna.importStrategy": "useBundled"})
    bench.wait_for_text(LINE, "from the bundled copy")
    assert bench.toasts() == []


def test_a_server_that_says_nothing_is_not_waited_for(
    code: CodeServer, bench: Workbench, tmp_path: Path
) -> None:
    """Once there is another: nor is it told of then."""
    workspace = make_workspace(tmp_path / "silent")
    started = tmp_path / "started"
    silent = write_program(
        code.home / "bad" / "silent",
        f"import sys\nopen({str(started)!r}, 'w')\nsys.stdin.buffer.read()\n",
    )
    code.change_settings({})
    workspace_settings(workspace, {"codanna.path": str(silent)})
    bench.open(code.url(workspace))
    wait_until(started.exists, "the silent server")
    server = our_server(code.home / "ours" / "codanna-lsp", code.home)
    workspace_settings(workspace, {"codanna.path": str(server)})
    bench.open_file("till.py", 6, 30)
    bench.wait_until_ready()
    assert bench.toasts() == []


def test_what_a_server_tells_with_its_first_answer_is_shown(
    code: CodeServer, bench: Workbench, tmp_path: Path
) -> None:
    workspace = make_workspace(tmp_path / "hasty")
    server = hasty_server(code.home / "bad" / "hasty")
    code.change_settings({"codanna.path": str(server)})
    bench.open(code.url(workspace))
    bench.wait_for_text(ALARM, "index damaged")
    bench.show_status()
    bench.wait_for_text(LINE, "shop: bad bytes")


def test_nothing_of_a_workspace_runs_before_it_is_trusted(
    code: CodeServer, bench: Workbench, tmp_path: Path
) -> None:
    workspace = make_workspace(tmp_path / "strange")
    trace = code.home / "was-run"
    hostile = write_program(
        workspace / "bin" / "codanna-lsp", f"open({str(trace)!r}, 'w')\n"
    )
    workspace_settings(workspace, {"codanna.path": str(hostile)})
    server = our_server(code.home / "ours" / "codanna-lsp", code.home)
    code.change_settings(
        {
            "codanna.path": str(server),
            "security.workspace.trust.enabled": True,
            "security.workspace.trust.startupPrompt": "never",
            "security.workspace.trust.banner": "never",
        }
    )
    bench.open(code.url(workspace))
    bench.wait_for_text(".statusbar-item", "Restricted Mode")
    bench.wait_until_ready()
    bench.jump()
    assert not trace.exists()
