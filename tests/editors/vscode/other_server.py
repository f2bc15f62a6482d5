"""A second extension with a real server of another make: basedpyright, for Python."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.editors.vscode.code_server import EXTENSION

BUILD_TIMEOUT_S = 60

_CODE = """
import {{ LanguageClient }} from "vscode-languageclient/node";

let client;

export async function activate() {{
  const server = {{ command: {program}, args: ["--stdio"] }};
  const documentSelector = [{{ scheme: "file", language: "python" }}];
  client = new LanguageClient("other", "Other", server, {{ documentSelector }});
  await client.start();
}}

export const deactivate = () => client?.stop();
"""

_MANIFEST: dict[str, Any] = {
    "name": "other-server",
    "publisher": "tests",
    "version": "1.0.0",
    "engines": {"vscode": "^1.91.0"},
    "main": "./main.js",
    "activationEvents": ["onLanguage:python"],
}


def other_extension(folder: Path) -> Path:
    """The extension's folder, made with the tools of our own extension."""
    folder.mkdir()
    program = Path(sys.executable).with_name("basedpyright-langserver")
    assert program.exists(), "basedpyright is among the packages that the tests need"
    built = subprocess.run(
        [
            EXTENSION / "node_modules" / ".bin" / "esbuild",
            "--bundle",
            "--platform=node",
            "--external:vscode",
            f"--outfile={folder / 'main.js'}",
        ],
        cwd=EXTENSION,
        input=_CODE.format(program=json.dumps(str(program))),
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_TIMEOUT_S,
    )
    assert built.returncode == 0, built.stderr
    manifest = folder / "package.json"
    manifest.write_text(json.dumps(_MANIFEST), encoding="utf-8")
    return folder
