"""How long each step took; with CODANNA_RECORD_TIMES a file gets one line a step."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class Stopwatch:
    """Steps of one editor's session."""

    def __init__(self, editor: str) -> None:
        self._editor = editor

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        begun = time.monotonic()
        yield
        took = time.monotonic() - begun
        record = os.environ.get("CODANNA_RECORD_TIMES")
        if record:
            with Path(record).open("a", encoding="utf-8") as file:
                file.write(f"{self._editor}\t{name}\t{took:.1f}\n")
