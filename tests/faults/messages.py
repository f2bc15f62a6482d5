"""What the user is told of each incident: the rows of docs/messages.md."""

from collections.abc import Iterator

from codanna_lsp.server.keeping.telling import showing, to_text
from codanna_lsp.store import incident as incidents
from codanna_lsp.store.incident import Incident

INCIDENTS: tuple[Incident, ...] = (
    incidents.rolled_forward(7),
    incidents.search_rebuilt("…"),
    incidents.snapshot_rebuilt("…"),
    incidents.blob_damaged("src/a.py", "they were taken from the search index"),
    incidents.blob_damaged("src/a.py", "newer ones are in the journal"),
    incidents.blob_damaged("src/a.py", "the file is read again (…)"),
    incidents.fell_back("…", search="…", used="snapshot-6.bin"),
    incidents.fell_back("…", search="…", used=""),
    incidents.journal_damaged("…"),
    incidents.meta_rebuilt("…"),
    incidents.newer_format(99),
    incidents.rebuild("…"),
    incidents.safe_start("the search index"),
    incidents.safe_start("the snapshot"),
    incidents.not_durable("…"),
    incidents.checkpoint_failed("…"),
    incidents.folder_gone("…"),
    incidents.reader(1234),
    incidents.read_damaged("snapshot-7.bin", 1234),
    incidents.took_over(),
    incidents.in_memory("…"),
)
HEALTH = {"info": "ok", "warning": "warning", "error": "error"}


def message_rows() -> Iterator[str]:
    """One row a message: code, where it goes, serverStatus, its exact words."""
    for told in INCIDENTS:
        shown, after_s = showing(told)
        when = f" after {after_s:.0f} s" if after_s else ""
        place = f"shown{when}, {told.severity}" if shown else "log"
        health = "warning" if told.severity == "error" else HEALTH[told.severity]
        if told.code == "REBUILD":
            health = "error"
        text = to_text(told).replace("|", "\\|")
        yield f"| `{told.code}` | {place} | {health} | codanna-lsp: {text} |"


if __name__ == "__main__":
    print(*message_rows(), sep="\n")
