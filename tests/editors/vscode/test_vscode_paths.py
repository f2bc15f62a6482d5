"""Where the extension looks for programs, on Windows too; no editor is needed.

Only the rules of Windows are tried, on this system's paths: nothing here runs there.
"""

from pathlib import Path

import pytest

from tests.editors.vscode.programs import write_program
from tests.editors.vscode.typescript import evaluated

_CODE = """
import { findIn, findProgram, foldersOfPrograms, isAllowed } from "./src/paths";

const { python, named, inside } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const inEnvironment = foldersOfPrograms(python).map((folder) => findIn(folder, "codanna-lsp"));
console.log(JSON.stringify({
  environment: inEnvironment.find((found) => found !== undefined) ?? null,
  named: findProgram(named) ?? null,
  allowed: isAllowed(inside),
}));
"""
# An untrusted window with one folder.
_VSCODE = """
exports.workspace = {{ isTrusted: false, workspaceFolders: [{{ uri: {{ fsPath: {root} }} }}] }};
"""


def found(folder: Path, platform: str, **given: Path) -> dict[str, str | bool | None]:
    stub = folder / "vscode.js"
    stub.write_text(_VSCODE.format(root=repr(str(folder / "Shop"))), encoding="utf-8")
    asked = {name: str(path) for name, path in given.items()}
    platform_is = f'--define:process.platform="{platform}"'
    return dict(evaluated(_CODE, asked, f"--alias:vscode={stub}", platform_is))


@pytest.mark.parametrize("platform", ["win32", "linux"])
def test_programs_are_found_as_the_system_names_them(
    tmp_path: Path, platform: str
) -> None:
    scripts, suffix = ("Scripts", ".exe") if platform == "win32" else (".", "")
    python = write_program(tmp_path / f"python{suffix}", "")
    server = write_program(tmp_path / scripts / f"codanna-lsp{suffix}", "")
    write_program(server.with_suffix(".cmd"), "")
    named = server.with_suffix("")
    inside = tmp_path / "Shop" / "codanna-lsp"
    answer = found(tmp_path, platform, python=python, named=named, inside=inside)
    assert answer["environment"] == answer["named"] == str(server)
    assert answer["allowed"] is False


@pytest.mark.parametrize(("platform", "allowed"), [("win32", False), ("linux", True)])
def test_capitals_do_not_lead_around_trust(
    tmp_path: Path, platform: str, *, allowed: bool
) -> None:
    """Windows starts the same program by either spelling."""
    inside = tmp_path / "SHOP" / "codanna-lsp"
    nothing = tmp_path / "nothing"
    answer = found(tmp_path, platform, python=nothing, named=nothing, inside=inside)
    assert answer["allowed"] is allowed
