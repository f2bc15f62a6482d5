"""Progress: `$/progress` for what takes long, from any thread.

Invariant: what has begun ends, and nothing is reported after the end.
Invariant: a client that did not announce work-done progress hears nothing.
"""

import time
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future

    from codanna_lsp.indexing import progress
    from codanna_lsp.server.session import Session

_SPACING_S = 0.1
_PATIENCE_S = 0.3  # what is over sooner is not worth a bar


class Progress:
    """One bar; used on the loop only."""

    def __init__(self, session: "Session", title: str) -> None:
        self._session = session
        self._title = title
        self._token = f"codanna-{uuid.uuid4()}"
        self._wanted = session.client.progress
        self._started_s = time.monotonic()
        self._reported_s = 0.0
        self._is_created = False
        self._is_begun = False
        self._is_over = False
        self._last = ("", 0)

    def report(self, message: str, percentage: int) -> None:
        """Say how far it is, 0 to 100; more than ten times a second is dropped."""
        now = time.monotonic()
        self._last = (message, max(0, min(100, percentage)))
        if not self._wanted or self._is_over or now - self._started_s < _PATIENCE_S:
            return
        if not self._is_created:
            self._create()
        elif self._is_begun and now - self._reported_s >= _SPACING_S:
            self._reported_s = now
            self._send("report", message=message, percentage=self._last[1])

    def end(self, message: str) -> None:
        """Take the bar away with a last word."""
        self._is_over = True
        if self._is_begun:
            self._is_begun = False
            self._send("end", message=message)

    def _create(self) -> None:
        self._is_created = True
        session = self._session

        def answered(future: "Future[Any]") -> None:
            if future.exception() is None:
                session.on_loop(self._begin)

        params = {"token": self._token}
        asked = session.protocol.ask("window/workDoneProgress/create", params)
        asked.add_done_callback(answered)

    def _begin(self) -> None:
        if self._is_over:
            return
        self._is_begun = True
        message, percentage = self._last
        self._send(
            "begin",
            title=self._title,
            message=message,
            percentage=percentage,
            cancellable=False,
        )

    def _send(self, kind: str, **value: Any) -> None:
        params = {"token": self._token, "value": {"kind": kind, **value}}
        self._session.protocol.notify("$/progress", params)


class RunBar:
    """The bar of one root's index runs, one run after the other.

    `report` is called in the run's thread, the others on the loop.
    """

    def __init__(self, session: "Session", name: str) -> None:
        self._session = session
        self._title = f"codanna: {name}"
        self._bar: Progress | None = None
        self._reported_s = 0.0

    def begin(self) -> None:
        """A run has begun."""
        self._bar = Progress(self._session, self._title)

    def report(self, progress: "progress.Progress") -> None:
        """How far the run is; more than ten times a second is dropped."""
        now = time.monotonic()
        if now - self._reported_s < _SPACING_S:
            return
        self._reported_s = now
        done, total = progress.done, progress.total
        message = f"{progress.phase} {done}/{total} files" if total else progress.phase
        percentage = 100 * done // total if total else 0
        self._session.on_loop(self._show, message, percentage)

    def end(self, message: str) -> None:
        """The run has ended."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.end(message)

    def _show(self, message: str, percentage: int) -> None:
        if self._bar is not None:
            self._bar.report(message, percentage)
