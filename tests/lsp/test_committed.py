"""codanna/committed: what a client hears has become durable, and finds after a kill."""

from pathlib import Path
from typing import Any

from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    index_here,
    save,
    session,
    shown,
    symbols,
    wait_for_status,
    wait_for_symbols,
    wait_until_quiet,
)

ASKED = {"experimental": {"committedNotification": True}}


def committed(client: RawClient) -> list[Any]:
    """The params of all codanna/committed that came so far."""
    client.request("codanna/status")
    return [
        message["params"]
        for message in client.messages
        if message.get("method") == "codanna/committed"
    ]


def test_a_save_is_reported_once_it_is_durable_and_survives_a_kill(
    root: Path, cache: dict[str, str]
) -> None:
    app = root / "app.py"
    index_here(root, cache)
    with RawClient(environment=cache) as client:
        client.initialize(rootUri=root.as_uri(), capabilities=ASKED)
        before = wait_until_quiet(client)["roots"][0]["serial"]
        app.write_text("class Reported:\n    pass\n")
        save(client, app)
        said = client.wait_for(
            lambda m: (
                m.get("method") == "codanna/committed"
                and app.as_uri() in m["params"]["files"]
                and m["params"]["serial"] > before
            )
        )["params"]
        client.process.kill()
        client.wait_for_exit()
    assert said["uri"] == root.as_uri()
    assert said["serial"] == before + 1
    assert said["fileCount"] == 1
    with RawClient(environment=cache) as client:
        client.initialize(rootUri=root.as_uri())
        wait_until_quiet(client)
        assert symbols(client, "Reported") == ["app.py:0:6-14 Reported"]
        status = client.request("codanna/status")["roots"][0]
        assert status["serial"] >= said["serial"]
        assert shown(client) == []


def test_serials_grow_and_the_last_one_is_the_status(
    root: Path, cache: dict[str, str]
) -> None:
    """A first index, its checkpoint and two saves, each with its serial."""
    with session(root, cache=cache, capabilities=ASKED) as client:
        for number in range(2):
            (root / "app.py").write_text(f"class Saved{number}: pass\n")
            save(client, root / "app.py")
            name = f"app.py:0:6-12 Saved{number}"
            wait_for_symbols(client, f"Saved{number}", [name])
        wait_for_status(client, lambda s: s["roots"][0]["pendingFiles"] == 0)
        said = committed(client)
        serials = [one["serial"] for one in said]
        assert serials == sorted(set(serials))
        status = client.request("codanna/status")["roots"][0]
        assert serials[-1] == status["serial"]
        assert {one["generation"] for one in said} == {0, 1}
        assert sum(one["fileCount"] for one in said) >= 2


def test_only_those_who_ask_are_told(root: Path, cache: dict[str, str]) -> None:
    with session(root, cache=cache) as client:
        save(client, root / "app.py")
        assert committed(client) == []
