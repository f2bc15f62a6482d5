"""What a user reads of an incident: what was damaged, what was done, what was lost."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

import pytest

from codanna_lsp.server.keeping.telling import ENDING_S, Teller, to_text
from codanna_lsp.store import incident

if TYPE_CHECKING:
    from codanna_lsp.server.root import Root
    from codanna_lsp.server.session import Session


@pytest.mark.parametrize(
    "told",
    [
        incident.snapshot_rebuilt("it is cut short"),
        incident.rolled_forward(7),
        incident.folder_gone("/cache/index"),
        incident.rebuild("nothing is there"),
    ],
)
def test_what_was_damaged_says_what_was_lost(told: incident.Incident) -> None:
    text = to_text(told)
    assert text.startswith(f"{told.damaged}: {told.done}; nothing ")
    assert text.endswith("was lost")


@pytest.mark.parametrize(
    "told",
    [
        incident.reader(4711),
        incident.took_over(),
        incident.in_memory("the disk is full"),
        incident.newer_format(9),
    ],
)
def test_where_nothing_could_be_lost_nothing_is_said_of_it(
    told: incident.Incident,
) -> None:
    assert to_text(told) == f"{told.damaged}: {told.done}"


class PatientLoop(asyncio.SelectorEventLoop):
    """A loop whose clock stands still until it is moved on."""

    now_s = 100.0

    def time(self) -> float:
        return self.now_s

    def move_on(self, seconds: float) -> None:
        self.now_s += seconds
        self.run_until_complete(asyncio.sleep(0))
        self.run_until_complete(asyncio.sleep(0))


class Listening:
    """A session of one root that keeps what is said."""

    roots = ("only",)

    def __init__(self, loop: PatientLoop) -> None:
        self._loop = loop
        self.shown: list[str] = []
        self.logged: list[str] = []

    def on_loop(self, job: Callable[..., object], *arguments: object) -> None:
        self._loop.call_soon(job, *arguments)

    def show(self, text: str, _kind: int) -> None:
        self.shown.append(text)

    def say_once(self, text: str, kind: int) -> None:
        if text not in self.shown:
            self.show(text, kind)

    def log(self, text: str, _kind: int) -> None:
        self.logged.append(text)


@pytest.fixture
def loop() -> Iterator[PatientLoop]:
    loop = PatientLoop()
    yield loop
    loop.close()


def test_another_writer_is_told_of_once_it_has_stayed(loop: PatientLoop) -> None:
    session = Listening(loop)
    teller = Teller(cast("Session", session), cast("Root", None))
    teller.tell_incident(incident.reader(4711))
    loop.move_on(ENDING_S / 2)
    assert session.shown == []
    loop.move_on(ENDING_S)
    (text,) = session.shown
    assert "process 4711 writes the index" in text
    loop.move_on(10 * ENDING_S)
    assert len(session.shown) == 1


def test_of_a_writer_that_was_just_ending_nothing_is_shown(loop: PatientLoop) -> None:
    """An editor starts its server anew before the old one has let go of the lock."""
    session = Listening(loop)
    teller = Teller(cast("Session", session), cast("Root", None))
    teller.tell_incident(incident.reader(4711))
    loop.move_on(ENDING_S / 2)
    teller.tell_incident(incident.took_over())
    loop.move_on(10 * ENDING_S)
    assert session.shown == []
    assert any("has ended" in text for text in session.logged)


def test_a_disk_that_is_full_again_is_told_of_again(loop: PatientLoop) -> None:
    """In the same words, since the store tells of each trouble once until it is over."""
    session = Listening(loop)
    teller = Teller(cast("Session", session), cast("Root", None))
    for _ in range(2):
        teller.tell_incident(incident.not_durable("No space left on device"))
        loop.move_on(1.0)
    assert len(session.shown) == 2
    for _ in range(2):
        teller.tell_incident(incident.newer_format(99))
        loop.move_on(1.0)
    assert len(session.shown) == 3
