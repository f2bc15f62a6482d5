"""Incidents: what went wrong with the index on disk, in the words that a user reads.

Invariant: every repair, fallback and loss is one Incident, told once when it happens.
Invariant: a crash alone gives no code but ROLLED_FORWARD.
"""

from typing import NamedTuple

INFO = "info"
WARNING = "warning"
ERROR = "error"

FROM_SEARCH = "they were taken from the search index"
FROM_JOURNAL = "newer ones are in the journal"
_REPAIR = "run `codanna-lsp repair`, or `codanna-lsp index --force` to start again"


class Incident(NamedTuple):
    """One thing that happened to the index.

    code: which row of the recovery table (see Code). severity: INFO, WARNING or ERROR.
    damaged: what was found. done: what was done about it. lost: what is gone for good,
    "" when nothing is.
    """

    code: str
    severity: str
    damaged: str
    done: str
    lost: str = ""

    @property
    def was_damage(self) -> bool:
        """Whether anything was damaged, so that something could be lost at all."""
        return self.code not in _NO_DAMAGE

    def __str__(self) -> str:
        text = f"{self.damaged}: {self.done}"
        return f"{text} (lost: {self.lost})" if self.lost else text


class Code:
    """One code a row of the recovery table, and those of a full or locked disk."""

    ROLLED_FORWARD = "ROLLED_FORWARD"
    SEARCH_REBUILT = "SEARCH_REBUILT"
    SNAPSHOT_REBUILT = "SNAPSHOT_REBUILT"
    FELL_BACK = "FELL_BACK"
    JOURNAL_DAMAGED = "JOURNAL_DAMAGED"
    META_REBUILT = "META_REBUILT"
    NEWER_FORMAT = "NEWER_FORMAT"
    REBUILD = "REBUILD"
    SAFE_START = "SAFE_START"
    BLOB_DAMAGED = "BLOB_DAMAGED"
    NOT_DURABLE = "NOT_DURABLE"
    CHECKPOINT_FAILED = "CHECKPOINT_FAILED"
    FOLDER_GONE = "FOLDER_GONE"
    READER = "READER"
    READ_DAMAGED = "READ_DAMAGED"
    TOOK_OVER = "TOOK_OVER"
    IN_MEMORY = "IN_MEMORY"


_NO_DAMAGE = (Code.READER, Code.TOOK_OVER, Code.IN_MEMORY, Code.NEWER_FORMAT)


def rolled_forward(generation: int) -> Incident:
    """A crash hit between the two stores and index.meta."""
    return Incident(
        Code.ROLLED_FORWARD,
        INFO,
        f"a crash interrupted the checkpoint of generation {generation}",
        "both stores had it already, so it was completed",
    )


def done_again(generation: int) -> Incident:
    """A crash hit Tantivy's commit, which the file system kept only in part."""
    return Incident(
        Code.ROLLED_FORWARD,
        INFO,
        f"a crash interrupted the checkpoint of generation {generation}",
        "it is done again, with a search index that is built anew from the snapshot",
    )


def search_rebuilt(reason: str) -> Incident:
    """Tantivy is bad, missing, of another schema or generation."""
    return Incident(
        Code.SEARCH_REBUILT,
        WARNING,
        f"the search index is damaged ({reason})",
        "it is being rebuilt from the snapshot; answers stay complete",
    )


def snapshot_rebuilt(reason: str) -> Incident:
    """The snapshot is bad or missing and Tantivy is good."""
    return Incident(
        Code.SNAPSHOT_REBUILT,
        WARNING,
        f"the snapshot is damaged ({reason})",
        "it was rebuilt from the search index",
    )


