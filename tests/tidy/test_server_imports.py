"""The server starts without the terminal: no typer, no rich, no commands."""

import subprocess
import sys

from tests.tidy.tree import ROOT

TERMINAL = ("typer", "rich", "click", "codanna_lsp.cli")


def frame(body: str) -> bytes:
    data = body.encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(data), data)


SESSION = b"".join(
    frame(body)
    for body in (
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":'
        '{"processId":null,"rootUri":null,"capabilities":{}}}',
        '{"jsonrpc":"2.0","method":"initialized","params":{}}',
        '{"jsonrpc":"2.0","id":2,"method":"shutdown"}',
        '{"jsonrpc":"2.0","method":"exit"}',
    )
)


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
