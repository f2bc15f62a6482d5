"""experimental/serverStatus returns to "ok" when damage has been mended."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    check_answers,
    index_file,
    index_here,
    session,
    wait_until_quiet,
)

CAPABILITIES = {"experimental": {"serverStatusNotification": True}}


def health(client: RawClient) -> list[tuple[str, bool]]:
    return [
        (message["params"]["health"], message["params"]["quiescent"])
        for message in client.messages
        if message.get("method") == "experimental/serverStatus"
    ]


def damage_snapshot(tmp_path: Path) -> None:
    index_file(tmp_path, "snapshot-*.bin").write_bytes(b"\xff" * 500)


def damage_everything(tmp_path: Path) -> None:
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file() and path.name != "writer.lock":
            path.write_bytes(b"\xff" * 500)


@pytest.mark.parametrize(
    ("damage", "worst"), [(damage_snapshot, "warning"), (damage_everything, "error")]
)
def test_health_is_ok_again(
    root: Path, tmp_path: Path, cache: dict[str, str], damage: Any, worst: str
) -> None:
    index_here(root, cache)
    damage(tmp_path)
    with session(root, cache=cache, capabilities=CAPABILITIES) as client:
        client.wait_for(
            lambda message: (
                message.get("method") == "experimental/serverStatus"
                and message["params"] == {"health": "ok", "quiescent": True}
            )
        )
        wait_until_quiet(client)
        assert (worst, False) in health(client)
        check_answers(client)


def test_repair_says_what_was_damaged_and_is_no_more(
    root: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    index_here(root, cache)
    with session(root, cache=cache) as client:

        def repair() -> Any:
            command = {"command": "codanna.repair"}
            (answer,) = client.request("workspace/executeCommand", command)
            assert answer["repaired"]
            return answer["problems"]

        assert repair() == []
        # Of two generations the newer one is in use.
        used = max(
            (tmp_path / "cache").rglob("snapshot-*.bin"),
            key=lambda p: p.stat().st_mtime,
        )
        turn_last_bytes_over(used)
        (problem,) = repair()
        assert problem.startswith(used.name)
        assert repair() == []
        check_answers(client)


def turn_last_bytes_over(path: Path) -> None:
    """In place, for it is mapped."""
    with path.open("r+b") as file:
        file.seek(-20, os.SEEK_END)
        last = file.read()
        file.seek(-20, os.SEEK_END)
        file.write(bytes(byte ^ 0xFF for byte in last))
