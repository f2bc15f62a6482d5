"""A drawn part of what `python -m tests.crash` does: no crash loses or breaks anything."""

import pytest

from codanna_lsp.store.incident import Code
from tests.crash.experiments import CRASHES, Crash, Laboratory
from tests.crash.recoveries import RECOVERIES, Recovery
from tests.crash.sabotage import SABOTAGES

CRASH_CAP = 25
RECOVERY_CAP = 10


@pytest.mark.parametrize("crash", CRASHES[:6], ids=lambda crash: crash.part)
def test_no_crash_loses_what_was_acknowledged(lab: Laboratory, crash: Crash) -> None:
    """Kill, ordered and weak: a state that existed, not older than the last word."""
    found = lab.crash(crash, cap=CRASH_CAP)
    assert found.failures == []
    assert found.judged == 3 * CRASH_CAP
    assert set(found.codes) <= {Code.ROLLED_FORWARD}
    assert found.unique.total() > 500


@pytest.mark.parametrize("recovery", RECOVERIES, ids=lambda recovery: recovery.name)
def test_no_crash_in_a_recovery_loses_anything(
    lab: Laboratory, recovery: Recovery
) -> None:
    found = lab.crash_in_recovery(recovery, cap=RECOVERY_CAP)
    assert found.failures == []
    assert found.judged >= RECOVERY_CAP


@pytest.mark.parametrize("name", SABOTAGES)
def test_a_broken_protocol_is_caught(lab: Laboratory, name: str) -> None:
    """The laboratory itself works: without each of these syncs it finds a loss."""
    found = lab.sabotage(name)
    assert found.bad > 0, f"{found.judged} states gave nothing away"
