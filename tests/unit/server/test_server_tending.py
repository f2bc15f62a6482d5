"""When a reader tries to become the writer."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from codanna_lsp.server.keeping import tending
from codanna_lsp.server.keeping.telling import ENDING_S
from codanna_lsp.server.keeping.tending import TAKE_OVER_PERIOD_S, Tender

if TYPE_CHECKING:
    from codanna_lsp.server.keeping.keeper import Keeper
    from codanna_lsp.server.root import Root
    from codanna_lsp.server.session import Session


def _ignore(_asked: object) -> None:
    """Nothing is to be settled, and no command has left a request."""


class ReadersStore:
    """A store whose lock another process holds, and goes on holding."""

    mode = "reader"
    troubles = ()
    tries = 0

    def follow(self) -> bool:
        return False

    def try_take_over(self) -> bool:
        self.tries += 1
        return False


class ReadersKeeper:
    """A keeper that does at once what it is asked to do."""

    is_idle = True
    suspects_damage = False
    teller = SimpleNamespace(settle=_ignore)

    def __init__(self) -> None:
        self.store = ReadersStore()

    def tend(self, job: Callable[[ReadersStore], object]) -> None:
        job(self.store)


def test_a_writer_that_may_be_ending_is_asked_for_the_lock_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(f"{tending.__name__}.time.monotonic", lambda: now)
    monkeypatch.setattr(tending, "take_over_requests", _ignore)
    keeper = ReadersKeeper()
    tender = Tender(cast("Session", None), cast("Root", None), cast("Keeper", keeper))
    for _ in range(int(ENDING_S)):
        tender.tend()
        now += 1.0
    assert keeper.store.tries == int(ENDING_S)
    now += 10 * ENDING_S
    tender.tend()
    tries = keeper.store.tries
    for _ in range(int(3 * TAKE_OVER_PERIOD_S)):
        tender.tend()
        now += 1.0
    assert 2 <= keeper.store.tries - tries <= 3
