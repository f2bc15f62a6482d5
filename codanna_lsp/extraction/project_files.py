"""Facts of project files: what each says of where modules lie, as Imports.

| file | rows: name <- module : original |
|---|---|
| tsconfig, jsconfig | pattern <- target : paths; "" <- folder : baseUrl, rootDirs; "" <- file : extends, references |
| package.json | package <- "" : name; "." <- file : main, module, types, typings, source, browser; subpath <- file : exports (in the order of conditions); "#x" <- file : imports; "" <- pattern : workspaces |
| go.mod | module <- "" : module; old <- new : replace |
| Cargo.toml | package <- "" : name; library <- file : lib; "" <- pattern : workspace; crate <- folder : dependency |
| pyproject.toml | project <- "" : name; package <- folder : package-dir; "" <- folder : root |

Invariant: never raises; what is broken or not understood gives no rows.
"""

import json
import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, cast

from codanna_lsp.extraction.lines import line_starts
from codanna_lsp.model.facts import FileFacts, Reason
from codanna_lsp.model.imports import Import

SOURCE_LIMIT = 1_000_000  # bytes; what is larger is no hand-written project file
ROW_LIMIT = 5_000
TEXT_LIMIT = 1_000  # characters of a name or target; longer ones are left out
_DEPTH_LIMIT = 16  # of nested conditions in `exports`

Row = tuple[str, str, str]

_STRING = r"(\"(?:\\.|[^\"\\])*\")"
_COMMENTS = re.compile(_STRING + r"|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_LAST_COMMAS = re.compile(_STRING + r"|,(?=\s*[\]}])")


def extract_project_facts(source: bytes, path: str) -> FileFacts:
    """The rows of one project file, told by its name; a missing name gives none."""
    name = path.rpartition("/")[2].lower()
    if len(source) > SOURCE_LIMIT:
        return FileFacts("project", (), (), (), (), Reason.TOO_LARGE)
    lines = line_starts(source)
    imports: list[Import] = []
    at = 0
    for row in islice(_rows(name, source.decode("utf-8", "replace")), ROW_LIMIT):
        name_text, module, original = (_clean(part) for part in row)
        if max(len(name_text), len(module)) <= TEXT_LIMIT:
            at = _find(source, (module or name_text).encode(), at)
            line = bisect_right(lines, at) - 1
            column = at - lines[line]
            imports.append(Import(name_text, module, original, False, line, column))
    return FileFacts("project", (), (), tuple(imports), ())


def _rows(name: str, text: str) -> Iterator[Row]:
    readers: dict[str, Callable[[Mapping[str, Any]], Iterator[Row]]] = {
        "package.json": _read_package_json,
        "cargo.toml": _read_cargo,
        "pyproject.toml": _read_pyproject,
    }
    if name == "go.mod":
        return _read_go_mod(text)
    reader = readers.get(name, _read_tsconfig)
    data = _parse_toml(text) if name.endswith(".toml") else _parse_json(text)
    return reader(data)


def _clean(text: str) -> str:
    """Without lone surrogates, which JSON can spell and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _find(source: bytes, text: bytes, after: int) -> int:
    """Where the text stands, best after the row before; 0 when it is escaped."""
    at = source.find(text, after)
    return max(0, at if at >= 0 else source.find(text))


def _parse_json(text: str) -> Mapping[str, Any]:
    """A JSON object; comments and trailing commas are allowed, as tsc has it."""
    plain = _LAST_COMMAS.sub(_keep_string, _COMMENTS.sub(_keep_string, text))
    try:
        data = json.loads(plain)
    except (ValueError, RecursionError):
        return {}
    return _as_table(data)


def _keep_string(found: re.Match[str]) -> str:
    return found[1] or " "


def _parse_toml(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def _table(data: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The table under these keys, {} where there is none."""
    value: Any = data
    for key in keys:
        value = _as_table(value).get(key)
    return _as_table(value)


