"""What each real editor gets, by the capabilities that it announced (tests/clients)."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_lsp
from lsprotocol import converters, types
from pytest_lsp import ClientServerConfig, LanguageClient

from tests.lsp.workspaces import PROFILES, profile, write_files

WIDE = 'x = "𝒳é"; target = 1\n\n\ndef größe(): return target\n\n\nname = "𝒳"; größe()\n'
FILES = {"wide.py": WIDE, "flat.py": "class Outer:\n    def inner(self): pass\n"}

_CONVERTER = converters.get_converter()
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def _units(text: str, encoding: str) -> int:
    codec, size = _UNITS[encoding]
    return len(text.encode(codec)) // size


@pytest.fixture(params=PROFILES)
def editor(request: pytest.FixtureRequest) -> Any:
    """The capabilities of one editor."""
    return profile(request.param)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_files(tmp_path / "project", FILES)


async def _session(
    lsp_client: LanguageClient, editor: Any, root: Path
) -> AsyncIterator[None]:
    """An initialized session of that editor, with the index complete."""
    capabilities = _CONVERTER.structure(editor, types.ClientCapabilities)
    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities,
            root_uri=root.as_uri(),
            workspace_folders=[types.WorkspaceFolder(root.as_uri(), "project")],
            initialization_options={"indexPlace": "memory"},
        )
    )
    while (await _status(lsp_client)).partial:
        pass
    yield
    await lsp_client.shutdown_session()


client = cast(
    "Any",
    pytest_lsp.fixture(  # pyright: ignore[reportUnknownMemberType]
        _session,
        config=ClientServerConfig(server_command=[sys.executable, "-m", "codanna_lsp"]),
    ),
)


async def _status(client: LanguageClient) -> Any:
    protocol: Any = client.protocol
    return await protocol.send_request_async("codanna/status", {})


def _open(client: LanguageClient, path: Path) -> str:
    uri = path.as_uri()
    text = path.read_text(encoding="utf-8")
    item = types.TextDocumentItem(uri, "python", 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    return uri


async def test_an_editor_gets_what_it_can_show(
    client: LanguageClient, editor: Any, root: Path
) -> None:
    """Columns in its encoding, links and trees where it takes them, ranges always."""
    offered = editor.get("general", {}).get("positionEncodings", ["utf-16"])
    encoding = offered[0]
    lines = WIDE.split("\n")

    def column(line: int, needle: str) -> int:
        return _units(lines[line][: lines[line].index(needle)], encoding)

    found = await client.workspace_symbol_async(types.WorkspaceSymbolParams("größe"))
    assert found
    place = found[0].location
    assert isinstance(place, types.Location)
    assert place.range == types.Range(
        types.Position(3, 4), types.Position(3, 4 + _units("größe", encoding))
    )
    found = await client.workspace_symbol_async(types.WorkspaceSymbolParams("target"))
    assert found
    place = found[0].location
    assert isinstance(place, types.Location)
    assert place.range.start == types.Position(0, column(0, "target"))

    uri = _open(client, root / "wide.py")
    answer = await client.text_document_definition_async(
        types.DefinitionParams(
            types.TextDocumentIdentifier(uri),
            types.Position(6, column(6, "größe") + 1),
        )
    )
    assert isinstance(answer, list)
    only = answer[0]
    links = editor["textDocument"].get("definition", {}).get("linkSupport", False)
    assert isinstance(only, types.LocationLink) == links
    if isinstance(only, types.LocationLink):
        assert only.origin_selection_range is not None
        assert only.origin_selection_range.start.character == column(6, "größe")
        target = only.target_selection_range
    else:
        target = only.range
    assert target.start == types.Position(3, 4)

    flat = _open(client, root / "flat.py")
    outline = await client.text_document_document_symbol_async(
        types.DocumentSymbolParams(types.TextDocumentIdentifier(flat))
    )
    assert outline
    trees = editor["textDocument"]["documentSymbol"].get(
        "hierarchicalDocumentSymbolSupport", False
    )
    if trees:
        (outer,) = outline
        assert isinstance(outer, types.DocumentSymbol)
        assert [child.name for child in outer.children or ()] == ["inner"]
    else:
        _, inner = outline
        assert isinstance(inner, types.SymbolInformation)
        assert (inner.name, inner.container_name) == ("inner", "Outer")
