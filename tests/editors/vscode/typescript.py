"""A part of the extension run by itself in Node.js, without an editor."""

import json
import shutil
import subprocess
from typing import Any

from tests.editors.finding import missing
from tests.editors.vscode.code_server import EXTENSION

LIMIT_S = 60


def evaluated(code: str, given: Any, *options: str) -> Any:
    """What a program in TypeScript prints as JSON; it reads JSON from its input.

    options: more for esbuild, which bundles it in the extension's folder.
    """
    node, tools = shutil.which("node"), EXTENSION / "node_modules" / ".bin"
    if node is None or not tools.is_dir():
        missing("the VS Code extension's tools", "run npm ci in editors/vscode")
    esbuild = [tools / "esbuild", "--bundle", "--platform=node", *options]
    bundled = _run(esbuild, code)
    return json.loads(_run([node, "-e", bundled], json.dumps(given)))


def _run(command: list[Any], given: str) -> str:
    done = subprocess.run(
        command,
        cwd=EXTENSION,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
