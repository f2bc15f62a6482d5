"""VS Code's server with settings, extensions and a home of its own."""

import json
import os
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from tests.tidy.tree import ROOT

EXTENSION = ROOT / "editors" / "vscode"
PATIENCE_S = 60.0  # far beyond what a loaded machine needs

# Nothing of these has to do with us, and each takes time or covers what is looked at.
QUIET_SETTINGS: dict[str, Any] = {
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "telemetry.telemetryLevel": "off",
    "chat.disableAIFeatures": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "files.autoSave": "off",
    "editor.minimap.enabled": False,
    "workbench.colorTheme": "Default Light Modern",
}


class CodeServer:
    """One VS Code server with settings and extensions of its own."""

    def __init__(self, program: str, home: Path, *extensions: Path) -> None:
        self.program = program
        self.home = home
        # In a remote window, which this is, programs are named in the machine's settings.
        self._settings = [
            home / "data" / of / "settings.json" for of in ("User", "Machine")
        ]
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
        version = re.search(r"Code ([\d.]+)", self._run("--version"))
        assert version is not None
        self.version = version[1]
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
        for settings in self._settings:
            settings.parent.mkdir(parents=True, exist_ok=True)
            settings.write_text(text, encoding="utf-8")

    def url(self, folder: Path | str | None, **more: str) -> str:
        """A page with a folder (or the URI of one), with a workspace, or with none."""
        none = {} if "workspace" in more else {"ew": "true"}
        asked = {"folder": str(folder)} if folder is not None else none
        return f"http://127.0.0.1:{self.port}/?" + "&".join(
            f"{key}={quote(value)}" for key, value in {**asked, **more}.items()
        )

    def payload(self, *given: tuple[str, Path]) -> str:
        """What the window is to start with, each as a name and a path."""
        place = f"vscode-remote://127.0.0.1:{self.port}"
        return json.dumps([[name, f"{place}{path}"] for name, path in given])

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

    def _run(self, *arguments: str) -> str:
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
        return done.stdout

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


def workspace_settings(folder: Path, changed: Mapping[str, Any]) -> None:
    """The settings of an open folder, which VS Code reads again at once."""
    settings = folder / ".vscode" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps(changed), encoding="utf-8")


def _path_without_us() -> str:
    """PATH without folders that hold a `codanna-lsp`: a test puts its own in `bin`."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return os.pathsep.join(f for f in folders if not Path(f, "codanna-lsp").exists())


def wait_for_the_end(home: Path) -> None:
    """All processes of this VS Code end with it, servers too.

    Until then their messages are not all recorded, and they write into folders that are
    to be removed.
    """
    deadline = time.monotonic() + PATIENCE_S
    while running := processes_at(home):
        assert time.monotonic() < deadline, f"still running: {running}"
        time.sleep(0.1)


def processes_at(home: Path) -> list[int]:
    """The processes that have this folder as their home."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            variables = (process / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended, or is another user's
            continue
        if b"HOME=" + os.fsencode(home) in variables:
            found.append(int(process.name))
    return found


def server_process(home: Path) -> int:
    """The server that was started last; one of a window that was closed may linger."""
    listed = subprocess.run(
        ["pgrep", "--newest", "--full", str(home / "traffic.jsonl")],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(listed.stdout)
