"""How often go to definition is right in TypeScript and JavaScript, against tsserver.

    python tests/accuracy/measure_javascript.py [--package NAME@VERSION:FOLDER ...]

Needs npm, which fetches TypeScript, its language server and the packages' sources. A
position is a random identifier of the folder (of the package's archive); the rest is
as in measure.py.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.accuracy.accuracy_oracle import truths
from tests.accuracy.accuracy_ours import Folder, Outcome
from tests.accuracy.accuracy_sample import Position
from tests.accuracy.measure import print_causes, print_head, print_row

PACKAGES = ("rxjs@7.8.1:src", "@reduxjs/toolkit@2.2.7:src", "fastify@5.0.0:lib")
SERVER = ("typescript@5.6", "typescript-language-server@4")
ENDINGS = (".ts", ".tsx", ".js", ".jsx", ".mjs", "package.json", "tsconfig.json")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", action="append", metavar="NAME@VERSION:FOLDER")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path)
    given = parser.parse_args()
    if shutil.which("npm") is None:
        raise SystemExit("npm is not installed; it fetches TypeScript and packages")
    cache: Path = given.cache or Path(tempfile.gettempdir()) / "codanna-accuracy"
    cache.mkdir(parents=True, exist_ok=True)
    server = tsserver(cache)
    every: list[Outcome] = []
    print_head()
    for pin in given.package or PACKAGES:
        root = fetch_sources(pin, cache)
        folder = Folder(root, ENDINGS)
        asked = truths(
            root,
            count=given.count,
            seed=given.seed,
            cache=cache,
            command=server,
            positions=positions_of(folder, seed=given.seed),
        )
        outcomes = [folder.ask(truth) for truth in asked]
        print_row(pin.partition(":")[0], outcomes)
        every += outcomes
    print_causes(every)


def tsserver(cache: Path) -> tuple[str, ...]:
    """The command of TypeScript's language server, installed in the cache."""
    home = cache / "tsserver"
    entry = home / "node_modules/typescript-language-server/lib/cli.mjs"
    if not entry.is_file():
        home.mkdir(exist_ok=True)
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--silent"]
        subprocess.run([*command, "--prefix", str(home), *SERVER], check=True)
    return "node", str(entry), "--stdio"


def fetch_sources(pin: str, cache: Path) -> Path:
    """One folder of a package's archive, unpacked in the cache."""
    name, _, folder = pin.rpartition(":")
    target = cache / re.sub(r"\W+", "-", name).strip("-")
    if not target.is_dir():
        packed = subprocess.run(
            ["npm", "pack", "--silent", name],
            cwd=cache,
            check=True,
            capture_output=True,
            text=True,
        )
        archive = cache / packed.stdout.strip().splitlines()[-1]
        with tarfile.open(archive) as files:
            files.extractall(target, filter="data")
    return target / "package" / folder


def positions_of(folder: Folder, *, seed: int) -> list[Position]:
    """Every name of the folder in a random order that the seed fixes."""
    found: list[Position] = []
    for path in folder.sources:
        tree = folder.tree(path) if not path.endswith(".json") else None
        text = folder.sources[path].decode("utf-8", "replace")
        for number, line in enumerate(text.split("\n") if tree is not None else ()):
            for name in _NAME.finditer(line):
                column = len(line[: name.start()].encode())
                one = tree.occurrence(number, column) if tree is not None else None
                if one is not None and one.place not in ("module", "label"):
                    found.append(Position(path, number, name.start(), name[0]))
    random.Random(seed).shuffle(found)
    return found


if __name__ == "__main__":
    main()
