"""How often go to definition is right in Python, against basedpyright.

    python tests/accuracy/measure.py [--package NAME==VERSION ...]

Each package is fetched without its dependencies; of random identifiers (no keywords,
comments, strings) those are asked whose definition lies in the package and elsewhere
than at the identifier itself. The oracle's answers are kept in --cache.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.accuracy.accuracy_oracle import truths
from tests.accuracy.accuracy_ours import IN_LIST, NONE, RIGHT, WRONG, Folder, Outcome
from tests.accuracy.accuracy_sample import fetch_package

# One that is typed throughout and one that hardly is.
PACKAGES = ("rich==14.1.0", "django==5.2.4")
CAUSES_SHOWN = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", action="append", metavar="NAME==VERSION")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path)
    given = parser.parse_args()
    cache: Path = given.cache or Path(tempfile.gettempdir()) / "codanna-accuracy"
    cache.mkdir(parents=True, exist_ok=True)
    every: list[Outcome] = []
    print_head()
    for pin in given.package or PACKAGES:
        root = fetch_package(pin, cache)
        asked = truths(root, count=given.count, seed=given.seed, cache=cache)
        folder = Folder(root)
        outcomes = [folder.ask(truth) for truth in asked]
        print_row(pin, outcomes)
        every += outcomes
    print_causes(every)


def print_head() -> None:
    """The names of the columns of `print_row`."""
    print(f"{'package':<24}{RIGHT:>8}{IN_LIST:>13}{WRONG:>8}{NONE:>11}{'p95, cpu':>11}")


def print_row(pin: str, outcomes: list[Outcome]) -> None:
    """One package: its shares of each verdict, and the time a question takes."""
    counts = Counter(outcome.verdict for outcome in outcomes)
    total = max(len(outcomes), 1)
    seconds = sorted(outcome.seconds for outcome in outcomes)
    slow = seconds[int(len(seconds) * 0.95)] if seconds else 0.0
    shares = [f"{counts[v] / total:.1%}" for v in (RIGHT, IN_LIST, WRONG, NONE)]
    cells = "".join(
        f"{share:>{width}}" for share, width in zip(shares, (8, 13, 8, 11), strict=True)
    )
    print(f"{pin:<24}{cells}{slow * 1000:>8.1f} ms")


def print_causes(outcomes: list[Outcome]) -> None:
    """The commonest classes of questions that were not answered right."""
    missed = [outcome for outcome in outcomes if outcome.verdict != RIGHT]
    print(f"\n{len(missed)} of {len(outcomes)} not right; the commonest causes:")
    causes = Counter(outcome.cause for outcome in missed)
    for cause, count in causes.most_common(CAUSES_SHOWN):
        print(f"\n{count:>4}  {cause}")
        for outcome in [o for o in missed if o.cause == cause][:2]:
            where = outcome.truth.position
            print(f"      {where.path}:{where.line + 1}: {where.name}: {outcome.line}")
            wanted = outcome.truth.targets[0]
            print(f"        oracle {wanted.path}:{wanted.line + 1}", end="")
            ours = outcome.found[:1]
            print(f", ours {ours[0][0]}:{ours[0][1] + 1}" if ours else ", ours nothing")


if __name__ == "__main__":
    main()
