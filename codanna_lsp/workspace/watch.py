"""The server's own watcher, for clients that do not watch files themselves.

Invariant: no event is acted on here; batches only say which paths to look at again.
"""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from codanna_lsp.workspace.layers import NEVER_ENTERED

if TYPE_CHECKING:
    from watchfiles import Change

MAX_BATCH_PATHS = 10_000
POLL_SECONDS = 2.0

_QUIET_FOLDERS = NEVER_ENTERED | {"node_modules", "__pycache__"}
_log = logging.getLogger(__name__)


class Watcher:
    """A thread that reports changed paths in debounced batches.

    `on_batch` is called in that thread with paths relative to the root and must not
    raise; an empty batch says that too much happened to tell: look everywhere again.
    """

    def __init__(
        self, root: Path, on_batch: Callable[[list[str]], None], *, debounce_ms: int
    ) -> None:
        self._root = str(root.resolve()).rstrip("/")
        self._on_batch = on_batch
        self._debounce_ms = debounce_ms
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self.failure = ""

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self, *, timeout_seconds: float = 5.0) -> None:
        """Stop, and wait for the batch under way."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        for poll in (False, True):
            try:
                self._watch(poll=poll)
            except (OSError, RuntimeError) as error:
                # Out of inotify watches, or a file system that cannot notify.
                self.failure = f"cannot be notified of changed files: {error}"
                _log.warning("%s: polling instead", self.failure)
            else:
                return

    def _watch(self, *, poll: bool) -> None:
        import watchfiles

        for changes in watchfiles.watch(
            self._root,
            watch_filter=self._is_wanted,
            debounce=max(self._debounce_ms, 1),
            step=max(min(self._debounce_ms // 2, 50), 1),
            stop_event=self._stop,
            rust_timeout=500,
            yield_on_timeout=False,
            raise_interrupt=False,
            force_polling=poll,
            poll_delay_ms=int(POLL_SECONDS * 1000),
            ignore_permission_denied=True,
        ):
            paths = sorted({self._relative(place) for _, place in changes})
            if self._stop.is_set():
                return
            self._on_batch([] if len(paths) > MAX_BATCH_PATHS else paths)

    def _relative(self, place: str) -> str:
        return os.path.relpath(place, self._root) if place != self._root else ""

    def _is_wanted(self, _change: "Change", place: str) -> bool:
        inside = place[len(self._root) + 1 :]
        return _QUIET_FOLDERS.isdisjoint(inside.split("/"))
