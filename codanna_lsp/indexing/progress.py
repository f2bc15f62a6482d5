"""What an index run tells while it goes on, and at its end."""

from typing import NamedTuple

WALKING = "walking"
HASHING = "hashing"
INDEXING = "indexing"
SAVING = "saving"


class Progress(NamedTuple):
    """How far a run is: `done` of `total` files of this phase; total 0 when unknown."""

    phase: str
    done: int
    total: int


class RunSummary(NamedTuple):
    """What a run did; counts are files.

    changed: extracted again. unchanged: also those that were only touched.
    skipped: left out or known in part only, with the reason in `Indexer.skipped`.
    durable: false when the disk refused what is in memory now.
    cancelled: the run was ended before its end; what it did counts.
    narrow: why the root was not walked whole, "" when it was.
    hidden: what hides all of its sources, "" when nothing does.
    fallback: why files were not extracted in worker processes, "" when they were.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    skipped: int = 0
    seconds: float = 0.0
    durable: bool = True
    cancelled: bool = False
    narrow: str = ""
    hidden: str = ""
    fallback: str = ""
