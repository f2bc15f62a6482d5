"""Workspaces that mean harm: names, imports, nesting and sizes that no editor expects."""

import json
import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from tests.lsp.raw_client import RawClient
from tests.lsp.workspaces import (
    change,
    close,
    definition,
    index_file,
    open_file,
    save,
    session,
    shown,
    symbols,
    wait_for_symbols,
    write_files,
)

NAMES = (
    *(b"two\nlines.py", b"nu\xff8.py", b"back\r\x1b[2J.py", b"%41%.py", b"a?b#c.py"),
    *(b"back\\slash.py", b" .py", b"'; rm -rf ~ #.py", b"[a]*{b}.py", b"-rf.py"),
    *("zeile\u2028ende.py".encode(), "größe ｘ𝒳.py".encode(), b"x" * 250 + b".py"),
)
OUTSIDE = "class OutsideSecret:\n    def leak(self): pass\n"
IMPORTS = {
    "deep/er/up.py": (
        "from ........outside.secret import OutsideSecret\n"
        "from .......... import secret\nOutsideSecret().leak()\n"
    ),
    "deep/er/up.ts": (
        'import { OutsideSecret } from "../../../outside/secret";\n'
        'import * as all from "../../../../../../../../etc/passwd";\n'
        "new OutsideSecret();\n"
    ),
    "deep/er/up.c": (
        '#include "../../../outside/secret.h"\n#include "/etc/passwd"\n'
        "int main(void) { return outside_secret(); }\n"
    ),
    "deep/er/up.rs": '#[path = "../../../outside/secret.rs"]\nmod secret;\n',
    "go.mod": "module x\nreplace outside => ../outside\n",
    "deep/er/up.go": 'package up\nimport "outside"\nfunc a() { outside.Secret() }\n',
    "tsconfig.json": '{"extends": "../outside/tsconfig.json",'
    ' "compilerOptions": {"baseUrl": "../outside", "paths": {"*": ["../outside/*"]}}}',
    "package.json": '{"name": "x", "main": "../outside/secret.ts"}',
}
DEPTH = 10_000
LONG = json.dumps("x" * 10**6)


def test_files_of_any_name_are_found_and_defined(
    tmp_path: Path, cache: dict[str, str]
) -> None:
    root = write_files(tmp_path / "project", {"a.py": ""})
    letters = "abcdefghijklmnop"
    for letter, name in zip(letters, NAMES, strict=False):
        source = f"def strange_{letter * 3}(): pass\nstrange_{letter * 3}()\n"
        (root / os.fsdecode(name)).write_text(source)
    with session(root, cache=cache) as client:
        for letter, name in zip(letters, NAMES, strict=False):
            query = {"query": f"strange_{letter * 3}"}
            (found,) = client.request("workspace/symbol", query)
            uri = found["location"]["uri"]
            assert "\n" not in uri
            assert unquote_to_bytes(uri).endswith(b"/" + name), uri
            where = {
                "textDocument": {"uri": uri},
                "position": {"line": 1, "character": 2},
            }
            (target,) = client.request("textDocument/definition", where)
            assert (target["uri"], target["range"]["start"]["line"]) == (uri, 0)
            outline = client.request("textDocument/documentSymbol", where)
            assert [item["name"] for item in outline] == [f"strange_{letter * 3}"]
            path = root / os.fsdecode(name)
            path.write_text(f"def renamed_{letter * 3}(): pass\n")
            client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
            (found,) = client.request(
                "workspace/symbol", {"query": f"renamed_{letter * 3}"}
            )
            assert found["location"]["uri"] == uri
        assert shown(client) == []
    with session(root, cache=cache) as client:
        assert len(client.request("workspace/symbol", {"query": "renamed"})) == len(
            NAMES
        )
        assert shown(client) == []


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What no import may lead to: a reader of one of these pipes would wait for ever."""
    folder = write_files(tmp_path / "outside", {"readable.py": OUTSIDE})
    names = ("secret.py", "secret.ts", "secret.h", "secret.rs", "secret.go")
    for name in (*names, "__init__.py", "tsconfig.json"):
        os.mkfifo(folder / name)
    return folder


def test_imports_lead_to_no_file_outside(
    tmp_path: Path, outside: Path, cache: dict[str, str]
) -> None:
    root = write_files(tmp_path / "project", IMPORTS)
    (root / "linked.py").symlink_to(outside / "readable.py")
    (root / "folder").symlink_to(outside)
    os.mkfifo(root / "pipe.py")
    with session(root, cache=cache) as client:
        assert symbols(client, "OutsideSecret") == []
        for name in ("up.py", "up.ts", "up.c", "up.rs", "up.go"):
            path = root / "deep" / "er" / name
            open_file(client, path)
            lines = path.read_text().splitlines()
            for line, text in enumerate(lines):
                for column in range(0, len(text), 3):
                    where = {
                        "textDocument": {"uri": path.as_uri()},
                        "position": {"line": line, "character": column},
                    }
                    for found in client.request("textDocument/definition", where) or ():
                        uri = found.get("targetUri") or found["uri"]
                        assert uri.startswith(root.as_uri()), (text, column)
        assert shown(client) == []


def test_a_uri_that_climbs_out_is_no_file_of_the_root(
    tmp_path: Path, outside: Path, cache: dict[str, str]
) -> None:
    assert (outside / "secret.py").is_fifo()
    root = write_files(tmp_path / "project", {"a.py": "x = 1\n"})
    with session(root, cache=cache) as client:
        for climb in ("/../outside/secret.py", "/%2e%2e/outside/secret.py", "/..%2Fa"):
            document = {"uri": f"{root.as_uri()}{climb}"}
            client.notify("textDocument/didSave", {"textDocument": document})
            changes = [{"uri": document["uri"], "type": 2}]
            client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
            where = {"textDocument": document, "position": {"line": 0, "character": 0}}
            assert not client.request("textDocument/definition", where)
            assert not client.request("textDocument/documentSymbol", where)
        assert symbols(client, "OutsideSecret") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.py", "x = " + "(" * DEPTH + "1" + ")" * DEPTH),
        ("deep.ts", "const x = " + "[" * DEPTH + "]" * DEPTH + ";"),
        ("deep.js", "function f() {" * DEPTH + "}" * DEPTH),
        ("deep.c", "int f(void) " + "{" * DEPTH + "}" * DEPTH),
        ("deep.cpp", "int f() " + "{" * DEPTH + "}" * DEPTH),
        ("deep.rs", "mod m {" * DEPTH + "}" * DEPTH),
        ("deep.go", "package p\nvar x = " + "f(" * DEPTH + ")" * DEPTH),
        ("Deep.java", "class A {" * DEPTH + "}" * DEPTH),
    ],
)
def test_deep_nesting_on_disk_and_in_the_editor(
    tmp_path: Path, name: str, text: str
) -> None:
    root = write_files(
        tmp_path / "project", {name: text, "other.py": "class Fine: 0\n"}
    )
    path = root / name
    with session(root) as client:
        assert symbols(client, "Fine") == ["other.py:0:6-10 Fine"]
        ask_everything(client, path, len(text) // 2)
        open_file(client, path)
        change(client, path, ((0, 0), (0, 0), " "))
        ask_everything(client, path, len(text) // 2)
        save(client, path)
        close(client, path)
        assert symbols(client, "Fine") == ["other.py:0:6-10 Fine"]


def ask_everything(client: RawClient, path: Path, column: int) -> None:
    where = {
        "textDocument": {"uri": path.as_uri()},
        "position": {"line": 0, "character": column},
    }
    client.request("textDocument/definition", where)
    client.request("textDocument/documentSymbol", where)


def test_a_line_of_a_hundred_megabytes(tmp_path: Path, cache: dict[str, str]) -> None:
    """On disk it is listed, not read; from the client it is beyond a frame's limit."""
    root = write_files(tmp_path / "project", {"other.py": "class Fine: 0\n"})
    path = root / "wide.py"
    with path.open("wb") as file:
        for _ in range(100):
            file.write(b"x = 1; " * 150_000)
    with session(root, cache=cache) as client:
        skipped = client.request("codanna/status")["roots"][0]["skipped"]
        assert [item["path"] for item in skipped] == ["wide.py"]
        ask_everything(client, path, 50_000_000)
        save(client, path)
        assert definition(client, root / "other.py", "Fine") == ["other.py:0:6-10"]
    assert index_file(tmp_path, "index.meta").stat().st_size < 10_000


