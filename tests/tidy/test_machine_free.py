"""Nothing in the tree knows the machine that it was written on."""

import re
from pathlib import Path

from tests.tidy.tree import ROOT, files, shown

# Spelled in parts, so that this file does not find itself.
FOLDERS = ["/wo" + "rk/main", "/wo" + "rk/shared", "/ro" + "ot/", "/t" + "mp/w/"]
HOSTS = [
    "py" + r"pi\.org/simple",
    "files.python" + "hosted",
    "registry.npm" + r"js\.org",
    "deb.deb" + r"ian\.org",
    "index" + "-url",
    "extra-" + "index",
    "arti" + "factory",
]


def test_no_absolute_paths_of_a_machine() -> None:
    here = [str(ROOT), str(Path.home())]
    # A short one ("/app", "/") is a word that an honest fixture may hold.
    long = [place + "/" for place in here if place.count("/") > 1]
    assert mentions("|".join(re.escape(word) for word in FOLDERS + long)) == []


def test_no_registry_hosts() -> None:
    """Which registry serves a package is the machine's business, not the project's."""
    assert mentions("|".join(HOSTS)) == []


def mentions(pattern: str) -> list[str]:
    wanted = re.compile(pattern)
    found: list[str] = []
    for path in files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found.extend(
            f"{shown(path)}:{number}: {line.strip()[:120]}"
            for number, line in enumerate(text.splitlines(), 1)
            if wanted.search(line)
        )
    return found
