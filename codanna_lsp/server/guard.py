"""The one place that catches broadly: a handler's error is one error response.

Invariant: what ends a process on purpose (SystemExit, KeyboardInterrupt) passes.
"""

import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from codanna_lsp.errors import (
    CodannaError,
    CorruptionError,
    QuestionError,
    SettingsError,
)

_log = logging.getLogger("codanna_lsp.server")
_Result = TypeVar("_Result")

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
REQUEST_FAILED = -32803
REQUEST_CANCELLED = -32800

_MAX_MESSAGE = 1000


class ResponseFailure(Exception):  # noqa: N818 - it is the failure of one response
    """A request that is answered with this error.

    may_be_damage: the index may not be what was written: it should be looked at.
    """

    def __init__(self, code: int, message: str, *, may_be_damage: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.may_be_damage = may_be_damage


def attempt(what: str, job: Callable[[], _Result]) -> tuple[_Result | None, bool]:
    """Run a job that nobody waits for: its result and whether it ended well."""
    try:
        return job(), True
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001 - a Rust panic is a BaseException
        log_failure(what, error)
        return None, False


def fulfil(future: Future[_Result], job: Callable[[], _Result]) -> None:
    """Run a job and put what it returns or raises into its future."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = job()
    except BaseException as error:  # noqa: BLE001 - whoever waits is told all of it
        future.set_exception(error)
    else:
        future.set_result(result)


def call(handler: Callable[[Any], Any], params: Any) -> Any:
    """Call a handler; whatever it raises comes out as a ResponseFailure."""
    try:
        return handler(params)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise to_failure(error) from error


async def call_later(awaitable: Awaitable[Any]) -> Any:
    """Await a handler's answer; what it raises comes out as a ResponseFailure."""
    try:
        return await awaitable
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise to_failure(error) from error


def to_failure(error: BaseException) -> ResponseFailure:
    """The error response that tells of this exception, logged when it is our bug."""
    import asyncio

    if isinstance(error, ResponseFailure):
        return error
    if isinstance(error, asyncio.CancelledError):
        return ResponseFailure(REQUEST_CANCELLED, "the request was cancelled")
    if isinstance(error, QuestionError | SettingsError):
        return ResponseFailure(INVALID_PARAMS, str(error)[:_MAX_MESSAGE])
    if isinstance(error, CodannaError):
        damage = isinstance(error, CorruptionError)
        text = str(error)[:_MAX_MESSAGE]
        return ResponseFailure(REQUEST_FAILED, text, may_be_damage=damage)
    log_failure("a request", error)
    text = f"{type(error).__name__}: {error}"[:_MAX_MESSAGE]
    return ResponseFailure(INTERNAL_ERROR, text, may_be_damage=True)


def log_failure(what: str, error: BaseException) -> None:
    """Log an exception with its stack, or a failure of the world in one line."""
    if isinstance(error, CodannaError):
        _log.warning("%s: %s", what, error)
    else:
        _log.error("%s failed", what, exc_info=error)
