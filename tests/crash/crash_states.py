"""Every state of a folder that a crash may leave, under three models of a file system.

    kill      the process ends: everything that it did is there, a write perhaps in part
    ordered   the power fails: names persist in their order, up to any point after the
              last sync of a folder; bytes that were not synced are absent, zeroed, torn
              (only the first half is there) or late (only the second half is)
    weak      the power fails on a file system that owes no order: of the names that no
              sync of their folder covers, any subset; bytes as above

In each, what was synced is there, and a rename is there as a whole or not at all.

The weak model has more states than can be tried. Of each crash point with more than
WEAK_CAP subsets, WEAK_CAP are drawn with a seed: none, all, each one missing, and some
at random. Where more than BYTES_CAP ways to lose bytes come together, BYTES_CAP are
drawn likewise.
"""

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import xxhash

from tests.crash.system_calls import (
    GONE,
    ROOT,
    Acked,
    Cut,
    Event,
    Named,
    Recording,
    Synced,
    Wrote,
)

KILL, ORDERED, WEAK = "kill", "ordered", "weak"
MODELS = (KILL, ORDERED, WEAK)
WEAK_CAP = 16
BYTES_CAP = 12

WHOLE, ABSENT, ZEROED, TORN, LATE = "whole", "absent", "zeroed", "torn", "late"
_LOSSES = (WHOLE, ABSENT, ZEROED, TORN, LATE)

Names = dict[int, dict[str, int]]


class CrashState(NamedTuple):
    """One thing that may be on disk.

    files: by path in the world, the key of its content; "" is a folder's. acked: the
    last acknowledgement before it. point: the number of events before the crash.
    """

    files: tuple[tuple[str, str], ...]
    acked: str
    model: str
    point: int


