"""The child that recovers states and judges what it finds: `python -m tests.crash.judge`.

One line of JSON in is one state that lies in a folder, one line out is the verdict. The
child stays warm and is never forked; a state that ends it (a panic past catching, a
SIGBUS) is noticed by its parent, and is a wrong one.

What a state gives is looked at before any source is compared: there are no sources.

Invariant: nothing here knows how the state came about.
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from codanna_lsp.cli.checks import check_parts
from codanna_lsp.errors import CorruptionError
from codanna_lsp.store.disk import RealDisk
from codanna_lsp.store.incident import Code, Incident
from codanna_lsp.store.index_store import IndexStore
from codanna_lsp.store.metadata import META_NAME
from codanna_lsp.store.recovering.recovery import load_for_reading
from codanna_lsp.store.search.search_index import read_search_index
from tests.crash.recorded import INDEX, digest_of, digest_of_store
from tests.recovery.saved_index import commit

RIGHT, LOST, WRONG = "right", "lost", "wrong"
AFTER_A_CRASH = frozenset({Code.ROLLED_FORWARD})


class Case(NamedTuple):
    """A state to judge.

    place: the world. states: digest by serial, of every state that existed. serial: the
    last one that was acknowledged. allowed: codes that may be told. suspect: whether
    the load must ask for all sources to be hashed. goes_on: whether a save and a
    checkpoint are tried after the recovery.
    """

    place: str
    states: dict[str, str]
    serial: int
    allowed: list[str]
    suspect: bool
    goes_on: bool


class Verdict(NamedTuple):
    """RIGHT, LOST or WRONG with its reason; the codes that were told."""

    verdict: str
    reason: str
    codes: list[str]
    seconds: float


class BrokenPromiseError(Exception):
    """A promise that does not hold."""

    def __init__(self, verdict: str, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict


def judge(case: Case) -> Verdict:
    """Recover a state twice and go on from it; what was found."""
    started = time.process_time()
    said: list[Incident] = []
    try:
        _judge(case, said)
        verdict, reason = RIGHT, ""
    except BrokenPromiseError as broken:
        verdict, reason = broken.verdict, str(broken)
    except Exception as failure:  # noqa: BLE001 - whatever it is, the state is wrong
        verdict, reason = WRONG, f"{type(failure).__name__}: {failure}"
    codes = [told.code for told in said]
    return Verdict(verdict, reason, codes, time.process_time() - started)


def _judge(case: Case, said: list[Incident]) -> None:
    folder = Path(case.place) / INDEX
    read = _read_without_repair(folder)
    complaint = _find_complaint(folder)
    store = _opened(folder, said)
    try:
        found = digest_of_store(store)
        _check_is_acknowledged(case, found, store.status().serial)
        if case.suspect and not store.must_hash_sources:
            raise BrokenPromiseError(WRONG, "it forgot that a journal was lost")
        if read not in ("", found):
            raise BrokenPromiseError(
                WRONG, "a reader sees another state than the writer"
            )
        _settle(store)
        told = {one.code for one in said}
        if not told <= set(case.allowed):
            raise BrokenPromiseError(WRONG, f"it says {sorted(told)}: {said[0]}")
        if complaint and frozenset(case.allowed) == AFTER_A_CRASH:
            raise BrokenPromiseError(WRONG, f"verify calls it damaged: {complaint}")
        _check_whole(store, folder, found)
    finally:
        store.close()
    _check_second_load(case, folder, found)


def _read_without_repair(folder: Path) -> str:
    """What a process without the lock finds, as `verify --no-sources` shows it."""
    try:
        data = load_for_reading(RealDisk(), folder).data
        return digest_of({path: data.record(path) for path in data.paths()})
    except CorruptionError:
        return ""  # damaged or not begun: only a writer can tell


def _find_complaint(folder: Path) -> str:
    """What `codanna-lsp verify` calls damaged, "" for nothing, or for no index yet."""
    if not (folder / META_NAME).exists():
        return ""
    return "".join(f"{p.name}: {p.damage}" for p in check_parts(folder) if p.damage)


def _check_is_acknowledged(case: Case, found: str, serial: int) -> None:
    known = [int(s) for s, digest in case.states.items() if digest == found]
    if not known:
        raise BrokenPromiseError(
            WRONG, f"transaction {serial} is a state that never existed"
        )
    if max(known) < case.serial or serial < case.serial:
        reason = f"transaction {serial} was found, {case.serial} was acknowledged"
        raise BrokenPromiseError(LOST, reason)


def _settle(store: IndexStore) -> None:
    store.check_search_index()
    while not store.verify_blobs():
        pass
    if store.is_checkpoint_due() and not store.checkpoint():
        raise BrokenPromiseError(WRONG, "the checkpoint after a repair failed")


def _check_whole(store: IndexStore, folder: Path, found: str) -> None:
    """Both stores hold the same, every byte is good, and the answer is still the same."""
    if store.verify():
        raise BrokenPromiseError(WRONG, f"damage is left: {store.verify()}")
    if digest_of_store(store) != found:
        raise BrokenPromiseError(WRONG, "the repair changed the index")
    held, snapshot = store._live.held, store._live.snapshot
    if held is None:
        raise BrokenPromiseError(WRONG, "the store cannot be written")
    manifest = held.writer.manifest
    if snapshot is None or not manifest.search:
        return
    metadata, records = read_search_index(folder / manifest.search)
    if metadata != manifest.metadata:
        raise BrokenPromiseError(
            WRONG, f"Tantivy says {metadata}, index.meta {manifest.metadata}"
        )
    columns = snapshot.columns
    one = digest_of(
        {
            columns.path(row): columns.record(row, facts=snapshot.read_blob(row))
            for row in range(columns.file_count)
        }
    )
    if one != digest_of({record.path: record for record in records}):
        raise BrokenPromiseError(WRONG, "the two stores hold different records")


def _check_second_load(case: Case, folder: Path, found: str) -> None:
    said: list[Incident] = []
    store = _opened(folder, said)
    try:
        if digest_of_store(store) != found:
            raise BrokenPromiseError(WRONG, "the second load finds another state")
        _settle(store)
        if said:
            raise BrokenPromiseError(WRONG, f"the second load says {said[0]}")
        if case.goes_on:
            if not commit(store, [1, 12], version=99) or not store.checkpoint():
                raise BrokenPromiseError(WRONG, f"nothing more can be saved: {said}")
            _check_whole(store, folder, digest_of_store(store))
        if said:
            raise BrokenPromiseError(WRONG, f"a later checkpoint says {said[0]}")
    finally:
        store.close()


def _opened(folder: Path, said: list[Incident]) -> IndexStore:
    folder.parent.mkdir(parents=True, exist_ok=True)
    return IndexStore.open(
        folder,
        root=folder.parents[3] / "no sources",
        on_incident=said.append,
        inline=True,
    )


def main() -> None:
    """Judge until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        given: dict[str, Any] = json.loads(line)
        case = Case(**given)
        verdict = judge(case)
        shutil.rmtree(case.place, ignore_errors=True)
        answers.write(json.dumps(verdict._asdict()) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
