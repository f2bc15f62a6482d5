"""What the VS Code extension declares is what the server knows; no editor is needed."""

import json
import re
from dataclasses import fields
from typing import Any

import pytest

from codanna_lsp.errors import SettingsError
from codanna_lsp.languages.registry import all_languages
from codanna_lsp.server.features.execute_command import COMMANDS
from codanna_lsp.settings import FEATURES, Settings
from tests.tidy.test_docs import LINK
from tests.tidy.tree import ROOT

EXTENSION = ROOT / "editors" / "vscode"
MANIFEST: dict[str, Any] = json.loads(
    (EXTENSION / "package.json").read_text(encoding="utf-8")
)
CONTRIBUTED: dict[str, Any] = MANIFEST["contributes"]


def source(name: str) -> str:
    return (EXTENSION / "src" / name).read_text(encoding="utf-8")


def test_every_setting_of_the_server_is_declared_with_its_default() -> None:
    own = re.search(
        r"OWN_KEYS = new Set\(\[(.*?)\]\)", source("settings.ts"), re.DOTALL
    )
    assert own is not None
    declared = {
        key.removeprefix("codanna."): value["default"]
        for key, value in CONTRIBUTED["configuration"]["properties"].items()
    }
    for key in re.findall(r'"([\w.]+)"', own.group(1)):
        del declared[key]
    defaults: dict[str, Any] = {}
    for field in fields(Settings):
        head, *rest = field.name.split("_")
        key = head + "".join(part.capitalize() for part in rest)
        defaults[key] = getattr(Settings(), field.name)
    assert declared == json.loads(json.dumps(defaults))
    Settings.from_json(declared)


def test_what_a_setting_may_be_is_what_the_server_takes() -> None:
    declared = CONTRIBUTED["configuration"]["properties"]
    languages = {language.id for language in all_languages() if language.lsp_ids}
    for key in ("fallbackOnly", "languagesOff"):
        assert set(declared[f"codanna.{key}"]["items"]["enum"]) == languages
    offered = declared["codanna.features"]["additionalProperties"]["items"]["enum"]
    assert set(offered) == set(FEATURES)
    for key, schema in declared.items():
        name = key.removeprefix("codanna.")
        for value in (schema.get("minimum"), schema.get("maximum")):
            if value is not None:
                Settings.from_json({name: value})
        beyond = (schema.get("minimum", 1) - 1, schema.get("maximum", -2) + 1)
        for value in beyond if schema["type"] == "integer" else ():
            with pytest.raises(SettingsError):
                Settings.from_json({name: value})


def test_the_packed_pages_lead_nowhere_outside() -> None:
    """Who installs the extension has no repository around it."""
    pages = [EXTENSION / "README.md", *(EXTENSION / "walkthrough").glob("*.md")]
    assert len(pages) > 1
    for page in pages:
        links = LINK.findall(page.read_text(encoding="utf-8"))
        assert not [link for link in links if link.startswith("..")], page.name


def test_every_declared_command_is_registered() -> None:
    listed = {
        one["command"].removeprefix("codanna.") for one in CONTRIBUTED["commands"]
    }
    handlers = source("extension.ts").partition("const handlers")[2]
    registered = set(re.findall(r"^    (\w+): \(", handlers, re.MULTILINE))
    assert registered == listed | {"showActions"}
    # The language client registers the server's own: the same name twice is an error.
    assert not {f"codanna.{name}" for name in registered} & set(COMMANDS)
    used = set(re.findall(r'"(codanna\.\w+)"', source("indexCommands.ts")))
    asked = {name for name in used if name in COMMANDS}
    assert asked == set(COMMANDS) - {"codanna.status"}


def test_the_languages_are_those_of_the_server() -> None:
    known = {name for language in all_languages() for name in language.lsp_ids}
    listed = re.search(r"LANGUAGES = \[(.*?)\]", source("client.ts"), re.DOTALL)
    assert listed is not None
    assert set(re.findall(r'"(\w+)"', listed.group(1))) == known
    started = {f"onLanguage:{name}" for name in known}
    assert started <= set(MANIFEST["activationEvents"])
    suffixes = source("languages.ts")
    for language in all_languages():
        for extension in language.extensions:
            name = re.escape(extension.removeprefix("."))
            assert re.search(rf'^  "?{name}"?: ', suffixes, re.MULTILINE), extension


def test_what_names_a_program_or_a_folder_waits_for_trust() -> None:
    limited = MANIFEST["capabilities"]["untrustedWorkspaces"]
    assert limited["supported"] == "limited"
    assert {"path", "interpreter", "importStrategy", "indexFolder", "indexPlace"} <= {
        key.removeprefix("codanna.") for key in limited["restrictedConfigurations"]
    }
    assert MANIFEST["capabilities"]["virtualWorkspaces"]["supported"] is False
