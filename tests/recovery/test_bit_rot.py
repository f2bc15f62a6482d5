"""One bit, one cut or one lost file anywhere: the right index, or a known loss."""

import random
import shutil
from pathlib import Path

import pytest

from codanna_lsp.store.journals.journal import journal_serial
from tests.recovery.saved_index import (
    State,
    check_silent,
    manifest_of,
    opened,
    settle,
    state_of,
    write_history,
)
from tests.unit.store.sample_records import sample_record

FLIPS_A_FILE = 4
NEWEST = {sample_record(number).path for number in (3, 8, 4)}
"""What the newest journal of the history speaks of."""


@pytest.fixture(scope="module")
def history(fast_folder: Path) -> tuple[Path, State]:
    folder = fast_folder / "history-bit-rot"
    return folder, write_history(folder)


def harmed(data: bytes, chance: random.Random) -> bytes:
    how = chance.randrange(8)
    if how == 0:
        return data[: chance.randrange(len(data) + 1)]
    if how == 1:
        return bytes(len(data))
    if how == 2:
        return data + chance.randbytes(20)
    flipped = bytearray(data)
    if flipped:
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def check_harm(source: Path, state: State, folder: Path, name: str, seed: int) -> None:
    shutil.copytree(source, folder)
    path = folder / name
    path.write_bytes(harmed(path.read_bytes(), random.Random(f"{name} {seed}")))
    newest = manifest_of(source).newest_journal
    in_journal = journal_serial(name) == newest
    with opened(folder) as one:
        settle(one)
        found = state_of(one.store)
        if in_journal:
            # The newest transactions are nowhere else but in the sources.
            wrong = {path for path in state if found.get(path) != state[path]}
            assert wrong <= NEWEST, seed
            assert "REBUILD" not in one.codes
        else:
            assert found == state, (one.said, seed)
        assert one.damaged == []
    check_silent(folder, found, saves=False)
    shutil.rmtree(folder, ignore_errors=True)


def test_harm_to_any_file(history: tuple[Path, State], tmp_path: Path) -> None:
    source, state = history
    names = [str(p.relative_to(source)) for p in source.rglob("*") if p.is_file()]
    assert len(names) > 10
    for number, name in enumerate(sorted(names)):
        for seed in range(FLIPS_A_FILE):
            check_harm(source, state, tmp_path / f"{number}-{seed}", name, seed)
