"""Damage to the files of an index that is in use."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.rot.fault import SNAPSHOT, Fault, apply, manifest_of, part_of
from tests.faults.rot.harm import Verdict, single_faults
from tests.faults.rot.silence import why_silent
from tests.faults.sourced_index import Open, Sourced, heal

TRUNCATING = ("empty", "half", "minus one")


def faults_in_use(folder: Path, *, flips: int) -> Iterator[Fault]:
    """As for an index at rest, but for the truncation of what is mapped (SIGBUS)."""
    manifest = manifest_of(folder)
    for fault in single_faults(folder, flips=flips):
        part = part_of(manifest, fault.name)
        if part != SNAPSHOT or fault.how not in TRUNCATING:
            yield fault


def judge_in_use(
    sourced: Sourced, faults: Sequence[Fault], folder: Path, *, verified: bool = True
) -> Verdict:
    """Harm a copy while it is open, go on, die, and load again.

    verified: it had been read and found whole before, as it is some seconds after a
    start.

    The columns are mapped: what is asked before anyone looks at their checksums may be
    answered from damaged ones. By the next checkpoint, at the latest, that is told.
    """
    sourced.copied(folder)
    one = Open(sourced.root, folder)
    if verified:
        one.verify()
    for fault in faults:
        apply(folder, fault)
    try:
        first = one.dump() == sourced.fresh
        _go_on(one)
        last = one.dump() == sourced.fresh
    finally:
        _die(one)
    outcome = heal(sourced, folder)
    shutil.rmtree(folder, ignore_errors=True)
    trouble = outcome.trouble
    if not last:
        trouble += "; the session went on with wrong answers"
    if outcome.codes:
        trouble += f"; told {one.codes}, and at the next load {outcome.codes}"
    told = bool(one.codes)
    silent = all(why_silent(sourced.folder, one, in_use=True) for one in faults)
    if told and silent:
        trouble += f"; told {one.codes} of what may pass in silence"
    return Verdict(
        told=told,
        torn=False,
        lost=not outcome.alone,
        wrong=bool(trouble),
        unseen=not (told or (first and silent)),
        trouble=trouble,
    )


def _go_on(one: Open) -> None:
    """Save, verify, look at the sources and checkpoint as a server does."""
    record = one.store.view().record("app.py")
    with one.store.begin() as transaction:
        if record is not None:
            transaction.stage(record)
        transaction.commit()
    one.verify()
    one.compare()
    if one.store.is_checkpoint_due():
        one.store.checkpoint()
    one.compare()
    one.store.checkpoint()
    one.verify()
    one.compare()


def _die(one: Open) -> None:
    """What the end of the process does: the lock is free, nothing is written."""
    held = one.store._live.held
    if held is not None:
        held.lock.release()