def fell_back(reason: str, *, search: str, used: str) -> Incident:
    """The snapshot is bad, Tantivy no help, and the generation before good.

    search: what is wrong with Tantivy. used: the snapshot before, "" where that
    generation is 0, which has none.
    """
    what = f"{used} and the journals after it" if used else "the journals alone"
    return Incident(
        Code.FELL_BACK,
        WARNING,
        f"the snapshot is damaged ({reason}), and the search index is no help"
        f" ({search})",
        f"{what} were used instead",
    )


def journal_damaged(reason: str) -> Incident:
    """A journal is bad in the middle, or missing."""
    return Incident(
        Code.JOURNAL_DAMAGED,
        WARNING,
        f"the recovery journal is damaged ({reason})",
        "what stands before the damage was used, and every source file is compared"
        " with the index again",
    )


def meta_rebuilt(reason: str) -> Incident:
    """index.meta is bad or missing."""
    return Incident(
        Code.META_REBUILT,
        WARNING,
        f"index.meta is damaged ({reason})",
        "it was made again from the newest snapshot and the journals",
    )


def newer_format(found: int) -> Incident:
    """A newer codanna-lsp wrote this folder."""
    return Incident(
        Code.NEWER_FORMAT,
        INFO,
        f"this index has the newer format {found}",
        "it was left alone; this version keeps its index in memory",
    )


def rebuild(reason: str) -> Incident:
    """Nothing on disk is good."""
    return Incident(
        Code.REBUILD,
        ERROR,
        f"the index is damaged beyond repair ({reason})",
        "it was set aside and is being rebuilt from the source files; if this happens"
        f" again, {_REPAIR}",
        lost="nothing but time",
    )


def safe_start(what: str) -> Incident:
    """Three loads died before they were READY."""
    return Incident(
        Code.SAFE_START,
        ERROR,
        "codanna-lsp ended three times within three minutes while it loaded its index",
        f"{what} was set aside and is being rebuilt; if this happens again, {_REPAIR}",
    )


def blob_damaged(path: str, done: str) -> Incident:
    """The stored facts of one file are bad."""
    return Incident(
        Code.BLOB_DAMAGED, WARNING, f"the stored facts of {path} are damaged", done
    )


def not_durable(reason: str) -> Incident:
    """A change could not be written."""
    return Incident(
        Code.NOT_DURABLE,
        WARNING,
        f"changes cannot be written to the index ({reason})",
        "answers are up to date, and writing is tried again",
    )


def checkpoint_failed(reason: str) -> Incident:
    """A checkpoint was given up."""
    return Incident(
        Code.CHECKPOINT_FAILED,
        WARNING,
        f"the index could not be saved as a whole ({reason})",
        "the journal keeps every change, and saving is tried again later",
    )


def folder_gone(folder: str) -> Incident:
    """Somebody removed or replaced the folder under us."""
    return Incident(
        Code.FOLDER_GONE,
        WARNING,
        f"the index folder {folder} was removed or replaced while in use",
        "it was made again and everything written from memory",
    )


def reader(holder: int | None) -> Incident:
    """Another process holds the lock."""
    who = f"process {holder}" if holder else "another process"
    return Incident(
        Code.READER,
        INFO,
        f"{who} writes the index of this workspace",
        "this one reads along and takes over when that one ends",
    )


def read_damaged(name: str, holder: int | None) -> Incident:
    """A reader found the columns damaged that it looks into."""
    who = f"process {holder}" if holder else "the process"
    return Incident(
        Code.READ_DAMAGED,
        WARNING,
        f"{name}, which another process writes, is damaged",
        f"{who} was asked to mend it; answers may be wrong until then",
    )


def took_over() -> Incident:
    """The holder has ended."""
    return Incident(
        Code.TOOK_OVER,
        INFO,
        "the process that wrote the index has ended",
        "this one writes it now",
    )


def in_memory(reason: str) -> Incident:
    """The folder cannot be used."""
    return Incident(
        Code.IN_MEMORY,
        WARNING,
        f"the index cannot be kept on disk ({reason})",
        "it is kept in memory and built again at the next start",
    )
