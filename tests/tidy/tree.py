"""What the tidy checks look at: the files of this repository, as a reader sees them."""

import ast
import os
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "codanna_lsp"
_MADE_BY_TOOLS = {
    "__pycache__",
    "build",
    "dist",
    "node_modules",
    "venv",
}


@cache
def files() -> tuple[Path, ...]:
    """The files that belong to the project: what git tracks, or would."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        answer = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return tuple(_walked())
    names = os.fsdecode(answer.stdout).split("\0")
    return tuple(ROOT / n for n in sorted(set(names)) if n and (ROOT / n).is_file())


def python_files(*, under: Path = ROOT) -> list[Path]:
    """The project's Python files below one folder."""
    return [p for p in files() if p.suffix == ".py" and p.is_relative_to(under)]


def shown(path: Path) -> str:
    """A path as messages show it: relative to the project, with "/"."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """One Python file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _walked() -> list[Path]:
    """The same without git, for a copy of the sources that is no clone."""
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(
            f
            for f in folders
            if f not in _MADE_BY_TOOLS
            and not f.endswith(".egg-info")
            and (not f.startswith(".") or f == ".ci")
        )
        found.extend(Path(folder, name) for name in sorted(names))
    return [p for p in found if p.suffix not in {".pyc", ".pyo"}]
