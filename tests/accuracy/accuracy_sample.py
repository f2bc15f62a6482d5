"""Which positions of a package are asked: random identifiers of its Python files.

Invariant: the same package, seed and count give the same positions.
"""

import io
import keyword
import random
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SKIPPED_FOLDERS = frozenset({"_vendor", "locale", "node_modules"})


class Position(NamedTuple):
    """One identifier: 0-based line, column in characters, and its text."""

    path: str
    line: int
    column: int
    name: str


def fetch_package(pin: str, folder: Path) -> Path:
    """Install one pinned package, without its dependencies; gives its folder."""
    target = folder / pin.replace("==", "-")
    if not target.is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--no-compile", "--target", str(target), pin]
        subprocess.run(command, check=True)
    return target


def python_files(root: Path) -> list[str]:
    """Relative paths of the package's own Python files, sorted."""
    found: list[str] = []
    for path in root.rglob("*.py"):
        relative = path.relative_to(root)
        if not SKIPPED_FOLDERS.intersection(relative.parts):
            found.append(relative.as_posix())
    return sorted(found)


def shuffled_positions(root: Path, *, seed: int) -> Iterator[Position]:
    """Every identifier of the package in a random order that the seed fixes."""
    every = [
        position
        for path in python_files(root)
        for position in identifiers_of(path, (root / path).read_bytes())
    ]
    random.Random(seed).shuffle(every)
    yield from every


def identifiers_of(path: str, source: bytes) -> Iterator[Position]:
    """NAME tokens that are no keywords; none where the file does not tokenise."""
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return
    for token in tokens:
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            line, column = token.start
            yield Position(path, line - 1, column, token.string)
