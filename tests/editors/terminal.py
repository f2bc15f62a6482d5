"""A terminal that a test types in and reads: tmux, on a socket of its own."""

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

DEADLINE_S = 40.0
AGAIN_S = 1.0  # before a key is pressed once more
ONCE_S = 1.0  # for one answer, before it is asked for again with twice the patience
MOST_ONCE_S = 8.0
PERIOD_S = 0.03
WIDTH, HEIGHT = 120, 36


class Terminal:
    """One program in one window."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = ""
        self._starts = 0
        self._config = folder / "tmux.conf"
        # Escape at once, and no status line that would change by itself.
        self._config.write_text(
            "set -s escape-time 0\nset -g status off\nset -g remain-on-exit on\n"
            "set -g default-terminal tmux-256color\n"
        )

    def start(
        self, command: Sequence[str], *, cwd: Path, environment: Mapping[str, str]
    ) -> None:
        """Run a program in the window, in place of the one before."""
        words = ["env", *(f"{k}={v}" for k, v in environment.items()), *command]
        size = ["-x", str(WIDTH), "-y", str(HEIGHT)]
        self.close()
        # Another socket each time: a server that is ending still answers at its own.
        self._starts += 1
        self._socket = str(self._folder / f"tmux{self._starts}")
        self._tmux(
            "-f",
            str(self._config),
            "new-session",
            "-d",
            *size,
            "-c",
            str(cwd),
            shlex.join(words),
        )

    def keys(self, *keys: str) -> None:
        """Press keys, by tmux's names ("Enter", "C-x")."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type a text as it is."""
        self._tmux("send-keys", "-l", text)

    def screen(self, *, colours: bool = False) -> str:
        """What a user sees, line by line."""
        return self._tmux("capture-pane", "-p", "-J", *(["-e"] if colours else []))

    def wait_for(self, *texts: str, within_s: float = DEADLINE_S) -> str:
        """Wait until all the texts are on the screen; the screen then."""
        return self.wait_until(
            lambda screen: all(text in screen for text in texts),
            f"{texts!r}",
            within_s=within_s,
        )

    def wait_until(
        self, wanted: Callable[[str], bool], what: str, *, within_s: float = DEADLINE_S
    ) -> str:
        """Wait for a screen as wanted; that screen."""
        deadline = time.monotonic() + within_s
        while not wanted(screen := self.screen()):
            assert time.monotonic() < deadline, f"no {what} on the screen:\n{screen}"
            time.sleep(PERIOD_S)
        return screen

    def press_until(
        self, keys: Sequence[str], happened: Callable[[], object], what: str
    ) -> None:
        """Press keys, again each second, until something has happened."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            self.keys(*keys)
            again = time.monotonic() + AGAIN_S
            while time.monotonic() < again:
                if happened():
                    return
                time.sleep(PERIOD_S)
            assert time.monotonic() < deadline, f"no {what}:\n{self.screen()}"

    def type_in(self, text: str, *, at: str, within_s: float) -> None:
        """Type into a line that has asked for it; the text is seen before Enter.

        at: how that line begins; it is waited for.
        """
        self.wait_until(lambda s: at in _last_lines(s), f"{at!r}", within_s=within_s)
        self.type(text)
        typed = squeezed(text)
        self.wait_until(
            lambda s: squeezed(s).endswith(typed), f"{text!r}", within_s=within_s
        )
        self.keys("Enter")

    def has_ended(self) -> bool:
        told = self._tmux("display-message", "-p", "#{pane_dead}", check=False)
        return told.strip() != "0"

    def close(self) -> None:
        if self._socket:
            self._tmux("kill-server", check=False)

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        told = subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE_S,
            env={
                **os.environ,
                "TERM": "xterm-256color",
                "LC_ALL": "C.UTF-8",
                "TMUX": "",
            },
        )
        assert told.returncode == 0 or not check, told.stderr
        return told.stdout


def wait_until(
    happened: Callable[[], object], what: str, *, within_s: float = DEADLINE_S
) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(PERIOD_S)


def until_it_holds(check: Callable[[], None], *, within_s: float = DEADLINE_S) -> None:
    """Check again and again; the last failure is the test's."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise


def patiently(ask: Callable[[float], None]) -> Callable[[], None]:
    """A question with the time for its answer, which grows each time it is asked."""
    within = ONCE_S / 2

    def once() -> None:
        nonlocal within
        within = min(2 * within, MOST_ONCE_S)
        ask(within)

    return once


def _last_lines(screen: str) -> str:
    """Where a program asks: what stands there may take three lines."""
    return "\n".join(screen.rstrip().splitlines()[-3:])


def squeezed(text: str) -> str:
    """A text without what is lost where a long line goes on in the next."""
    return "".join(text.split()).replace("\\", "")
