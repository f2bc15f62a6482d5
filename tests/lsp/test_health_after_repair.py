"""experimental/serverStatus returns to "ok" when damage has been mended."""

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
