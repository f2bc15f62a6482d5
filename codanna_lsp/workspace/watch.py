"""The server's own watcher, for clients that do not watch files themselves.

Only folders that a walk enters are watched, each by itself: what is ignored costs no
watch, and no link leads the watcher out of the root.

Invariant: no event is acted on here; batches only say which paths to look at again.
"""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

from codanna_lsp.errors import WorkspaceError
from codanna_lsp.settings import Settings
from codanna_lsp.workspace.walk import list_folders

MAX_BATCH_PATHS = 10_000
POLL_SECONDS = 2.0

_STOP_WITHIN_MS = 200
_ADDED = 1  # watchfiles.Change.added, whose module is not imported at the start
_log = logging.getLogger(__name__)


class Watcher:
    """A thread that reports changed paths in debounced batches.

    `on_batch` is called in that thread with paths relative to the root and must not
    raise; an empty batch says that it cannot be told what changed: look everywhere.
    is_up: set when what changes from now on is noticed, or never will be.
    """

    def __init__(
        self,
        root: Path,
        on_batch: Callable[[list[str]], None],
        *,
        debounce_ms: int,
        settings: Settings | None = None,
    ) -> None:
        self._root = os.path.realpath(root)
        self._on_batch = on_batch
        self._debounce_ms = debounce_ms
        self._settings = settings or Settings()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self.failure = ""
        self.is_up = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self, *, timeout_seconds: float = 5.0) -> None:
        """Stop, and wait for the batch under way."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        first, poll = True, False
        while not self._stop.is_set():
            try:
                folders = list_folders(Path(self._root), self._settings)
                folders += _rule_folders(self._root)
                self._watch(folders, poll=poll, first=first)
                first = False
            except FileNotFoundError:
                continue  # a folder went between the listing and the watching
            except (OSError, RuntimeError, WorkspaceError) as error:
                # Out of watches, a file system that cannot notify, or no root.
                self.failure = f"cannot be notified of changed files: {error}"
                _log.warning("%s: polling instead", self.failure)
                if poll:
                    self.is_up.set()
                    self._stop.wait(POLL_SECONDS)
                poll = True

    def _watch(self, folders: list[str], *, poll: bool, first: bool) -> None:
        """Watch these folders until told to stop, or until there are others."""
        import watchfiles

        batches = watchfiles.watch(
            *folders,
            watch_filter=None,
            debounce=max(self._debounce_ms, 1),
            step=max(min(self._debounce_ms // 2, 50), 1),
            stop_event=self._stop,
            rust_timeout=_STOP_WITHIN_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=poll,
            poll_delay_ms=int(POLL_SECONDS * 1000),
            recursive=False,
            ignore_permission_denied=True,
        )
        for changes in batches:
            self.is_up.set()
            if self._stop.is_set():
                return
            if not first:
                # Nobody watched while the folders were listed anew.
                self._on_batch([])
                first = True
            if not changes:
                continue
            paths = sorted({os.path.relpath(place, self._root) for _, place in changes})
            self._on_batch(paths if len(paths) <= MAX_BATCH_PATHS else [])
            if any(_is_new_folder(int(kind), place) for kind, place in changes):
                return


def _rule_folders(root: str) -> list[str]:
    """Where rules of what is listed lie that no walk enters: git's info/exclude."""
    info = f"{root}/.git/info"
    return [info] if os.path.realpath(info) == info and Path(info).is_dir() else []


def _is_new_folder(kind: int, place: str) -> bool:
    return kind == _ADDED and Path(place).is_dir()
