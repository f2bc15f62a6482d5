"""What project files tell resolvers."""

import pytest

from codanna_lsp.extraction.extract import extract_facts
from codanna_lsp.languages.registry import get_language


def check_rows(path: str, text: str, *rows: str) -> None:
    facts = extract_facts(
        text.encode("utf-8", "surrogatepass"), get_language("project"), path
    )
    assert [f"{i.name} <- {i.module} : {i.original}" for i in facts.imports] == list(
        rows
    )
    assert not facts.symbols
    for item in facts.imports:
        f"{item.name}{item.module}".encode()


def test_tsconfig_with_comments_and_trailing_commas() -> None:
    check_rows(
        "tsconfig.json",
        """{ // how we build
          "extends": "./base.json",
          "references": [{"path": "../core"}],
          "compilerOptions": {
            "baseUrl": ".", /* here, */
            "paths": {"@app/*": ["src/*", "lib//*"], "http://x": ["y"],},
          },
        }""",
        " <- ./base.json : extends",
        " <- ../core : references",
        " <- . : baseUrl",
        "@app/* <- src/* : paths",
        "@app/* <- lib//* : paths",
        "http://x <- y : paths",
    )


def test_package_json_exports_are_flattened() -> None:
    check_rows(
        "packages/a/package.json",
        """{"name": "@x/a", "main": "./a.js", "types": "./a.d.ts",
            "exports": {
              ".": {"import": {"types": "./a.d.mts", "default": "./a.mjs"}, "require": "./a.cjs"},
              "./sub/*": "./src/*.js", "./none": null},
            "imports": {"#in": "./in.js"},
            "workspaces": {"packages": ["packages/*"]}}""",
        "@x/a <-  : name",
        ". <- ./a.js : main",
        ". <- ./a.d.ts : types",
        ". <- ./a.d.mts : exports",
        ". <- ./a.mjs : exports",
        ". <- ./a.cjs : exports",
        "./sub/* <- ./src/*.js : exports",
        "#in <- ./in.js : imports",
        " <- packages/* : workspaces",
    )


def test_exports_that_are_one_text() -> None:
    check_rows("package.json", '{"exports": "./a.js"}', ". <- ./a.js : exports")


def test_go_mod() -> None:
    check_rows(
        "go.mod",
        "module example.com/a // ours\n\ngo 1.22\n\nrequire b.com/c v1.2.3\n"
        "replace (\n\tb.com/c v1.2.3 => ../c\n)\nreplace d.com/d => ./d\n",
        "example.com/a <-  : module",
        "b.com/c <- ../c : replace",
        "d.com/d <- ./d : replace",
    )


def test_cargo() -> None:
    check_rows(
        "Cargo.toml",
        '[package]\nname = "a"\n[lib]\npath = "src/x.rs"\n'
        '[dependencies]\nb = {path = "../b"}\nserde = "1"\n'
        '[target.x.dependencies]\nc = {path = "c"}\n[workspace]\nmembers = ["m/*"]\n',
        "a <-  : name",
        " <- src/x.rs : lib",
        " <- m/* : workspace",
        "b <- ../b : dependency",
        "c <- c : dependency",
    )


def test_pyproject() -> None:
    check_rows(
        "pyproject.toml",
        '[project]\nname = "p"\n[tool.setuptools]\npackage-dir = {"" = "src"}\n'
        '[tool.setuptools.packages.find]\nwhere = ["lib"]\n'
        '[tool.poetry]\npackages = [{include = "q", from = "py"}]\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["code/r", "s"]\n',
        "p <-  : name",
        " <- src : package-dir",
        " <- lib : root",
        " <- py : root",
        " <- code : root",
        " <- . : root",
    )


@pytest.mark.parametrize(
    "path",
    ["tsconfig.json", "package.json", "go.mod", "Cargo.toml", "pyproject.toml", ""],
)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 50000,
        "{",
        "null",
        "[1]",
        '{"exports": [[]], "name": 3}',
        "a = [",
        "\ufeff",
        '{"exports": ' * 2000 + "1" + "}" * 2000,
        '{"compilerOptions": {"paths": [1]}}',
        '{"workspaces": {"packages": {}}, "imports": []}',
        "tool = 3",
        "=> =>",
    ],
)
def test_what_is_broken_gives_no_rows(path: str, text: str) -> None:
    check_rows(path, text)


def test_a_lone_surrogate_becomes_text() -> None:
    check_rows("package.json", '{"name": "a\\ud800"}', "a? <-  : name")