def _as_table(value: Any) -> Mapping[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _as_list(value: Any) -> list[Any]:
    return list(cast("Iterable[Any]", value)) if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    """A string, or the strings of a list; nothing else."""
    values = _as_list(value) or [value]
    return [item for item in values if isinstance(item, str)]


def _read_tsconfig(data: Mapping[str, Any]) -> Iterator[Row]:
    for text in _texts(data.get("extends")):
        yield "", text, "extends"
    for item in _as_list(data.get("references")):
        for text in _texts(_as_table(item).get("path")):
            yield "", text, "references"
    options = _table(data, "compilerOptions")
    for text in _texts(options.get("baseUrl")):
        yield "", text, "baseUrl"
    for text in _texts(options.get("rootDirs")):
        yield "", text, "rootDirs"
    for pattern, targets in _table(options, "paths").items():
        for text in _texts(targets):
            yield pattern, text, "paths"


_ENTRY_KEYS = ("main", "module", "types", "typings", "source", "browser")


def _read_package_json(data: Mapping[str, Any]) -> Iterator[Row]:
    if isinstance(data.get("name"), str):
        yield data["name"], "", "name"
    for key in _ENTRY_KEYS:
        if isinstance(data.get(key), str):
            yield ".", data[key], key
    yield from _conditions(".", data.get("exports"), "exports", 0)
    for name, target in _table(data, "imports").items():
        yield from _conditions(name, target, "imports", 0)
    workspaces = data.get("workspaces")
    for text in _texts(_as_table(workspaces).get("packages") or workspaces):
        yield "", text, "workspaces"


def _conditions(name: str, target: Any, original: str, depth: int) -> Iterator[Row]:
    """Every target of a subpath; nested conditions in the order they are written."""
    if isinstance(target, str):
        yield name, target, original
    elif isinstance(target, list):
        for text in _texts(target):
            yield name, text, original
    elif isinstance(target, dict) and depth < _DEPTH_LIMIT:
        for key, value in _as_table(target).items():
            subpath = key if key.startswith(".") else name
            yield from _conditions(subpath, value, original, depth + 1)


_GO_MODULE = re.compile(r"^\s*module\s+\"?([^\s\"]+)", re.MULTILINE)
_GO_REPLACE = re.compile(
    r"^[ \t]*(?:replace[ \t]+)?([^\s(/][^\s(]*)(?:[ \t]+v\S+)?[ \t]*=>[ \t]*(\S+)",
    re.MULTILINE,
)


def _read_go_mod(text: str) -> Iterator[Row]:
    text = re.sub(r"//[^\n]*", "", text)
    for found in _GO_MODULE.finditer(text):
        yield found[1], "", "module"
    for found in _GO_REPLACE.finditer(text):
        yield found[1].strip('"'), found[2].strip('"'), "replace"


_DEPENDENCY_TABLES = ("dependencies", "dev-dependencies", "build-dependencies")


def _read_cargo(data: Mapping[str, Any]) -> Iterator[Row]:
    name = _table(data, "package").get("name")
    if isinstance(name, str):
        yield name, "", "name"
    library = _table(data, "lib")
    for text in _texts(library.get("path")):
        yield _first_text(library.get("name")), text, "lib"
    for text in _texts(_table(data, "workspace").get("members")):
        yield "", text, "workspace"
    places = [data, _table(data, "workspace")]
    places += [_table(data, "target", key) for key in _table(data, "target")]
    for place in places:
        for key in _DEPENDENCY_TABLES:
            for crate, told in _table(place, key).items():
                for text in _texts(_as_table(told).get("path")):
                    yield crate, text, "dependency"


def _first_text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _read_pyproject(data: Mapping[str, Any]) -> Iterator[Row]:
    name = _table(data, "project").get("name")
    if isinstance(name, str):
        yield name, "", "name"
    setuptools = _table(data, "tool", "setuptools")
    for package, folder in _table(setuptools, "package-dir").items():
        for text in _texts(folder):
            yield package, text, "package-dir"
    for text in _texts(_table(setuptools, "packages", "find").get("where")):
        yield "", text, "root"
    for item in _as_list(_table(data, "tool", "poetry").get("packages")):
        for text in _texts(_as_table(item).get("from")):
            yield "", text, "root"
    wheel = _table(data, "tool", "hatch", "build", "targets", "wheel")
    for text in _texts(wheel.get("packages")):
        yield "", text.rpartition("/")[0] or ".", "root"
    for text in _texts(wheel.get("sources")):
        yield "", text, "root"
    for checker in ("pyright", "basedpyright"):
        for text in _texts(_table(data, "tool", checker).get("extraPaths")):
            yield "", text, "root"
