"""A worker whose parser fails where a source says so."""

import os
import signal
import sys
from pathlib import Path

from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.extraction.reparse import KeptTrees
from codanna_lsp.indexing import records, worker
from codanna_lsp.languages.language import Language
from codanna_lsp.model.facts import FileFacts

CRASH, HANG, STOP, TELL = b"# crash", b"# hang", b"# stop", b"# tell "


def failing_facts(
    source: bytes, language: Language, path: str = "", *, kept: KeptTrees | None = None
) -> FileFacts:
    _tell(source)
    if CRASH in source:
        os.kill(os.getpid(), signal.SIGSEGV)
    while HANG in source:
        pass
    if STOP in source:
        os.kill(os.getpid(), signal.SIGSTOP)
    return extract_facts(source, language, path, kept=kept)


def _tell(source: bytes) -> None:
    """Write our number and where our standard streams lead to the file that is named."""
    if TELL in source:
        told = source.partition(TELL)[2].partition(b"\n")[0]
        streams = [str(Path(f"/proc/self/fd/{number}").readlink()) for number in (0, 1)]
        aside = Path(os.fsdecode(told) + ".aside")
        aside.write_text("\n".join([str(os.getpid()), *streams]))
        aside.rename(os.fsdecode(told))


def main(arguments: list[str]) -> None:
    setattr(records, "extract_facts", failing_facts)  # noqa: B010 - it is not ours to type
    if "patient" not in arguments[3]:
        worker.FILE_SECONDS = 0.5
    worker.main(arguments)


def start_by_hand(root: str) -> None:
    """A pool in a process of its own, for a test that kills that process."""
    from codanna_lsp.indexing.pool import Pool
    from codanna_lsp.settings import Settings

    pool = Pool(root, Settings(), workers=1, module="failing_worker")
    for _ in pool.run([["a.py"]]):
        pass


if __name__ == "__main__":
    start_by_hand(sys.argv[1])