def test_a_wide_line_in_the_editor(tmp_path: Path) -> None:
    root = write_files(tmp_path / "project", {"wide.py": "class Fine: 0\n"})
    path = root / "wide.py"
    text = "x = 1; " * 1_500_000 + "class Wide: pass"
    with session(root) as client:
        open_file(client, path, text)
        ask_everything(client, path, len(text) - 7)
        change(client, path, ((0, 10**6), (0, 10**6 + 3), "y"))
        ask_everything(client, path, len(text) - 9)
        change(client, path, "class Narrow: 0\n")
        wait_for_symbols(client, "Narrow", ["wide.py:0:6-12 Narrow"])


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("x" * 1_000_000, id="1 MB"),
        pytest.param("x " * 500_000, id="1 MB of words"),
        pytest.param("path:" + "*a" * 400, id="a hostile glob"),
        pytest.param("path:" + "[" * 500, id="open brackets"),
        pytest.param("path:[!-~-\ud800]*", id="a class with a surrogate"),
        pytest.param("(" * 10_000, id="nesting"),
        pytest.param("NOT " * 100_000, id="NOT"),
        pytest.param("(a+)+$", id="nested quantifiers"),
        pytest.param('"' * 5000, id="quotes"),
        pytest.param("\ud800\udfff", id="surrogates"),
        pytest.param("\\", id="a backslash"),
        pytest.param("^" * 1000 + "$" * 1000, id="anchors"),
        pytest.param("'" + "\\E.*", id="a part"),
        pytest.param("::".join("a" * 300), id="qualifiers"),
    ],
)
def test_any_query_is_answered(shared: RawClient, query: str) -> None:
    assert isinstance(shared.request("workspace/symbol", {"query": query}), list)
    assert symbols(shared, "RunAll") == ["main.go:2:5-11 RunAll"]


@pytest.mark.parametrize(
    "value", ["1" + "0" * 12, "-1", "0", "1e308", "null", "[" * 9 + "]" * 9, LONG]
)
def test_absurd_limits_are_refused_in_one_short_line(
    tmp_path: Path, value: str
) -> None:
    root = write_files(tmp_path / "project", {"a.py": "class Fine: 0\n"})
    with session(
        root, initializationOptions={"symbolLimit": json.loads(value)}
    ) as client:
        (told,) = shown(client)
        assert "symbolLimit" in told
        assert len(told) < 300
        assert symbols(client, "Fine") == ["a.py:0:6-10 Fine"]
