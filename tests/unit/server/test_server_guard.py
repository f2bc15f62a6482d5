"""The guard and the workers: whatever a job raises is told, and the next one runs."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from codanna_lsp.errors import LockedError, QuestionError
from codanna_lsp.server import guard
from codanna_lsp.server.keeping.worker import Worker


class PanicException(BaseException):
    """As a Rust panic comes out of a binding."""


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("test")
    yield worker
    assert worker.close(timeout_s=30)


def raising(error: BaseException) -> Any:
    def handler(_params: Any) -> None:
        raise error

    return handler


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (guard.ResponseFailure(-32602, "no"), -32602),
        (QuestionError("no"), -32602),
        (LockedError("no", holder=1), -32803),
        (asyncio.CancelledError(), -32800),
        (ValueError("no"), -32603),
        (RecursionError("no"), -32603),
        (MemoryError(), -32603),
        (PanicException("no"), -32603),
    ],
)
def test_whatever_a_handler_raises_is_one_error_response(
    error: BaseException, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.CRITICAL),
        pytest.raises(guard.ResponseFailure) as told,
    ):
        guard.call(raising(error), {})
    assert told.value.code == code


def test_the_end_of_the_process_is_no_error_of_a_handler() -> None:
    with pytest.raises(SystemExit):
        guard.call(raising(SystemExit(3)), {})


def test_jobs_run_in_order_and_their_errors_are_theirs_alone(worker: Worker) -> None:
    def panic() -> None:
        raise PanicException("no")

    done: list[int] = []
    first = worker.submit(lambda: done.append(1))
    broken = worker.submit(panic)
    last = worker.submit(lambda: done.append(2))
    last.result(30)
    assert (first.result(30), done) == (None, [1, 2])
    assert isinstance(broken.exception(30), PanicException)


def test_a_closed_worker_takes_no_more_jobs() -> None:
    worker = Worker("test")
    gate, begun = threading.Event(), threading.Event()

    def job() -> bool:
        begun.set()
        return gate.wait(30)

    running = worker.submit(job)
    assert begun.wait(30)
    waiting = worker.submit(lambda: None)
    assert not worker.close(timeout_s=0)
    assert waiting.cancelled()
    assert worker.submit(lambda: None).cancelled()
    gate.set()
    assert running.result(30)
