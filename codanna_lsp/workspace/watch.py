"""The server's own watcher, for clients that do not watch files themselves.

Only folders that a walk enters are watched, each by itself: what is ignored costs no
watch, and no link leads the watcher out of the root.

Invariant: no event is acted on here; batches only say which paths to look at again.
Invariant: what changes while nobody watches is followed by a batch that says to look
    everywhere, from the first time on that somebody may count on being told.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from codanna_lsp.errors import WorkspaceError
from codanna_lsp.settings import Settings
from codanna_lsp.workspace.walk import decides, list_folders

MAX_BATCH_PATHS = 10_000
POLL_SECONDS = 2.0

_STOP_WITHIN_MS = 200
_CLOCKS_DIFFER_NS = 1_000_000_000  # a file system's and ours, at most
_ADDED, _DELETED = 1, 3  # watchfiles.Change's, which is not imported at the start
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
        self._root_id: tuple[int, int] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self.failure = ""
        self.is_up = threading.Event()
        self._is_waited_for = True

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def wait_until_up(self, timeout_seconds: float) -> None:
        """Wait for `is_up`. If that takes longer, a batch will say to look everywhere."""
        if not self.is_up.wait(timeout_seconds):
            self._is_waited_for = False
            if self.is_up.is_set():
                self._on_batch([])

    def stop(self, *, timeout_seconds: float = 5.0) -> None:
        """Stop, and wait for the batch under way."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        poll = False
        while not self._stop.is_set():
            since_ns = time.time_ns()
            self._root_id = _id_of(self._root)
            try:
                self._watch(self._folders(), poll=poll, since_ns=since_ns)
            except FileNotFoundError:
                continue  # a folder went between the listing and the watching
            except WorkspaceError:
                # No root, which may come again; who looks for files says so.
                self.is_up.set()
                self._stop.wait(POLL_SECONDS)
            except (OSError, RuntimeError) as error:
                # Out of watches, or a file system that cannot notify.
                self.failure = f"cannot be notified of changed files: {error}"
                _log.warning("%s: polling instead", self.failure)
                if poll:
                    self.is_up.set()
                    self._stop.wait(POLL_SECONDS)
                poll = True
        self.is_up.set()

    def _folders(self) -> list[str]:
        listed = list_folders(Path(self._root), self._settings)
        return listed + _rule_folders(self._root)

    def _watch(self, folders: list[str], *, poll: bool, since_ns: int) -> None:
        """Watch these folders until told to stop, or until there are others.

        since_ns: when they began to be listed, in `time.time_ns`.
        """
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
        is_new = True
        for changes in batches:
            if self._stop.is_set():
                return
            if is_new:
                is_new = False
                self._has_begun()
                if _changed_since(folders, since_ns) and self._folders() != folders:
                    return
            if not changes:
                if _id_of(self._root) != self._root_id:
                    return  # no folder is watched that would tell of another root
                continue
            paths = sorted({os.path.relpath(place, self._root) for _, place in changes})
            self._on_batch(paths if len(paths) <= MAX_BATCH_PATHS else [])
            if decides(paths) or any(
                _is_new_folder(int(kind), place) or self._is_end(int(kind), place)
                for kind, place in changes
            ):
                return

    def _is_end(self, kind: int, place: str) -> bool:
        """Whether the root was removed: one made in its place may have its number."""
        return kind == _DELETED and place == self._root

    def _has_begun(self) -> None:
        """Say what was not seen before; who looks when `is_up` is set sees it himself."""
        was_up = self.is_up.is_set()
        self.is_up.set()
        if was_up or not self._is_waited_for:
            self._on_batch([])


def _id_of(folder: str) -> tuple[int, int] | None:
    """What tells a folder from another of its name; None when there is none."""
    try:
        found = os.stat(folder)  # noqa: PTH116 - several times a second
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _changed_since(folders: list[str], since_ns: int) -> bool:
    """Whether a folder has got or lost something since then, or is gone."""
    try:
        newest_ns = max(Path(folder).stat().st_mtime_ns for folder in folders)
    except OSError:
        return True
    return newest_ns > since_ns - _CLOCKS_DIFFER_NS


def _rule_folders(root: str) -> list[str]:
    """Where rules of what is listed lie that no walk enters: git's info/exclude."""
    info = f"{root}/.git/info"
    return [info] if os.path.realpath(info) == info and Path(info).is_dir() else []


def _is_new_folder(kind: int, place: str) -> bool:
    return kind == _ADDED and Path(place).is_dir()
