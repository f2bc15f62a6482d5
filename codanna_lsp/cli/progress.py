"""A progress bar on standard error, or a plain line now and then where it is no terminal."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from codanna_lsp.cli.terminal import talk_console
from codanna_lsp.indexing.progress import (
    HASHING,
    INDEXING,
    SAVING,
    WALKING,
)
from codanna_lsp.indexing.progress import Progress as Step

LINE_EVERY_S = 5.0
_NARROW = 60

_WORDS = {
    WALKING: "looking for files",
    HASHING: "comparing files",
    INDEXING: "indexing",
    SAVING: "saving",
}


@contextmanager
def shown_progress() -> Generator[Callable[[Step], None]]:
    """Show what the callable is told, from any thread, until the block ends."""
    console = talk_console()
    # FORCE_COLOR makes a pipe a terminal to rich; a bar in a log helps nobody.
    if not sys.stderr.isatty() or console.is_dumb_terminal:
        yield _lines(console)
        return
    columns = [SpinnerColumn(), TextColumn("{task.description}")]
    wide = [BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    bar = Progress(
        *columns,
        *(wide if console.width >= _NARROW else wide[1:2]),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task(_WORDS[WALKING], total=None)
        phase = WALKING

        def show(step: Step) -> None:
            nonlocal task, phase
            if step.phase != phase:
                bar.remove_task(task)
                phase = step.phase
                task = bar.add_task(_WORDS.get(phase, phase), total=None)
            bar.update(task, completed=step.done, total=step.total or None)

        yield show


def _lines(console: Console) -> Callable[[Step], None]:
    """Say something when the first seconds are over, and then every few seconds."""
    next_at = time.monotonic() + LINE_EVERY_S

    def show(step: Step) -> None:
        nonlocal next_at
        if time.monotonic() >= next_at:
            next_at = time.monotonic() + LINE_EVERY_S
            count = f" {step.done:,} of {step.total:,}" if step.total else ""
            console.print(f"{_WORDS.get(step.phase, step.phase)}{count}")

    return show
