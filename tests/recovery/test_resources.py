"""Nothing is held longer than it is used: descriptors, maps and threads do not grow."""

import gc
import threading
from pathlib import Path

import pytest

from codanna_lsp.store.index_store import IndexStore
from tests.recovery.saved_index import Opened, State, commit, state_of

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/maps").exists(), reason="no /proc here"
)


def held(folder: Path) -> tuple[int, int, int]:
    """Open descriptors, maps of files in the folder, and threads of this process."""
    gc.collect()
    maps = Path("/proc/self/maps").read_text().splitlines()
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return (
        descriptors,
        sum(str(folder) in one for one in maps),
        threading.active_count(),
    )


def check_no_more(folder: Path, before: tuple[int, int, int]) -> None:
    """Less is fine: what another test began may end meanwhile."""
    assert all(now <= then for now, then in zip(held(folder), before, strict=True))


def test_a_thousand_opens_and_closes(saved: tuple[Path, State]) -> None:
    folder, state = saved
    one = Opened(folder)
    assert state_of(one.store) == state
    one.store.close()
    del one
    before = held(folder)
    for _ in range(1000):
        IndexStore.open(folder, root=folder, inline=True).close()
    assert held(folder) == before


def test_many_checkpoints_and_a_reader_that_follows(saved: tuple[Path, State]) -> None:
    folder, _ = saved
    writer, reader = Opened(folder), Opened(folder)

    def go_on(number: int) -> None:
        commit(writer.store, [number % 12], version=number)
        assert writer.store.checkpoint()
        assert reader.store.follow()
        assert state_of(reader.store) == state_of(writer.store)

    for number in range(3):
        go_on(number)
    before = held(folder)
    for number in range(60):
        go_on(number)
    assert held(folder) == before
    assert len(list(folder.glob("*"))) < 12
    reader.store.close()
    writer.store.close()
