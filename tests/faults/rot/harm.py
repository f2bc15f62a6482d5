"""Rot: what time, disks and users do to the files of a finished index."""

import itertools
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.store.metadata import META_NAME
from tests.faults.rot.fault import (
    JOURNAL,
    META,
    SEARCH,
    SNAPSHOT,
    TOLD,
    WHOLE,
    Fault,
    apply,
    find_files,
    kind_of,
    manifest_of,
    part_of,
)
from tests.faults.rot.silence import why_silent
from tests.faults.sourced_index import Outcome, Sourced, heal

FLIPS = 30


class Verdict(NamedTuple):
    """How a case went. told: some code was emitted. torn: as a crash leaves it."""

    told: bool
    torn: bool
    lost: bool
    wrong: bool
    unseen: bool
    trouble: str

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, wrong or unseen."""
        return not (self.lost or self.wrong or self.unseen)


def single_faults(folder: Path, *, flips: int = FLIPS) -> Iterator[Fault]:
    """Each file: in every way as a whole, and some bits of it."""
    for name in find_files(folder):
        size = (folder / name).stat().st_size
        yield from (Fault(name, how) for how in WHOLE)
        chance = random.Random(name)
        for _ in range(flips if size else 0):
            yield Fault(name, f"flip {chance.randrange(size)}.{chance.randrange(8)}")


def pair_faults(folder: Path) -> Iterator[tuple[Fault, Fault]]:
    """Any two of the parts, gone or halved."""
    manifest = manifest_of(folder)
    store = max(folder.glob(f"{manifest.search}/*.store"))
    names = [
        META_NAME,
        manifest.snapshot,
        f"{manifest.search}/meta.json",
        str(store.relative_to(folder)),
        f"journal-{manifest.first_journal}.wal",
        f"journal-{manifest.newest_journal}.wal",
    ]
    if manifest.previous is not None:
        names += [
            manifest.previous.snapshot,
            f"journal-{manifest.previous.first_journal}.wal",
        ]
    for one, other in itertools.combinations(names, 2):
        for hows in itertools.product(("delete", "half"), repeat=2):
            yield Fault(one, hows[0]), Fault(other, hows[1])


def subsets(folder: Path) -> Iterator[tuple[Fault, ...]]:
    """Each subset of the stores but none at all, which is a new folder."""
    groups = groups_of(folder)
    for count in range(len(groups)):
        for gone in itertools.combinations(groups, count):
            names = [name for group in gone for name in groups[group]]
            yield tuple(Fault(name, "delete") for name in names)


def groups_of(folder: Path) -> dict[str, list[str]]:
    """The names at the top of the folder, by the part they belong to."""
    groups: dict[str, list[str]] = {META: [], SNAPSHOT: [], SEARCH: [], JOURNAL: []}
    for path in sorted(folder.iterdir()):
        if kind_of(path.name) in groups:
            groups[kind_of(path.name)].append(path.name)
    return groups


def mixes() -> Iterator[tuple[str, ...]]:
    """The parts that come from an older state of the index: some, but not all.

    Nor all but the snapshots: that is the whole older index, and a snapshot beside it
    that a crash could have left.
    """
    for count in range(1, 4):
        for parts in itertools.combinations((META, SNAPSHOT, SEARCH, JOURNAL), count):
            if parts != (META, SEARCH, JOURNAL):
                yield parts


def judge_mix(sourced: Sourced, parts: Sequence[str], folder: Path) -> Verdict:
    """Put older parts into a copy at `folder`, heal it, and say how that went."""
    sourced.copied(folder)
    for part in parts:
        for name in groups_of(folder)[part]:
            apply(folder, Fault(name, "delete"))
        for name in groups_of(sourced.older)[part]:
            old = sourced.older / name
            copy = shutil.copytree if old.is_dir() else shutil.copy2
            copy(old, folder / name)
    outcome = heal(sourced, folder)
    shutil.rmtree(folder, ignore_errors=True)
    told = bool(outcome.codes)
    unseen = not told and not outcome.alone
    wrong = bool(outcome.trouble)
    return Verdict(told, False, not outcome.right, wrong, unseen, outcome.trouble)


def judge(sourced: Sourced, faults: Sequence[Fault], folder: Path) -> Verdict:
    """Harm a copy at `folder`, heal it, and say how that went."""
    sourced.copied(folder)
    for fault in faults:
        apply(folder, fault)
    outcome = heal(sourced, folder)
    shutil.rmtree(folder, ignore_errors=True)
    return verdict_of(sourced, outcome, faults)


def verdict_of(sourced: Sourced, outcome: Outcome, faults: Sequence[Fault]) -> Verdict:
    """Judge what became of an index that was harmed like this."""
    manifest = manifest_of(sourced.folder)
    parts = {part_of(manifest, fault.name) for fault in faults}
    told = bool(outcome.codes)
    # The newest transaction is nowhere but in its journal and in the sources, and a
    # bad one looks as a crash leaves it.
    damaged = "JOURNAL_DAMAGED" in outcome.codes
    torn = not outcome.alone and JOURNAL in parts and not damaged
    unseen = not told and not outcome.alone and not torn
    admits = {"JOURNAL_DAMAGED", "REBUILD", "META_REBUILT"} & set(outcome.codes)
    lost = not outcome.alone and not admits and not torn
    trouble = outcome.trouble
    if len(faults) == 1:
        (part,) = parts
        if not set(outcome.codes) <= TOLD[part]:
            trouble += f"; {part} told as {outcome.codes}"
        silent = why_silent(sourced.folder, faults[0])
        unseen = unseen or not (told or silent)
        if told and silent:
            trouble += f"; told as {outcome.codes}, though: {silent}"
    wrong = not outcome.right or not outcome.silent or bool(trouble)
    return Verdict(told, torn, lost, wrong, unseen, trouble)