class CrashStates:
    """The states of one recording, and the bytes that they are made of."""

    def __init__(self, recording: Recording, *, seed: int = 0) -> None:
        self.contents: dict[str, bytes] = {"": b""}
        self._events = recording.events
        self._before = recording.before
        self._folders = recording.folders
        self._random = random.Random(seed)
        self._known: dict[tuple[int, int, int, str], str] = {}
        self._reached: dict[tuple[int, int], tuple[int, int]] = {}
        self._changes: dict[int, list[tuple[int, Wrote | Cut]]] = {}
        self._syncs: dict[int, list[tuple[int, int]]] = {}
        for number, event in enumerate(self._events):
            if isinstance(event, Wrote | Cut):
                self._changes.setdefault(event.file, []).append((number, event))
            elif isinstance(event, Synced):
                self._syncs.setdefault(event.inode, []).append((number, event.began))
        self._names = _names_over_time(recording)

    def enumerate(self, models: Sequence[str] = MODELS) -> Iterator[CrashState]:
        """All states of these models; many are equal."""
        by_model = {KILL: self._killed, ORDERED: self._ordered, WEAK: self._weak}
        acked = ""
        for point in range(len(self._events) + 1):
            event = self._events[point - 1] if point else None
            if isinstance(event, Acked):
                acked = event.text
            if isinstance(event, Synced):
                continue  # nothing is possible now that was not before it
            for model in models:
                for files in by_model[model](point):
                    yield CrashState(files, acked, model, point)

    # ---- the models

    def _killed(self, point: int) -> Iterator[tuple[tuple[str, str], ...]]:
        yield self._listed(self._names[point], point, {})
        last = self._events[point - 1] if point else None
        if isinstance(last, Wrote) and len(last.data) > 1:
            # The signal may come while the kernel copies.
            half = self._torn_write(point)
            yield self._listed(self._names[point], point, {last.file: half})

    def _ordered(self, point: int) -> Iterator[tuple[tuple[str, str], ...]]:
        lasting = max(
            (
                event.began
                for event in self._events[:point]
                if isinstance(event, Synced) and event.inode in self._folders
            ),
            default=0,
        )
        for reached in range(lasting, point + 1):
            if reached > lasting and not isinstance(self._events[reached - 1], Named):
                continue  # the same names as before
            names = self._names[reached]
            for lost in self._losses(names, point):
                yield self._listed(names, point, lost)

    def _weak(self, point: int) -> Iterator[tuple[tuple[str, str], ...]]:
        covered: list[int] = []
        pending: list[int] = []
        for number, event in enumerate(self._events[:point]):
            if isinstance(event, Named):
                is_covered = self._is_covered(number, event, point)
                (covered if is_covered else pending).append(number)
        for kept in self._subsets(pending):
            chosen = [self._events[number] for number in sorted([*covered, *kept])]
            names = _applied(self._names[0], chosen)
            for lost in self._some_losses(names, point):
                yield self._listed(names, point, lost)

    def _is_covered(self, number: int, event: Named, point: int) -> bool:
        return all(
            any(
                done < point and began > number
                for done, began in self._syncs.get(folder, ())
            )
            for folder, _, _ in event.entries
        )

    def _subsets(self, pending: list[int]) -> Iterator[list[int]]:
        count = len(pending)
        if 2**count <= WEAK_CAP:
            for flags in itertools.product((False, True), repeat=count):
                yield list(itertools.compress(pending, flags))
            return
        yield pending
        yield []
        missing = list(range(count))
        self._random.shuffle(missing)
        for one in missing[: WEAK_CAP // 2]:
            yield pending[:one] + pending[one + 1 :]
        for _ in range(WEAK_CAP - 2 - min(count, WEAK_CAP // 2)):
            yield [number for number in pending if self._random.random() < 0.5]

    # ---- bytes

    def _losses(self, names: Names, point: int) -> Iterator[dict[int, str]]:
        """What may become of the unsynced bytes of the files that have a name."""
        loose = [f for f in sorted(_files(names)) if self._is_loose(f, point)]
        count = len(loose)
        if len(_LOSSES) ** count <= BYTES_CAP:
            for losses in itertools.product(_LOSSES, repeat=count):
                yield self._keys(loose, losses, point)
            return
        for loss in _LOSSES:
            yield self._keys(loose, [loss] * count, point)
        for _ in range(BYTES_CAP - len(_LOSSES)):
            some = [self._random.choice(_LOSSES) for _ in loose]
            yield self._keys(loose, some, point)

    def _some_losses(self, names: Names, point: int) -> Iterator[dict[int, str]]:
        """Nothing lost, all lost, and one at random: the names are what varies here."""
        loose = [f for f in sorted(_files(names)) if self._is_loose(f, point)]
        if not loose:
            yield {}
            return
        yield self._keys(loose, [WHOLE] * len(loose), point)
        yield self._keys(loose, [ABSENT] * len(loose), point)
        yield self._keys(loose, [self._random.choice(_LOSSES) for _ in loose], point)

    def _keys(
        self, files: list[int], losses: Sequence[str], point: int
    ) -> dict[int, str]:
        pairs = zip(files, losses, strict=True)
        return {file: self._content(file, point, loss) for file, loss in pairs}

    def _is_loose(self, file: int, point: int) -> bool:
        done, durable = self._progress(file, point)
        return done > durable

    def _progress(self, file: int, point: int) -> tuple[int, int]:
        """How many changes of a file were made, and how many of these are durable."""
        known = self._reached.get((file, point))
        if known is not None:
            return known
        changes = self._changes.get(file, ())
        lasting = max(
            (began for done, began in self._syncs.get(file, ()) if done < point),
            default=0,
        )
        made = sum(number < point for number, _ in changes)
        durable = sum(number < lasting for number, _ in changes)
        self._reached[file, point] = (made, durable)
        return made, durable

    def _content(self, file: int, point: int, loss: str) -> str:
        made, durable = self._progress(file, point)
        key = (file, made, durable, loss)
        if key not in self._known:
            changes = [change for _, change in self._changes.get(file, ())][:made]
            before = self._before.contents.get(file, b"")
            data = _bytes_after(before, changes, durable, loss)
            self._known[key] = self._keep(data)
        return self._known[key]

    def _torn_write(self, point: int) -> str:
        last = self._events[point - 1]
        assert isinstance(last, Wrote)
        made, _ = self._progress(last.file, point)
        changes = [change for _, change in self._changes[last.file]][:made]
        changes[-1] = last._replace(data=last.data[: len(last.data) // 2])
        before = self._before.contents.get(last.file, b"")
        return self._keep(_bytes_after(before, changes, made, WHOLE))

    def _keep(self, data: bytes) -> str:
        key = xxhash.xxh3_128_hexdigest(data)
        self.contents[key] = data
        return key

    def _listed(
        self, names: Names, point: int, keys: dict[int, str]
    ) -> tuple[tuple[str, str], ...]:
        """Each path with the key of its content; folders first before what they hold."""
        found: list[tuple[str, str]] = []
        waiting = [("", ROOT)]
        while waiting:
            prefix, folder = waiting.pop()
            for name, inode in names.get(folder, {}).items():
                path = f"{prefix}{name}"
                if inode in names:
                    found.append((path, ""))
                    waiting.append((f"{path}/", inode))
                else:
                    key = keys.get(inode)
                    found.append((path, key or self._content(inode, point, WHOLE)))
        return tuple(sorted(found))


def unique_states(states: Iterable[CrashState]) -> dict[str, CrashState]:
    """The different ones, by a hash of what is on disk.

    Of two that are equal the later one is kept: more was acknowledged before it.
    """
    found: dict[str, CrashState] = {}
    for state in states:
        text = "\0".join(f"{path}\0{key}" for path, key in state.files)
        found[xxhash.xxh3_128_hexdigest(text.encode("utf-8", "surrogateescape"))] = (
            state
        )
    return found


def _names_over_time(recording: Recording) -> list[Names]:
    """The names after each number of events; folders that were made later are empty."""
    before = recording.before.names
    names = {folder: before.get(folder, {}) for folder in recording.folders}
    over_time = [names]
    for event in recording.events:
        if isinstance(event, Named):
            names = _applied(names, [event])
        over_time.append(names)
    return over_time


def _applied(before: Names, events: Iterable[Event]) -> Names:
    names = dict(before)
    own: set[int] = set()
    for event in events:
        for folder, name, inode in event.entries if isinstance(event, Named) else ():
            if folder not in own:
                own.add(folder)
                names[folder] = dict(names.get(folder, {}))
            if inode == GONE:
                names[folder].pop(name, None)
            else:
                names[folder][name] = inode
    return names


def _files(names: Names) -> set[int]:
    """The files that a path leads to."""
    found: set[int] = set()
    waiting = [ROOT]
    while waiting:
        for inode in names.get(waiting.pop(), {}).values():
            if inode in names:
                waiting.append(inode)
            else:
                found.add(inode)
    return found


def _bytes_after(
    before: bytes, changes: Sequence[Wrote | Cut], durable: int, loss: str
) -> bytes:
    """A file's bytes when of the changes after the first `durable` ones some are lost."""
    data = bytearray(before)
    loose = sum(len(c.data) for c in changes[durable:] if isinstance(c, Wrote))
    seen = 0
    for number, change in enumerate(changes):
        if number >= durable and loss == ABSENT:
            break
        if isinstance(change, Cut):
            del data[change.size :]
            data.extend(bytes(change.size - len(data)))
            continue
        written = change.data
        if number >= durable:
            written = _damaged(written, loss, left=loose // 2 - seen)
            seen += len(change.data)
        data.extend(bytes(max(0, change.at - len(data))))
        data[change.at : change.at + len(written)] = written
    return bytes(data)


def _damaged(data: bytes, loss: str, *, left: int) -> bytes:
    """What is left of unsynced bytes; `left` of them belong to the first half."""
    first = max(0, min(left, len(data)))
    if loss == ZEROED:
        return bytes(len(data))
    if loss == TORN:
        return data[:first]
    if loss == LATE:
        return bytes(first) + data[first:]
    return data


def shown(event: Event) -> str:
    """An event in a few words, for a report."""
    if isinstance(event, Named):
        names = [
            f"{name}{'' if inode else ' gone'}" for _, name, inode in event.entries
        ]
        return " + ".join(names)
    if isinstance(event, Wrote):
        return f"{len(event.data)} bytes written"
    return str(event)
