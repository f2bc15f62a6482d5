"""Rot: what time, disks and users do to the files of a finished index."""

import itertools
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.journals.journal import journal_serial
from codanna_lsp.store.metadata import (
    META_NAME,
    Manifest,
    read_manifest,
    search_number,
    snapshot_generation,
)
from tests.faults.sourced_index import Outcome, Sourced, heal

FLIPS = 30
PAGE = 4096
WHOLE = ("delete", "empty", "half", "minus one", "zero page", "append")

SPARE = "spare"
META, SNAPSHOT, SEARCH, JOURNAL = "meta", "snapshot", "search", "journal"
TOLD = {
    META: {"META_REBUILT"},
    SNAPSHOT: {"SNAPSHOT_REBUILT", "BLOB_DAMAGED"},
    SEARCH: {"SEARCH_REBUILT"},
    JOURNAL: {"JOURNAL_DAMAGED"},
    SPARE: set[str](),
}
"""What may be told of damage to one part of the live generation."""


class Fault(NamedTuple):
    """One thing done to one file; `how` is one of WHOLE, or "flip 12.3": byte, bit."""

    name: str
    how: str

    def __str__(self) -> str:
        return f"{self.name}: {self.how}"


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


def find_files(folder: Path) -> list[str]:
    """Every file of an index, by its path in the folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(folder)) for path in found)


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


def apply(folder: Path, fault: Fault) -> None:
    """Do it; what another fault has deleted stays so."""
    path = folder / fault.name
    if fault.how == "delete":
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        return
    if not path.is_file():
        return
    data = path.read_bytes()
    if fault.how.startswith("flip "):
        at, bit = fault.how.removeprefix("flip ").split(".")
        flipped = bytearray(data)
        flipped[int(at)] ^= 1 << int(bit)
        data = bytes(flipped)
    else:
        data = {
            "empty": b"",
            "half": data[: len(data) // 2],
            "minus one": data[:-1],
            "zero page": bytes(min(PAGE, len(data))) + data[PAGE:],
            "append": data + b"\0more" * 3,
        }[fault.how]
    path.write_bytes(data)


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
    wrong = not outcome.right or not outcome.silent or bool(trouble)
    return Verdict(told, torn, lost, wrong, unseen, trouble)


def part_of(manifest: Manifest, name: str) -> str:
    """Which part of the live generation a file belongs to, SPARE for none."""
    top, _, inner = name.partition("/")
    kind = kind_of(top)
    serial = journal_serial(top)
    if kind == SNAPSHOT and top != manifest.snapshot:
        return SPARE
    if serial is not None and serial < manifest.first_journal:
        return SPARE
    if kind == SEARCH and inner.endswith(".lock"):
        return SPARE
    return kind


def kind_of(name: str) -> str:
    """What a file at the top of the folder is."""
    if name == META_NAME:
        return META
    if snapshot_generation(name) is not None:
        return SNAPSHOT
    if search_number(name) is not None:
        return SEARCH
    return JOURNAL if journal_serial(name) is not None else SPARE


def manifest_of(folder: Path) -> Manifest:
    """The manifest of a good index."""
    found = read_manifest(RealDisk(), folder)
    assert found is not None
    return found
