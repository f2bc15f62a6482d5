"""VS Code as a test drives it: code-server in one process, a browser in another."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from tests.tidy.tree import ROOT

EXTENSION = ROOT / "editors" / "vscode"
BRIDGE = Path(__file__).with_name("workbench_bridge.mjs")
TEE = Path(__file__).with_name("traffic_tee.py")
PLAYWRIGHT = EXTENSION / "node_modules" / "playwright-core"

A_MOMENT_MS = 2_500
PATIENCE_S = 60.0  # far beyond what a loaded machine needs

# Nothing of these has to do with us, and each takes time or covers what is looked at.
QUIET_SETTINGS: dict[str, Any] = {
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "telemetry.telemetryLevel": "off",
    "chat.disableAIFeatures": True,
    "files.autoSave": "off",
    "editor.minimap.enabled": False,
    "workbench.colorTheme": "Default Light Modern",
}

QUICK_INPUT = ".quick-input-widget input"
ROW = ".quick-input-list .monaco-list-row"
TOAST = ".notification-toast"


class CodeServer:
    """One VS Code server with settings and extensions of its own."""

    def __init__(self, program: str, home: Path, *extensions: Path) -> None:
        self.program = program
        self.home = home
        self.settings_file = home / "data" / "User" / "settings.json"
        self.settings_file.parent.mkdir(parents=True)
        self.change_settings({})
        # VS Code asks a login shell for its PATH.
        profile = f'PATH="{home / "bin"}:{_path_without_us()}"\n'
        (home / ".profile").write_text(profile, encoding="utf-8")
        self._folders = [
            f"--user-data-dir={home / 'data'}",
            f"--extensions-dir={home / 'extensions'}",
        ]
        for vsix in extensions:
            self._run("--install-extension", str(vsix))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._log = (home / "code-server.log").open("wb")
        self.process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()

    def change_settings(self, changed: Mapping[str, Any]) -> None:
        """The user's settings are these, over the quiet ones, from the next page on."""
        text = json.dumps({**QUIET_SETTINGS, **changed})
        self.settings_file.write_text(text, encoding="utf-8")

    def url(self, folder: Path | None, **more: str) -> str:
        asked = {"folder": str(folder)} if folder is not None else {"ew": "true"}
        return f"http://127.0.0.1:{self.port}/?" + "&".join(
            f"{key}={quote(value)}" for key, value in {**asked, **more}.items()
        )

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("VSCODE_")}
        return {
            **kept,
            "EXTENSIONS_GALLERY": "{}",
            "HOME": str(self.home),
            "SHELL": "/bin/sh",
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_DATA_HOME": str(self.home / "share"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "PYTHONPATH": str(ROOT),
            "SUITE_STARTS": str(self.home / "starts"),
        }

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [self.program, *self._folders, *arguments],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _start(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [
                self.program,
                *self._folders,
                f"--bind-addr=127.0.0.1:{self.port}",
                "--auth=none",
                "--disable-telemetry",
                "--disable-update-check",
                "--disable-getting-started-override",
            ],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                healthy = f"http://127.0.0.1:{self.port}/healthz"
                urllib.request.urlopen(healthy, timeout=5).close()
            except OSError:
                assert process.poll() is None, "code-server ended"
                assert time.monotonic() < deadline, "code-server does not answer"
                time.sleep(0.1)
            else:
                return process


class Workbench:
    """One browser page with VS Code in it; every step has a time limit."""

    def __init__(self, node: str, browser: str) -> None:
        self.process = subprocess.Popen(
            [node, str(BRIDGE), str(PLAYWRIGHT), browser],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def does(self, step: str, **given: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"does": step, **given}) + "\n")
        self.process.stdin.flush()
        return self._answer(step, given)

    def _answer(self, *asked: Any) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the browser ended at {asked}"
        answer = json.loads(line)
        if "error" in answer:
            seen = os.environ.get("CODANNA_FAILURE_PICTURE")
            if seen and asked[0] != "shot":
                self.shot(Path(seen))
            raise AssertionError((asked, answer["error"]))
        return answer["answer"]

    def run_suite(
        self, code: CodeServer, folder: Path, extension: Path, suite: Path
    ) -> list[str]:
        """Run a test suite in the extension host; what it has to say when it failed."""
        place = f"vscode-remote://127.0.0.1:{code.port}"
        payload = [
            ["extensionDevelopmentPath", f"{place}{extension}"],
            ["extensionTestsPath", f"{place}{suite}"],
        ]
        self.open(code.url(folder, payload=json.dumps(payload)))
        told = self.does("finished", timeout=2 * PATIENCE_S * 1000)
        said = [line for line in told["told"] if "suite" in line or "rror" in line]
        return [] if told["code"] == 0 else [f"code {told['code']}", *said]

    # ---- what a user sees

    def wait_for(self, selector: str, *, gone: bool = False) -> None:
        self.does("wait", selector=selector, gone=gone, timeout=PATIENCE_S * 1000)

    def appears(self, selector: str) -> bool:
        """Whether it is there, or comes in a moment."""
        return bool(self.does("appears", selector=selector, timeout=A_MOMENT_MS))

    def wait_for_text(self, selector: str, text: str) -> None:
        self.wait_for(f"{selector}:has-text({json.dumps(text)})")

    def is_there(self, selector: str) -> bool:
        return bool(self.does("texts", selector=selector))

    def toasts(self) -> list[str]:
        return [text.replace("\n", " ") for text in self.does("texts", selector=TOAST)]

    def rows(self) -> list[str]:
        return list(self.does("labels", selector=ROW))

    def position(self) -> str:
        (text,) = self.does("texts", selector="#status\\.editor\\.selection")
        return str(text).partition("(")[0].strip()

    def wait_for_place(self, name: str, position: str) -> None:
        self.wait_for(f'.tab.active[aria-label*="{name}"]')
        self.wait_for_text("#status\\.editor\\.selection", position)

    # ---- what a user does

    def open(self, url: str) -> None:
        self.does("goto", url=url)
        self.wait_for(".monaco-workbench")

    def press(self, keys: str) -> None:
        self.does("press", keys=keys)

    def type(self, text: str) -> None:
        self.does("type", text=text)

    def click(self, selector: str) -> None:
        self.does("click", selector=selector)

    def pick(self, text: str, row: str) -> None:
        """Type into the open quick input and take the row that comes first then.

        A row without highlighted letters stood there before: Enter would take it.
        """
        self.wait_for(QUICK_INPUT)
        self.does("fill", selector=QUICK_INPUT, text=text)
        self.wait_for(f'{ROW}.focused[aria-label*="{row}"] .highlight')
        self.press("Enter")
        self.wait_for(QUICK_INPUT, gone=True)

    def command(self, title: str) -> None:
        """A command by the palette; opened too early, it misses an extension's own."""
        deadline = time.monotonic() + PATIENCE_S
        wanted = f'{ROW}.focused[aria-label*="{title}"] .highlight'
        while True:
            self.press("F1")
            self.wait_for(QUICK_INPUT)
            self.does("fill", selector=QUICK_INPUT, text=f">{title}")
            if self.appears(wanted):
                break
            assert time.monotonic() < deadline, self.rows()
            self.press("Escape")
            self.wait_for(QUICK_INPUT, gone=True)
        self.press("Enter")
        self.wait_for(QUICK_INPUT, gone=True)

    def open_file(self, name: str, line: int, column: int) -> None:
        self.press("Control+P")
        self.pick(f"{name}:{line}:{column}", name)
        self.wait_for_place(name, f"Ln {line}, Col {column}")

    def dismiss_toasts(self) -> None:
        self.command("Notifications: Clear All Notifications")
        self.wait_for(TOAST, gone=True)

    def shot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.does("shot", path=str(path))


def workspace_settings(folder: Path, changed: Mapping[str, Any]) -> None:
    """The settings of an open folder, which VS Code reads again at once."""
    settings = folder / ".vscode" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps(changed), encoding="utf-8")


def _path_without_us() -> str:
    """PATH without folders that hold a `codanna-lsp`: a test puts its own in `bin`."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return os.pathsep.join(f for f in folders if not Path(f, "codanna-lsp").exists())


def find_code_server() -> str | None:
    """code-server on PATH, or beside the Python that runs the tests."""
    return shutil.which("code-server") or shutil.which(
        "code-server", path=str(Path(sys.executable).parent)
    )
