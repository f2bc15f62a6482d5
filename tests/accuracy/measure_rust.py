"""How often go to definition is right in Rust, against the compiler.

    python tests/accuracy/measure_rust.py FOLDER [FOLDER ...] [-- CARGO'S ARGUMENTS]

Needs cargo and rustc. Each folder is a crate or a workspace that `cargo check
--offline` builds; accuracy_rust.py tells what is read. Asked are random uses that the
compiler knows whose definition lies in the folder; no keywords.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.accuracy.accuracy_oracle import Place, Truth
from tests.accuracy.accuracy_ours import RIGHT, WRONG, Folder, Outcome
from tests.accuracy.accuracy_rust import rust_truths
from tests.accuracy.accuracy_sample import Position
from tests.accuracy.measure import print_causes, print_head, print_row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path)
    own, _, build = " ".join(sys.argv[1:]).partition(" -- ")
    given = parser.parse_args(own.split())
    if shutil.which("cargo") is None:
        raise SystemExit("cargo is not installed; it is the oracle")
    cache: Path = given.cache or Path(tempfile.gettempdir()) / "codanna-accuracy"
    every: list[Outcome] = []
    print_head()
    for root in given.folder:
        folder = Folder(root.resolve(), (".rs", "Cargo.toml"))
        asked = _truths(folder, root.resolve(), cache, build.split())
        random.Random(given.seed).shuffle(asked)
        outcomes = [_strict(folder.ask(truth)) for truth in asked[: given.count]]
        print_row(root.name, outcomes)
        every += outcomes
    print_causes(every)


def _strict(outcome: Outcome) -> Outcome:
    """Any `impl` of the right trait is right only where our answer knew the type."""
    lucky = outcome.verdict == RIGHT and "'guess'" in outcome.cause
    if lucky and not outcome.truth.targets[0].holds(*outcome.found[0]):
        return outcome._replace(verdict=WRONG, cause="a guess among the impls: wrong")
    return outcome


def _truths(folder: Folder, root: Path, cache: Path, build: list[str]) -> list[Truth]:
    work = cache / f"rust-{root.name}"
    work.mkdir(parents=True, exist_ok=True)
    kept = work / "truths.json"
    if not kept.is_file():
        kept.write_text(json.dumps(rust_truths(root, folder.sources, work, build)))
    rows = json.loads(kept.read_text())
    return [Truth(Position(*p), tuple(Place(*one) for one in t)) for p, t in rows]


if __name__ == "__main__":
    main()
