"""What a user reads of an incident: what was damaged, what was done, what was lost."""

import pytest

from codanna_lsp.server.keeping.telling import to_text
from codanna_lsp.store import incident


@pytest.mark.parametrize(
    "told",
    [
        incident.snapshot_rebuilt("it is cut short"),
        incident.rolled_forward(7),
        incident.folder_gone("/cache/index"),
        incident.rebuild("nothing is there"),
    ],
)
def test_what_was_damaged_says_what_was_lost(told: incident.Incident) -> None:
    text = to_text(told)
    assert text.startswith(f"{told.damaged}: {told.done}; nothing ")
    assert text.endswith("was lost")


@pytest.mark.parametrize(
    "told",
    [
        incident.reader(4711),
        incident.took_over(),
        incident.in_memory("the disk is full"),
        incident.newer_format(9),
    ],
)
def test_where_nothing_could_be_lost_nothing_is_said_of_it(
    told: incident.Incident,
) -> None:
    assert to_text(told) == f"{told.damaged}: {told.done}"
