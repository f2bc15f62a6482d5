"""A question that meets a damaged index has it looked at, at once."""

import mmap
import os
from pathlib import Path
from typing import Any

import pytest

from codanna_lsp.store.snapshots.snapshot_format import read_table
from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    check_answers,
    index_file,
    index_here,
    session,
    shown,
    wait_for_status,
)


def overwrite(path: Path, section: str) -> None:
    """Damage a section of a snapshot under those who have it mapped."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as view:
        table, _ = read_table(path.name, memoryview(bytes(view)))
        (found,) = [one for one in table.sections if one.name == section]
        view[found.offset : found.offset + found.length] = b"\xff" * found.length


def index_settled(root: Path, cache: dict[str, str]) -> None:
    """Index files so old that a start has no reason to record any of them anew: what a
    question finds stands in the snapshot.
    """
    for path in root.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    index_here(root, cache)


def is_told(status: Any) -> bool:
    return bool(status["roots"][0]["incidents"])


@pytest.mark.parametrize("section", ["names", "name_offsets"])
def test_a_question_that_meets_damage(
    root: Path, tmp_path: Path, cache: dict[str, str], section: str
) -> None:
    index_settled(root, cache)
    with session(root, cache=cache) as client:
        check_answers(client)
        overwrite(index_file(tmp_path, "snapshot-1.bin"), section)
        asked = client.ask("workspace/symbol", {"query": "node_coun"})
        reply = client.answer_to(asked)
        assert "are damaged" in reply["error"]["message"]
        status = wait_for_status(client, is_told)
        (incident,) = status["roots"][0]["incidents"]
        assert incident["code"] == "SNAPSHOT_REBUILT"
        assert [text for text in shown(client) if "was rebuilt from" in text]
        check_answers(client)


def test_a_save_that_meets_damage(
    root: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    """It is indexed all the same, over what was recovered."""
    index_settled(root, cache)
    with session(root, cache=cache) as client:
        check_answers(client)
        overwrite(index_file(tmp_path, "snapshot-1.bin"), "path_offsets")
        _save_new(client, root)
        status = wait_for_status(client, is_told)
        assert status["roots"][0]["incidents"][0]["code"] == "SNAPSHOT_REBUILT"
        check_answers(client)


def test_a_reader_that_meets_damage(
    root: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    """Its writer, whose own client asked nothing, mends it."""
    index_settled(root, cache)
    with session(root, cache=cache), session(root, cache=cache) as client:
        assert client.request("codanna/status")["roots"][0]["mode"] == "reader"
        check_answers(client)
        overwrite(index_file(tmp_path, "snapshot-1.bin"), "name_offsets")
        asked = client.ask("workspace/symbol", {"query": "node_coun"})
        assert "are damaged" in client.answer_to(asked)["error"]["message"]

        def is_mended(status: Any) -> bool:
            return bool(status["roots"][0]["generation"] > 1)

        status = wait_for_status(client, is_mended)
        told = [incident["code"] for incident in status["roots"][0]["incidents"]]
        assert told == ["READER", "READ_DAMAGED"]
        assert [text for text in shown(client) if "was asked to mend it" in text]
        check_answers(client)


def _save_new(client: RawClient, root: Path) -> None:
    path = root / "app.py"
    path.write_text(path.read_text() + "\n\ndef newly(): pass\n")
    client.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})
