"""The journal, cut at every byte and flipped at every byte."""

import functools
import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from codanna_lsp.store.journals.journal import journal_serial
from tests.faults.rot.fault import Fault, apply, manifest_of
from tests.faults.rot.harm import Verdict, verdict_of
from tests.faults.sourced_index import Outcome, Sourced, heal, opened


def journal_faults(folder: Path) -> Iterator[Fault]:
    """Every cut and one flip of every byte, of each journal of the live chain."""
    manifest = manifest_of(folder)
    for path in sorted(folder.glob("journal-*.wal")):
        serial = journal_serial(path.name)
        if serial is None or serial < manifest.first_journal:
            continue
        size = path.stat().st_size
        chance = random.Random(path.name)
        for at in range(size):
            yield Fault(path.name, f"cut {at}")
            yield Fault(path.name, f"flip {at}.{chance.randrange(8)}")


def shuffled_faults(folder: Path) -> Iterator[Fault]:
    """A journal twice, another's bytes in it, its frames in another order."""
    manifest = manifest_of(folder)
    live = range(manifest.first_journal, manifest.newest_journal + 1)
    for serial in live:
        name = f"journal-{serial}.wal"
        if not (folder / name).exists():
            continue
        yield Fault(name, "twice")
        yield Fault(name, "reversed")
        for other in live:
            if other != serial:
                yield Fault(name, f"from {other}")


def harm(folder: Path, fault: Fault) -> None:
    """Do what a fault says."""
    path = folder / fault.name
    how, _, rest = fault.how.partition(" ")
    data = path.read_bytes()
    if how == "cut":
        path.write_bytes(data[: int(rest)])
    elif how == "twice":
        path.write_bytes(data + data[64:])
    elif how == "reversed":
        frames = data[64:].split(b"\xc0\xdaJ\x01")[1:]
        path.write_bytes(
            data[:64] + b"".join(b"\xc0\xdaJ\x01" + f for f in frames[::-1])
        )
    elif how == "from":
        shutil.copy(folder / f"journal-{rest}.wal", path)
    else:
        apply(folder, fault)


def judge_journal(sourced: Sourced, faults: Sequence[Fault], folder: Path) -> Verdict:
    """Harm a copy at `folder`, heal it, and say how that went."""
    sourced.copied(folder)
    for fault in faults:
        harm(folder, fault)
    alone = _is_a_state(sourced, folder)
    outcome = heal(sourced, folder)
    shutil.rmtree(folder, ignore_errors=True)
    if not alone:
        trouble = f"recovery alone gives no state that existed; {outcome.trouble}"
        outcome = Outcome(outcome.codes, outcome.alone, False, False, trouble)
    return verdict_of(sourced, outcome, faults)


def _is_a_state(sourced: Sourced, folder: Path) -> bool:
    """Whether what recovery alone gives is the index after some transaction."""
    copy = folder.with_name(f"{folder.name}-alone")
    shutil.copytree(folder, copy)
    with opened(sourced.root, copy) as one:
        found = one.dump()
    shutil.rmtree(copy)
    return found in _states(sourced)


@functools.cache
def _states_of(folder: Path) -> list[object]:
    """The index as it was after each whole transaction of its journals."""
    from codanna_lsp.store.changes import split
    from codanna_lsp.store.disk import RealDisk
    from codanna_lsp.store.journals.chain import Chain
    from codanna_lsp.store.journals.journal import JournalReader, read_header
    from codanna_lsp.store.recovering.recovery import open_base, replayed

    manifest = manifest_of(folder)
    base = open_base(RealDisk(), folder, manifest.base)
    data = replayed(base, Chain({}, 0, None, False, "", 0, None))
    states: list[object] = [data.dump()]
    for serial in range(manifest.first_journal, manifest.newest_journal + 1):
        path = folder / f"journal-{serial}.wal"
        if path.exists():
            view = memoryview(path.read_bytes())
            reader = JournalReader(read_header(view, serial=serial))
            for transaction in reader.read(view, len(view)):
                data = data.with_changes(*split(transaction.changes))
                states.append(data.dump())
    return states


def _states(sourced: Sourced) -> list[object]:
    return _states_of(sourced.folder)
