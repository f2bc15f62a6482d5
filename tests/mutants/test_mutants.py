"""Some hundreds of mutants, and the proof that the judge sees what is wrong.

All ten thousand: `python -m tests.mutants`.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from codanna_lsp.server.protocol import Protocol
from codanna_lsp.server.wire.frames import FrameDecoder
from tests.mutants.__main__ import outcomes, trouble_of
from tests.mutants.oracle import Kind, judge, read_stream
from tests.mutants.play import Arena, play_here
from tests.mutants.recorded import frame, sessions

SEED = 2
HERE = 250
IN_PROCESSES = 10
SABOTAGED = 25  # mutants, of which at least one must show the sabotage


# A server's worker process ends behind a session of some milliseconds; here the process
# that it would report to stays.
pytestmark = pytest.mark.filterwarnings(
    "ignore:subprocess .* is still running:ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Arena:
    return Arena.make(tmp_path_factory.mktemp("mutants"))


def test_every_mutant_is_answered_once_or_ended() -> None:
    found = outcomes((range(HERE), "here"), seed=SEED)
    assert [trouble for outcome in found if (trouble := trouble_of(outcome))] == []


def test_mutants_end_processes_in_order() -> None:
    numbers = range(HERE, HERE + IN_PROCESSES)
    found = outcomes((numbers, "real"), seed=SEED)
    assert [trouble for outcome in found if (trouble := trouble_of(outcome))] == []


# ---- the judge


def sabotaged(arena: Arena) -> set[str]:
    """Which kinds of trouble the judge tells of in the first mutant with any."""
    kinds = ("missing", "double", "wrong")
    for number in range(SABOTAGED):
        outcome = play_here(arena, SEED, number)
        found = {kind for kind in kinds if getattr(outcome.verdict, kind)}
        if found:
            return found
    return set()


def test_a_lost_reply_is_seen(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Protocol._send_failure

    def lossy(self: Protocol, request_id: Any, code: int, text: str) -> None:
        if request_id is None:
            send(self, request_id, code, text)

    monkeypatch.setattr(Protocol, "_send_failure", lossy)
    monkeypatch.setattr("tests.mutants.play.REPLY_S", 0.5)
    assert "missing" in sabotaged(arena)


def test_a_second_reply_is_seen(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Protocol._send_result

    def stammering(self: Protocol, request_id: Any, result: Any) -> None:
        send(self, request_id, result)
        send(self, request_id, result)

    monkeypatch.setattr(Protocol, "_send_result", stammering)
    assert "double" in sabotaged(arena)


def test_a_wrong_end_is_seen(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    def easy(self: Protocol, error: Exception | None) -> None:
        del error
        self.on_end(0)

    monkeypatch.setattr(Protocol, "ended", easy)
    assert "wrong" in sabotaged(arena)


def test_a_reader_out_of_step_is_seen(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = FrameDecoder.feed

    def hasty(self: FrameDecoder, data: bytes) -> Iterator[bytes]:
        for body in feed(self, data):
            yield body[:-1] if len(body) == 52 else body

    monkeypatch.setattr(FrameDecoder, "feed", hasty)
    monkeypatch.setattr("tests.mutants.play.REPLY_S", 0.5)
    assert sabotaged(arena) & {"missing", "wrong", "double"}


def test_recorded_sessions_are_well_formed(arena: Arena) -> None:
    for name, bodies in sessions(arena.root).items():
        stream = read_stream(b"".join(map(frame, bodies)))
        assert stream.rest == b"", name
        assert len(stream.messages) == len(bodies)
        kinds = {message.kind for message in stream.messages}
        assert kinds <= {Kind.REQUEST, Kind.NOTIFICATION, Kind.RESPONSE}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"jsonrpc":"2.0","id":1,"method":"a"}', Kind.REQUEST),
        (b'{"jsonrpc":"2.0","id":"1","method":"a"}', Kind.REQUEST),
        (b'{"jsonrpc":"2.0","method":"a"}', Kind.NOTIFICATION),
        (b'{"jsonrpc":"2.0","id":1,"result":null}', Kind.RESPONSE),
        (b'{"jsonrpc":"2.0","id":null,"method":"a"}', Kind.MALFORMED),
        (b'{"jsonrpc":"2.0","id":true,"method":"a"}', Kind.MALFORMED),
        (b'{"jsonrpc":"1.0","id":1,"method":"a"}', Kind.MALFORMED),
        (b"[", Kind.MALFORMED),
        (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"a"}', Kind.LOOSE),
        (b'{"jsonrpc":"2.0","id":1,"method":"a","params":NaN}', Kind.LOOSE),
    ],
)
def test_what_a_body_is(body: bytes, kind: Kind) -> None:
    (message,) = read_stream(frame(body)).messages
    assert message.kind is kind


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"Content-Length: -2\r\n\r\n{}",
        b"Content-Length: 99999999999\r\n\r\n{}",
        b"Content-Length: 2\n\n{}",
        b"Content-Length: 3\r\n\r\n{}",
        b"{}",
    ],
)
def test_what_is_no_frame(data: bytes) -> None:
    assert read_stream(data).messages == []
    assert judge(read_stream(data), [], 1).missing == []
