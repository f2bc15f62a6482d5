"""Loads that end their process: what is set aside when there were three in a row."""

import json
from pathlib import Path

import pytest

from codanna_lsp.store.recovering.repair import BOOT_NAME
from tests.recovery.saved_index import (
    Opened,
    State,
    check_silent,
    opened,
    settle,
    state_of,
)


def die_while_loading(
    folder: Path, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("codanna_lsp.store.live_index.load_with_verification", end)
        for _ in range(times):
            with pytest.raises(KeyboardInterrupt):
                Opened(folder)


def test_three_loads_that_died(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, state = saved
    die_while_loading(folder, 2, monkeypatch)
    with opened(folder) as one:
        assert one.codes == []
    die_while_loading(folder, 3, monkeypatch)
    with opened(folder) as one:
        assert one.codes[0] == "SAFE_START"
        assert "search index" in str(one.said[0])
        assert state_of(one.store) == state
        settle(one)
    assert not (folder / BOOT_NAME).exists()
    check_silent(folder, state)


def test_three_loads_that_died_twice(
    saved: tuple[Path, State], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = saved
    die_while_loading(folder, 6, monkeypatch)
    assert json.loads((folder / BOOT_NAME).read_text())["level"] == 1
    with opened(folder) as one:
        assert one.codes[0] == "SAFE_START"
        assert "the snapshot" in str(one.said[0])
