"""What a session leaves on disk: kills, damage, two servers, commands beside one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from codanna_lsp.store.index_store import IndexStore
from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    SHAPES,
    check_answers,
    definition,
    index_file,
    index_here,
    open_file,
    save,
    session,
    shown,
    symbols,
    wait_for_message,
    wait_for_status,
    wait_for_symbols,
    wait_until_quiet,
)


def test_a_save_is_one_transaction_and_survives_a_kill(
    root: Path, cache: dict[str, str]
) -> None:
    app = root / "app.py"
    index_here(root, cache)
    with RawClient(environment=cache) as client:
        client.initialize(rootUri=root.as_uri())
        before = wait_until_quiet(client)["roots"][0]["serial"]
        app.write_text("class Saved:\n    pass\n")
        save(client, app)
        wait_for_symbols(client, "Saved", ["app.py:0:6-11 Saved"])
        status = wait_for_status(client, lambda s: s["roots"][0]["serial"] > before)
        assert status["roots"][0]["serial"] == before + 1
        client.process.kill()
    with session(root, cache=cache) as client:
        assert symbols(client, "Saved") == ["app.py:0:6-11 Saved"]
        assert shown(client) == []


def test_a_save_just_before_the_end_is_written(
    root: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    index_here(root, cache)
    app = root / "app.py"
    with session(root, cache=cache) as client:
        app.write_text("class Saved:\n    pass\n")
        save(client, app)
        wait_for_symbols(client, "Saved", ["app.py:0:6-11 Saved"])
    store = IndexStore.open(index_file(tmp_path, "index.meta").parent, root=root)
    assert store.view().symbols_named("Saved")
    store.close()


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("snapshot-*.bin", "the snapshot is damaged"),
        ("index.meta", "index.meta is damaged"),
    ],
)
def test_damage_is_mended_and_told_once(
    tmp_path: Path, root: Path, cache: dict[str, str], pattern: str, words: str
) -> None:
    index_here(root, cache)
    path = index_file(tmp_path, pattern)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with session(root, cache=cache) as client:
        check_answers(client)
        (told,) = shown(client)
        assert told.startswith("codanna-lsp: ")
        assert words in told
        assert "nothing was lost" in told
        (incident,) = client.request("codanna/status")["roots"][0]["incidents"]
        assert incident["message"] in told
        wait_for_status(client, lambda s: s["roots"][0]["generation"] > 1)
    with session(root, cache=cache) as client:
        check_answers(client)
        assert shown(client) == []


@pytest.mark.parametrize("pattern", ["snapshot-*.bin", "tantivy-*/meta.json", "*"])
def test_health_is_ok_again_when_the_damage_is_mended(
    tmp_path: Path, root: Path, cache: dict[str, str], pattern: str
) -> None:
    """An editor that shows the damage takes it away again."""
    index_here(root, cache)
    for path in (tmp_path / "cache").rglob(pattern):
        if path.is_file() and path.name != "writer.lock":
            path.write_bytes(b"\xff" * 100)

    def healths(client: RawClient) -> list[str]:
        told = [
            message["params"]["health"]
            for message in client.messages
            if message.get("method") == "experimental/serverStatus"
        ]
        return told[next((n for n, h in enumerate(told) if h != "ok"), len(told)) :]

    wanted = {"experimental": {"serverStatusNotification": True}}
    with session(root, cache=cache, capabilities=wanted) as client:
        client.wait_for(lambda _: len(healths(client)) > 0)
        client.wait_for(lambda _: healths(client)[-1] == "ok")
        wait_for_status(client, lambda s: s["roots"][0]["verified"] == "all")


def test_both_stores_damaged_are_built_anew_and_told(
    tmp_path: Path, root: Path, cache: dict[str, str]
) -> None:
    index_here(root, cache)
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file() and path.name != "writer.lock":
            path.write_bytes(b"\xff" * 100)
    with session(root, cache=cache) as client:
        check_answers(client)
        assert any("beyond repair" in text for text in shown(client))


def test_a_second_server_reads_along(root: Path, cache: dict[str, str]) -> None:
    app = root / "app.py"
    index_here(root, cache)
    with session(root, cache=cache) as writer:
        with session(root, cache=cache) as reader:
            check_answers(reader)
            wait_for_message(reader, "reads along")
            app.write_text("class FromTheWriter: pass\n")
            save(writer, app)
            wait_for_symbols(reader, "FromTheWriter", ["app.py:0:6-19 FromTheWriter"])
            assert len(shown(reader)) == 1
        check_answers(writer)


def test_commands_beside_the_server_are_carried_out_by_it(
    root: Path, tmp_path: Path, cache: dict[str, str]
) -> None:
    def run(*arguments: str) -> str:
        told = subprocess.run(
            [sys.executable, "-m", "codanna_lsp", *arguments, str(root)],
            env={**os.environ, **cache},
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )
        assert told.returncode == 0, (arguments, told.stdout, told.stderr)
        return " ".join((told.stderr + told.stdout).split())

    with session(root, cache=cache) as client:
        assert "both stores were written anew" in run("repair")
        assert f"0 added, {len(SHAPES)} changed" in run("index", "--force").replace(
            "files ", ""
        )
        check_answers(client)
        assert client.request("codanna/status")["roots"][0]["generation"] > 1
        told = run("clean")
        assert re.search(r"removed [0-9.]+ MB in .* indexes the workspace anew", told)
        check_answers(client)
        wait_for_status(
            client, lambda s: not s["partial"] and s["roots"][0]["generation"] == 1
        )
        index_file(tmp_path, "snapshot-1.bin")


def test_every_language_answers_and_the_next_start_answers_the_same(
    root: Path, cache: dict[str, str]
) -> None:
    with session(root, cache=cache) as client:
        check_answers(client)
        app = root / "app.py"
        open_file(client, app)
        assert definition(client, app, "shape.area") == ["base.py:3:8-12"]
        assert definition(client, app, "import Shape") == ["base.py:0:6-11"]
        page = root / "web" / "page.ts"
        open_file(client, page)
        assert definition(client, page, "new Basket") == ["store.ts:0:13-19"]
        main = root / "cmd" / "main.go"
        open_file(client, main)
        assert definition(client, main, "main() { RunAll") == ["main.go:2:5-11"]
        assert shown(client) == []
    with session(root, cache=cache) as client:
        check_answers(client)
        assert shown(client) == []
