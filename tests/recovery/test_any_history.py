"""Any sequence of commits, checkpoints, crashes, full disks and single damages gives
the index that a plain dictionary gives."""

import random
import shutil
import threading
from pathlib import Path

import pytest

from codanna_lsp.model.facts import FileRecord
from codanna_lsp.store.metadata import search_number, snapshot_generation
from tests.recovery.crashing_disk import CrashingDisk
from tests.recovery.saved_index import (
    Opened,
    check_silent,
    commit,
    opened,
    settle,
    state_of,
)
from tests.unit.store.sample_records import sample_record

STEPS = 25
LOSES_NOTHING = {
    "SEARCH_REBUILT",
    "SNAPSHOT_REBUILT",
    "META_REBUILT",
    "BLOB_DAMAGED",
    "ROLLED_FORWARD",
    "SAFE_START",
}


class Model:
    """A store beside the dictionary that it must equal."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder = folder
        self.chance = chance
        self.state: dict[str, FileRecord] = {}
        self.disk = CrashingDisk()
        self.one = Opened(folder, disk=self.disk)
        self.version = 0

    def save(self) -> None:
        self.version += 1
        changed = self.chance.sample(range(12), self.chance.randint(1, 4))
        removed = self.chance.randint(-3, 11)
        assert commit(self.one.store, changed, version=self.version, removed=removed)
        for number in changed:
            record = sample_record(number, version=self.version)
            self.state[record.path] = record
        if removed >= 0:
            self.state.pop(sample_record(removed).path, None)

    def save_on_a_full_disk(self) -> None:
        self.disk.space = False
        record = sample_record(self.chance.randrange(12), version=99)
        with self.one.store.begin() as transaction:
            transaction.stage(record)
            assert not transaction.commit().durable
        self.disk.space = True
        self.state[record.path] = record
        assert self.one.store.make_durable()

    def roll_back(self) -> None:
        with self.one.store.begin() as transaction:
            transaction.stage(sample_record(3, version=77))
        self.check()

    def checkpoint(self) -> None:
        assert self.one.store.checkpoint()

    def settle(self) -> None:
        settle(self.one)

    def crash(self) -> None:
        self.one.die()
        self.load()

    def close(self) -> None:
        self.one.store.close()
        self.load()

    def crash_and_damage(self) -> None:
        """One part is lost; the other store or the journals have all of it."""
        self.one.die()
        names = [path.name for path in self.folder.iterdir()]
        parts = [n for n in names if snapshot_generation(n) or search_number(n)]
        name = self.chance.choice([*parts, "index.meta"])
        path = self.folder / name
        if path.is_dir():
            shutil.rmtree(path)
        elif self.chance.random() < 0.5:
            path.unlink()
        else:
            data = bytearray(path.read_bytes())
            data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
            path.write_bytes(data)
        self.load()
        # Two damages at a time can cost facts; one must be mended before the next.
        settle(self.one)
        assert self.one.store.checkpoint()
        assert self.one.store.checkpoint()

    def load(self) -> None:
        self.disk = CrashingDisk()
        self.one = Opened(self.folder, disk=self.disk)
        assert set(self.one.codes) <= LOSES_NOTHING, self.one.said

    def check(self) -> None:
        assert state_of(self.one.store) == self.state
        assert self.one.store.data.file_count == len(self.state)


@pytest.mark.parametrize("seed", range(12))
def test_any_history(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    model = Model(tmp_path / "index", chance)
    steps = (
        [model.save] * 4
        + [model.checkpoint, model.settle, model.crash, model.close]
        + [model.save_on_a_full_disk, model.roll_back, model.crash_and_damage]
    )
    for _ in range(STEPS):
        chance.choice(steps)()
        model.check()
    model.one.store.close()
    check_silent(tmp_path / "index", model.state)


def test_commits_and_questions_while_checkpoints_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with opened(folder, inline=False) as one:
        commit(one.store, range(20), version=0)
        ended = threading.Event()
        failed: list[str] = []

        def save_again() -> None:
            while not ended.is_set():
                if not one.store.checkpoint():
                    failed.append("checkpoint")

        saver = threading.Thread(target=save_again)
        saver.start()
        generation = 0
        for version in range(1, 10_000):
            assert commit(one.store, [version % 20], version=version)
            view = one.store.view()
            wanted = sample_record(version % 20, version=version)
            assert view.record(wanted.path) == wanted
            assert view.file_count == 20
            assert view.generation >= generation
            generation = view.generation
            if generation >= 3 and version > 200:
                break
        ended.set()
        saver.join()
        assert (failed, one.codes) == ([], [])
        state = state_of(one.store)
    check_silent(folder, state)


def test_many_short_sessions_make_a_checkpoint_due(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    for version in range(20):
        with opened(folder) as one:
            commit(one.store, [1], version=version)
    with opened(folder) as one:
        assert one.store.is_checkpoint_due()
        assert one.store.checkpoint()
        assert one.store.checkpoint()
        state = state_of(one.store)
    assert len(list(folder.glob("journal-*"))) <= 3
    check_silent(folder, state)


def test_what_is_told_can_be_sent(tmp_path: Path) -> None:
    folder = tmp_path / "caf\udce9"
    folder.touch()
    one = Opened(folder)
    assert one.codes == ["IN_MEMORY"]
    assert "caf?" in str(one.said[0])
    str(one.said[0]).encode()
