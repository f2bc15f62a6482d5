"""The server starts without the terminal: no typer, no rich, no commands."""

import json
import subprocess
import sys
from typing import Any

from tests.tidy.tree import ROOT

TERMINAL = ("typer", "rich", "click", "codanna_lsp.cli")


def frame(message: dict[str, Any]) -> bytes:
    data = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(data), data)


NOWHERE: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
MESSAGES: list[dict[str, Any]] = [
    {"id": 1, "method": "initialize", "params": NOWHERE},
    {"method": "initialized", "params": {}},
    {"id": 2, "method": "shutdown"},
    {"method": "exit"},
]
SESSION = b"".join(frame({"jsonrpc": "2.0", **message}) for message in MESSAGES)


def test_a_whole_session_never_imports_the_terminal_libraries() -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "codanna_lsp"],
        cwd=ROOT,
        input=SESSION,
        capture_output=True,
        check=False,
        timeout=60,
    )
    log = told.stderr.decode(errors="replace").splitlines()
    imported = {row.rpartition("|")[2].strip() for row in log if "import time:" in row}
    assert told.returncode == 0, log[-20:]
    assert "codanna_lsp.server.app" in imported
    strays = [
        name
        for name in imported
        if any(name == t or name.startswith(t + ".") for t in TERMINAL)
    ]
    assert sorted(strays) == []
