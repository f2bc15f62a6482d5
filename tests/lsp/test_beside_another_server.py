"""The settings `features` and `fallbackOnly`: what is answered in which language."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from codanna_lsp.errors import SettingsError
from codanna_lsp.settings import DEFINITION, WORKSPACE_SYMBOL, Settings
from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    ANSWERS,
    check_answers,
    definition,
    outline,
    session,
    shown,
    symbols,
    wait_for_symbols,
)

PROVIDERS = {
    "workspaceSymbolProvider": True,
    "definitionProvider": True,
    "documentSymbolProvider": True,
}


def providers(client: RawClient) -> Mapping[str, Any]:
    """What `initialize` announced."""
    answer = next(
        m for m in client.messages if "capabilities" in (m.get("result") or ())
    )
    return {key: answer["result"]["capabilities"][key] for key in PROVIDERS}


def test_a_language_keeps_the_features_that_are_named(root: Path) -> None:
    options = {"features": {"python": ["workspaceSymbol"]}}
    with session(root, initializationOptions=options) as client:
        assert providers(client) == PROVIDERS
        check_answers(client)
        assert definition(client, root / "app.py", "shape.area") == []
        assert outline(client, root / "app.py") == []
        assert definition(client, root / "web" / "page.ts", "new Basket") == [
            "store.ts:0:13-19"
        ]
        assert outline(client, root / "web" / "store.ts") == ["Basket", "addItem"]


def test_a_star_is_every_other_language(root: Path) -> None:
    options = {"features": {"*": [], "python": ["workspaceSymbol", "definition"]}}
    with session(root, initializationOptions=options) as client:
        assert providers(client) == PROVIDERS | {"documentSymbolProvider": False}
        assert symbols(client, "Shape") == ANSWERS["Shape"]
        assert symbols(client, "Basket") == []
        assert definition(client, root / "web" / "page.ts", "new Basket") == []
        assert definition(client, root / "app.py", "shape.area") == ["base.py:3:8-12"]


def test_nothing_is_answered_where_another_server_does(root: Path) -> None:
    options = {"fallbackOnly": ["python", "rust"]}
    with session(root, initializationOptions=options) as client:
        assert symbols(client, "Shape") == []
        assert symbols(client, "ignite") == []
        assert symbols(client, "RunAll") == ANSWERS["RunAll"]
        assert definition(client, root / "app.py", "shape.area") == []
        assert outline(client, root / "app.py") == []
        # It is indexed all the same, so that taking the setting back needs no run.
        client.notify(
            "workspace/didChangeConfiguration", {"settings": {"fallbackOnly": []}}
        )
        wait_for_symbols(client, "Shape", ANSWERS["Shape"])
        assert definition(client, root / "app.py", "shape.area") == ["base.py:3:8-12"]


def test_nothing_at_all_may_be_answered(root: Path) -> None:
    options: dict[str, Any] = {"features": {"*": []}}
    with session(root, initializationOptions=options) as client:
        assert providers(client) == dict.fromkeys(PROVIDERS, False)
        assert symbols(client, "Shape") == []


@pytest.mark.parametrize("key", ["features", "fallbackOnly"])
def test_a_language_that_nobody_knows_is_told(root: Path, key: str) -> None:
    named: Any = ["klingon"] if key == "fallbackOnly" else {"klingon": []}
    with session(root, initializationOptions={key: named}) as client:
        (told,) = shown(client)
        assert f"setting {key!r} names what is no language here: 'klingon'" in told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"features": ["python"]}, "must be an object from languages to features"),
        ({"features": {"python": ["hover"]}}, "must be a list out of .*, not 'hover'"),
        ({"features": {"python": "definition"}}, "must be a list out of"),
        ({"fallbackOnly": "python"}, "must be a list of strings"),
        ({"fallbackOnly": [1]}, "must be a list of strings"),
    ],
)
def test_a_bad_value_is_told(given: Any, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        Settings.from_json(given)


def test_features_that_settings_allow_later_are_registered(root: Path) -> None:
    """A client asks only for what was declared."""
    takes_later = {"dynamicRegistration": True}
    capabilities = {
        "textDocument": {"definition": takes_later},
        "workspace": {"symbol": takes_later},
    }
    options: dict[str, Any] = {"features": {"*": ["workspaceSymbol"]}}
    with session(
        root, initializationOptions=options, capabilities=capabilities
    ) as client:
        assert providers(client)["definitionProvider"] is False
        for features in ({"python": ["definition"]}, {}):
            settings = {"settings": {"features": features}}
            client.notify("workspace/didChangeConfiguration", settings)
        asked = client.wait_for_method("client/registerCapability")
        (registration,) = asked["params"]["registrations"]
        assert registration["method"] == "textDocument/definition"
        assert definition(client, root / "app.py", "shape.area") == ["base.py:3:8-12"]
        registered = [m for m in client.messages if m.get("method") == asked["method"]]
        assert registered == [asked], "once, and nothing that this client cannot take"


def test_an_empty_table_of_lua_is_no_settings() -> None:
    assert Settings.from_json({"features": []}) == Settings()
    assert Settings.from_json([]) == Settings()


def test_settings_decide_by_language() -> None:
    settings = Settings.from_json(
        {"features": {"go": ["definition"]}, "fallbackOnly": ["python"]}
    )
    assert settings.answers(DEFINITION, "go")
    assert not settings.answers(WORKSPACE_SYMBOL, "go")
    assert not settings.answers(DEFINITION, "python")
    assert settings.answers(DEFINITION, "rust")
