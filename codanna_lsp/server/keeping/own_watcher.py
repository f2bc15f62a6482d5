"""OwnWatcher: one root's watcher, while it is ours to watch.

Invariant: `arrange` runs in one worker at a time; nothing is imported before it.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from codanna_lsp.server import watching
from codanna_lsp.server.keeping.gathering import EVERYTHING

if TYPE_CHECKING:
    from codanna_lsp.server.session import Session
    from codanna_lsp.workspace.watch import Watcher

UP_WITHIN_S = 2.0


class OwnWatcher:
    """Watches where the client does not; told by the session's client and settings.

    files_changed: called on the loop with what changed.
    """

    def __init__(
        self,
        session: "Session",
        root: Path,
        files_changed: Callable[[Iterable[str]], None],
    ) -> None:
        self._session = session
        self._root = root
        self._files_changed = files_changed
        self._watcher: Watcher | None = None
        self._is_over = False

    @property
    def is_watching(self) -> bool:
        """True while changes are noticed here."""
        return self._watcher is not None

    @property
    def who(self) -> str:
        """Who notices changed files: "client", "server", or nobody: "off"."""
        if self.is_watching:
            return "server"
        return "client" if self._session.is_told_of_files else "off"

    @property
    def failure(self) -> str:
        """Why files are polled and not watched; "" when that is not so."""
        return "" if self._watcher is None else self._watcher.failure

    def arrange(self) -> None:
        """Begin to watch, watch with other settings, or stop, as is wanted now.

        Returns when what changes from now on is noticed, so that a look that follows
        misses nothing; or after UP_WITHIN_S, and then another look follows later.
        """
        old, self._watcher = self._watcher, None
        if old is not None:
            old.stop(timeout_seconds=0.0)
        if self._is_over or not watching.is_ours(self._session):
            return
        from codanna_lsp.workspace.watch import Watcher

        settings = self._session.settings
        watcher = Watcher(
            self._root,
            self._on_batch,
            debounce_ms=settings.debounce_ms,
            settings=settings,
        )
        watcher.start()
        self._watcher = watcher
        if self._is_over:
            watcher.stop(timeout_seconds=0.0)
        watcher.wait_until_up(UP_WITHIN_S)

    def stop(self) -> None:
        """Watch no more, whatever `arrange` is asked for."""
        self._is_over = True
        if self._watcher is not None:
            self._watcher.stop(timeout_seconds=0.0)

    def _on_batch(self, paths: list[str]) -> None:
        self._session.on_loop(self._files_changed, paths or [EVERYTHING])
