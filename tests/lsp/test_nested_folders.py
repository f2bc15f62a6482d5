"""A workspace folder inside of another one, as monorepos are opened."""

from pathlib import Path

from tests.lsp.workspaces import (
    change,
    definition,
    open_file,
    session,
    symbols,
    wait_for_symbols,
    write_files,
)

FILES = {"lib/tool.py": "def hammer(): pass\n", "hammers.py": "def hammers(): pass\n"}
BOTH = ["tool.py:0:4-10 hammer", "hammers.py:0:4-11 hammers"]


def test_a_symbol_of_a_nested_folder_is_answered_once(tmp_path: Path) -> None:
    root = write_files(tmp_path / "outer", FILES)
    folders = [{"uri": at.as_uri(), "name": "x"} for at in (root, root / "lib")]
    with session(root, workspaceFolders=folders) as client:
        assert symbols(client, "hammer") == BOTH
        tool = root / "lib" / "tool.py"
        open_file(client, tool)
        change(client, tool, "\n\ndef hammer(): pass\n")
        assert symbols(client, "hammer") == ["tool.py:2:4-10 hammer", BOTH[1]]
        change(client, tool, "\n", version=3)
        assert symbols(client, "hammer") == BOTH[1:], "not what stands on disk"


def test_a_folder_that_is_opened_inside_of_another_loses_nothing(
    tmp_path: Path,
) -> None:
    root = write_files(tmp_path / "outer", FILES)
    inner = [{"uri": (root / "lib").as_uri(), "name": "lib"}]
    with session(root) as client:
        for event in (
            {"added": inner, "removed": []},
            {"added": [], "removed": inner},
        ):
            client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
            assert symbols(client, "hammer") == BOTH
            wait_for_symbols(client, "hammer", BOTH)


def test_a_definition_leads_out_of_a_nested_folder_and_into_it(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/till.py": "def pay(): pass\ndef count(): pass\n",
        "shop/web/__init__.py": "",
        "shop/web/page.py": "from shop.till import pay\n\npay()\n",
        "shop/app.py": "from shop.web.page import pay\nimport shop.web.page\n",
    }
    root = write_files(tmp_path / "outer", files)
    page = root / "shop" / "web" / "page.py"
    folders = [{"uri": at.as_uri(), "name": "x"} for at in (root, page.parent)]
    with session(root, workspaceFolders=folders) as client:
        assert definition(client, page, "\npay") == ["till.py:0:4-7"]
        assert definition(client, root / "shop" / "app.py", "web.page") == [
            "page.py:0:0-0"
        ]
        open_file(client, page)
        change(client, page, ((0, 0), (0, 0), "\n"))
        place = {"line": 3, "character": 1}
        document = {"uri": page.as_uri()}
        (found,) = client.request(
            "textDocument/definition", {"textDocument": document, "position": place}
        )
        assert found["uri"] == (root / "shop" / "till.py").as_uri()
